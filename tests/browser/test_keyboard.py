"""Everything by keyboard; the focus is never lost, and never taken from anybody."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.scene import answers, open_chat, say
from tests.web import Live

# What has the focus: its visible name or text, inside the widget or outside.
FOCUS = """() => {
    const inside = document.activeElement?.shadowRoot?.activeElement
    const node = inside ?? document.activeElement
    return node === document.body ? 'BODY' : node.getAttribute('aria-label') || node.labels?.[0]?.textContent
        || node.textContent
}"""


def focus(page: Page) -> str:
    """What has the focus."""
    return str(page.evaluate(FOCUS))


def test_a_whole_conversation_with_the_keyboard_alone(page: Page, server: Live, embedded: str) -> None:
    page.goto(embedded)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focus(page).startswith("Besoin d’aide ?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Mon enfant est harcelé en ligne").wait_for()
    assert focus(page) == "Votre message"
    page.keyboard.type("on insulte mon fils")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    assert focus(page) == "Votre message"
    # The last choices are right before the field.
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert focus(page) == "Non, pas en ce moment"
    page.keyboard.press("Space")
    page.get_by_role("button", name="Je suis parent").wait_for()
    assert focus(page) == "Vous : Non, pas en ce moment"
    # From what was said, one key leads to the new choices.
    page.keyboard.press("Tab")
    assert focus(page) == "Cela m'arrive à moi"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".plan h3").first.wait_for()
    assert focus(page) == "Vous : Je suis parent ou représentant légal"
    page.keyboard.press("Tab")
    assert focus(page).startswith("1. ")
    page.keyboard.press("Escape")
    assert focus(page).startswith("Besoin d’aide ?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".plan h3").first).to_be_visible()
    assert server.bot.said()[0] == "on insulte mon fils"


def test_a_line_break_is_written_with_shift(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    page.get_by_label("Votre message").press_sequentially("un")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("deux")
    page.keyboard.press("Enter")
    answers(page, 2)
    assert server.bot.said() == ["un\ndeux"]


def test_an_empty_message_is_not_sent(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    say(page, "   ")
    say(page, "bonjour")
    answers(page, 2)
    assert server.bot.said() == ["bonjour"]


def test_an_answer_that_comes_takes_the_focus_from_nobody(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    held = []
    page.route("**/webhook", lambda route: held.append(route))
    with page.expect_request("**/webhook"):
        say(page, "on insulte mon fils")
    page.get_by_role("link", name="Un lien").focus()
    held[0].continue_()
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    assert focus(page) == "Un lien"


def test_escape_closes_what_is_open_one_thing_after_the_other(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Recommencer").focus()
    page.keyboard.press("Escape")
    assert focus(page) == "Options"
    expect(page.get_by_role("button", name="Recommencer")).to_be_hidden()
    page.get_by_role("button", name="Tous les numéros").click()
    page.get_by_role("link", name="Appeler le 119").focus()
    page.keyboard.press("Escape")
    assert focus(page) == "Tous les numéros"
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("entry", ["Voir le plan", "Parler à quelqu’un", "Recommencer", "Tout effacer"])
def test_after_a_menu_entry_the_focus_stands_somewhere(page: Page, embedded: str, entry: str) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name=entry).press("Enter")
    expect(page.get_by_role("button", name=entry)).to_be_hidden()
    assert focus(page) in ("Options", "Votre message")


def test_an_answer_can_be_changed_by_keyboard(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    say(page, "on insulte mon fils")
    page.get_by_role("button", name="Non, pas en ce moment").click()
    page.get_by_role("button", name="Je suis parent").click()
    page.locator(".plan h3").first.wait_for()
    page.get_by_role("button", name="Changer la réponse « Je suis parent").press("Enter")
    assert focus(page) == "Cela m'arrive à moi"
    page.get_by_role("button", name="Je suis témoin").press("Enter")
    page.get_by_text("C'est noté, je corrige.").wait_for()
    assert focus(page) == "Vous : En fait : Je suis témoin, ami ou proche"
    assert server.bot.said()[-1] == '/repondre{"profil": "temoin"}'
    expect(page.get_by_role("group", name="Changer la réponse")).to_have_count(0)


def test_one_may_go_back_to_the_question_before(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    say(page, "on insulte mon fils")
    expect(page.get_by_role("button", name="Revenir à la question d’avant")).to_have_count(0)
    page.get_by_role("button", name="Non, pas en ce moment").click()
    page.get_by_role("button", name="Revenir à la question d’avant").click()
    page.get_by_text("j'efface votre dernière réponse").wait_for()
    assert server.bot.said()[-1] == "/retour"


def test_free_text_answers_a_question_and_takes_its_buttons_away(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    say(page, "on insulte mon fils")
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    say(page, "non ça va")
    answers(page, 3)
    expect(page.get_by_role("button", name="Non, pas en ce moment")).to_have_count(0)
    assert server.bot.said()[-1] == "non ça va"


def test_over_a_phones_whole_screen_the_focus_stays_in_it(context: BrowserContext, server: Live, embedded: str) -> None:
    assert context.browser
    phone = context.browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(embedded)
    page.get_by_role("button", name="Besoin d’aide ?").tap()
    page.get_by_role("button", name="Mon enfant est harcelé en ligne").wait_for()
    # A field with the focus would open the phone's keyboard over the welcome.
    assert focus(page) == "Boussole"
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.add(focus(page))
    assert "Un lien" not in seen
    assert "BODY" not in seen
    assert {"Quitter vite", "Options", "Envoyer", "Votre message"} <= seen
    page.keyboard.press("Escape")
    assert focus(page).startswith("Besoin d’aide ?")
    phone.close()


def test_beside_a_page_the_focus_may_leave_the_window(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Envoyer").focus()
    page.keyboard.press("Tab")
    assert focus(page) != "Boussole"
    expect(page.get_by_role("dialog")).not_to_have_attribute("aria-modal", "true")
