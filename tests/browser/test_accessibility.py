"""What people with assistive technology, large texts, small screens or their own colours get."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from boussole.triage.knowledge import PROJECT
from tests.browser.scene import answers, axe, open_chat, question, say, to_plan
from tests.web import Live, custom, text


def welcome(page: Page, address: str) -> None:
    """The chat, just opened."""
    open_chat(page, address)


def choices(page: Page, address: str) -> None:
    """A question with its choices."""
    open_chat(page, address)
    say(page, "on insulte mon fils")
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()


def plan(page: Page, address: str) -> None:
    """The plan, unfolded."""
    open_chat(page, address)
    to_plan(page)
    page.get_by_role("button", name="Tout déplier").click()


def changing(page: Page, address: str) -> None:
    """An answer that is being changed."""
    plan(page, address)
    page.get_by_role("button", name="Changer la réponse").first.click()


def emergency(page: Page, address: str) -> None:
    """An emergency text and the next question."""
    open_chat(page, address)
    say(page, "je veux mourir")
    page.locator(".alert").wait_for()


def menu(page: Page, address: str) -> None:
    """The options."""
    open_chat(page, address)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Garder la conversation").click()


def numbers(page: Page, address: str) -> None:
    """All the numbers."""
    open_chat(page, address)
    page.get_by_role("button", name="Tous les numéros").click()


def discreet(page: Page, address: str) -> None:
    """The discreet mode."""
    open_chat(page, address)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Mode discret").click()
    page.keyboard.press("Escape")


def waiting(page: Page, address: str) -> None:
    """A message whose answer does not come."""
    open_chat(page, address)
    page.evaluate("() => { window.fetch = () => new Promise(() => {}) }")
    say(page, "bonjour")
    page.get_by_text("Boussole écrit…").wait_for()


def failed(page: Page, address: str) -> None:
    """A message that did not leave."""
    open_chat(page, address)
    page.route("**/webhook", lambda route: route.fulfill(status=400, body="{}"))
    say(page, "bonjour")
    page.get_by_role("button", name="Réessayer").wait_for()


def launcher(page: Page, address: str) -> None:
    """The button alone."""
    page.goto(address)
    page.get_by_role("button", name="Besoin d’aide ?").wait_for()


def unreachable(page: Page, address: str) -> None:
    """The button's own numbers, when the rest cannot come."""
    page.goto(address)
    page.route("**/boussole/chat-*", lambda route: route.abort())
    page.get_by_role("button", name="Besoin d’aide ?").click()
    page.get_by_role("button", name="Réessayer").wait_for()


STATES = (launcher, welcome, choices, plan, changing, emergency, menu, numbers, discreet, waiting, failed, unreachable)
State = Callable[[Page, str], None]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
VISITORS: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "dark": {**DESKTOP, "color_scheme": "dark"},
    "phone": PHONE,
    "dark phone": {**PHONE, "color_scheme": "dark"},
}
SMALL = """() => [...document.querySelector('boussole-chat').shadowRoot
    .querySelectorAll('a, button, summary, textarea')]
    .filter((node) => node.getClientRects().length && !node.closest('p, .said li, .services li > span, .alert li')
        || node.matches('.alert a[href^=tel]'))
    .map((node) => [node.textContent.slice(0, 40), node.getBoundingClientRect()])
    .filter(([, box]) => box.width < 43.9 || box.height < 43.9)
    .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
WIDE = """() => document.documentElement.scrollWidth > innerWidth
    || [...document.querySelector('boussole-chat').shadowRoot.querySelectorAll('.panel *')]
        .some((node) => node.getClientRects().length && node.getBoundingClientRect().right > innerWidth + 1)"""


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Any:
    """A page for one of :data:`VISITORS`."""
    context = browser.new_context(locale="fr-FR", **VISITORS[request.param])
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("visitor", VISITORS, indirect=True)
def test_axe_finds_nothing(visitor: Page, server: Live, embedded: str, state: State) -> None:
    state(visitor, embedded)
    assert axe(visitor) == []


@pytest.mark.parametrize("path", ["/", "/integrer"])
@pytest.mark.parametrize("visitor", VISITORS, indirect=True)
def test_axe_finds_nothing_on_the_servers_own_pages(visitor: Page, server: Live, path: str) -> None:
    visitor.goto(server.url + path)
    if path == "/":
        to_plan(visitor)
    assert axe(visitor) == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("visitor", ["phone"], indirect=True)
def test_on_a_small_phone_every_target_is_large_and_nothing_is_cut(
    visitor: Page, server: Live, embedded: str, state: State
) -> None:
    state(visitor, embedded)
    assert visitor.evaluate(SMALL) == []
    assert not visitor.evaluate(WIDE)


@pytest.mark.parametrize("state", [choices, plan, menu], ids=lambda state: state.__name__)
def test_texts_twice_as_large_stay_whole(browser: Browser, server: Live, sites: Any, state: State) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    session = context.new_cdp_session(page)
    # What somebody sets in their browser: the default size of texts.
    session.send("Page.enable")
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    state(page, sites.embed(server.url))
    size = page.locator("textarea").evaluate("node => getComputedStyle(node).fontSize")
    assert size == "32px"
    assert not page.evaluate(WIDE)
    expect(page.get_by_role("button", name="Quitter vite")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Envoyer")).to_be_in_viewport(ratio=1)
    context.close()


def test_a_screen_reader_is_told_what_everything_is(page: Page, server: Live, embedded: str) -> None:
    page.goto(embedded)
    expect(
        page.get_by_role("button", name="Besoin d’aide ? Ouvrir Boussole, l’assistant cyberharcèlement")
    ).to_be_visible()
    choices(page, embedded)
    dialog = page.get_by_role("dialog", name="Boussole")
    expect(dialog.get_by_role("log", name="Conversation")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Votre message")).to_have_accessible_description(
        "Ne donnez ni nom ni adresse."
    )
    expect(dialog.get_by_role("group", name="Numéros d’urgence").get_by_role("link")).to_have_count(4)
    expect(dialog.get_by_role("group", name="Choix").get_by_role("button")).to_have_count(5)
    expect(dialog.get_by_role("button", name="Fermer la fenêtre")).to_be_visible()
    assert page.locator(".panel").get_attribute("lang") == "fr"
    tree = dialog.get_by_role("log").aria_snapshot()
    assert "Vous : on insulte mon fils" in tree
    assert tree.count("Boussole :") == 2
    assert tree.index("Bonjour.") < tree.index("Vous : on insulte") < tree.index("danger physique")


def test_the_log_stands_empty_before_the_first_words_so_that_they_are_said(page: Page, embedded: str) -> None:
    page.goto(embedded)
    counts = page.evaluate("""async () => {
        const chat = document.querySelector('boussole-chat')
        const log = () => chat.shadowRoot.querySelector('[role=log]')
        const until = (test) => new Promise((done) => {
            const look = () => test() ? done() : requestAnimationFrame(look)
            look()
        })
        const made = new Promise((done) => new MutationObserver(() => {
            if (log()) done(log().querySelectorAll('li').length)
        }).observe(chat.shadowRoot, {childList: true}))
        chat.shadowRoot.querySelector('.launcher').click()
        const first = await made
        await until(() => log().querySelector('li'))
        return [first, log().querySelectorAll('li').length]
    }""")
    assert counts == [0, 1]


def test_steps_of_the_plan_are_headings_in_a_list_and_say_when_they_may_not_apply(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    to_plan(page)
    headings = page.locator(".plan").get_by_role("heading", level=3).all_inner_texts()
    assert [heading.split(".")[0] for heading in headings] == [str(number + 1) for number in range(len(headings))]
    assert any("peut-être" in heading for heading in headings)
    expect(page.get_by_text("Échéance : 12 décembre 2026")).to_be_visible()
    expect(page.get_by_text("ouvert maintenant").first).to_be_visible()
    expect(page.get_by_role("link", name="Appeler le 3018").first).to_have_attribute("href", "tel:3018")


def test_a_number_is_in_view_where_it_counts_and_not_on_every_card(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    to_plan(page)
    cards = page.locator(".plan > li")
    about = cards.filter(has=page.get_by_role("heading", name="Appelez le 3018"))
    expect(about.locator("details")).not_to_have_attribute("open", "")
    expect(about.get_by_role("link", name="Appeler le 3018").first).to_be_visible()
    evidence = cards.filter(has=page.get_by_role("heading", name="Gardez des preuves"))
    expect(evidence.get_by_role("link", name="Appeler le 3018")).to_be_hidden()
    evidence.locator("summary").click()
    expect(evidence.get_by_role("link", name="Appeler le 3018")).to_be_visible()


def test_an_emergency_comes_first_with_links_to_call_and_to_write(page: Page, embedded: str) -> None:
    emergency(page, embedded)
    alert = page.locator(".alert")
    expect(alert.get_by_role("link", name="3114", exact=True)).to_have_attribute("href", "tel:3114")
    expect(alert.get_by_role("link", name="114", exact=True)).to_have_attribute("href", "sms:114")
    assert page.locator(".alert, .choices").first.evaluate("node => node.className") == "alert"


def test_links_to_other_sites_say_that_they_open_a_tab_and_tell_them_nothing(page: Page, embedded: str) -> None:
    plan(page, embedded)
    for link in page.locator(".plan a[href^=https]").all():
        expect(link).to_contain_text("(nouvel onglet)")
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_someones_own_colours_keep_borders_and_icons(page: Page, server: Live, embedded: str) -> None:
    page.emulate_media(forced_colors="active")
    plan(page, embedded)
    for part in (".bubble", ".main", ".exit", ".plan > li", ".call"):
        node = page.locator(part).first
        assert node.evaluate("node => getComputedStyle(node).borderTopStyle") == "solid"
        assert node.evaluate("node => parseFloat(getComputedStyle(node).borderTopWidth)") >= 1


def test_nothing_moves_for_those_who_asked_for_stillness(page: Page, embedded: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    waiting(page, embedded)
    assert page.locator(".status").evaluate("node => getComputedStyle(node).animationName") == "none"
    assert page.locator(".log").evaluate("node => getComputedStyle(node).scrollBehavior") == "auto"


def test_the_way_out_and_the_numbers_stay_in_view_above_a_phones_keyboard(
    browser: Browser, server: Live, embedded: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 300}, has_touch=True, is_mobile=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    plan(page, embedded)
    for name in ("Quitter vite", "Envoyer", "Tous les numéros"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    box = page.locator(".log").bounding_box()
    assert box is not None
    assert box["height"] > 60
    context.close()


def test_a_long_answer_is_read_from_its_beginning(page: Page, server: Live, embedded: str) -> None:
    server.bot.answers["long"] = [text("\n".join(f"Ligne {number}." for number in range(80))), *question("profil")]
    open_chat(page, embedded)
    page.emulate_media(reduced_motion="reduce")
    say(page, "long")
    answers(page, 2)
    expect(page.get_by_text("Ligne 0.", exact=True)).to_be_in_viewport()


def test_what_another_version_of_the_server_says_breaks_nothing(page: Page, server: Live, embedded: str) -> None:
    server.bot.answers["futur"] = [
        custom(type="inconnu", steps="x"), {"image": "https://x.example/a.png"}, custom(type="plan", steps=[{}]),
        text("Suite."),
    ]  # fmt: skip
    open_chat(page, embedded)
    say(page, "futur")
    expect(page.get_by_text("Suite.")).to_be_visible()


def test_the_statement_says_what_was_tested() -> None:
    statement = (PROJECT / "docs" / "accessibilite.md").read_text(encoding="utf-8")
    for word in ("axe-core", "RGAA", "WCAG 2.2", "lecteur d'écran", "non testé"):
        assert word in statement
