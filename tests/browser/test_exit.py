"""Leaving at once, and being discreet."""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.scene import EXIT, Sites, answers, open_chat, say
from tests.web import Live

PRESS_THREE = ["Shift", "Shift", "Shift"]


@pytest.fixture(autouse=True)
def weather(context: BrowserContext) -> None:
    """The neutral site, which is not on this machine."""
    context.route(f"{EXIT}**", lambda route: route.fulfill(body="<title>Météo</title>", content_type="text/html"))


def sender(page: Page) -> str:
    """The conversation's id, from what the page sends next."""
    with page.expect_request("**/webhooks/rest/webhook") as sent:
        say(page, "bonjour")
    answers(page, 2)
    return str(json.loads(sent.value.post_data or "{}")["sender"])


@pytest.mark.parametrize("way", ["button", "keys"])
def test_the_page_is_left_for_good_and_the_conversation_forgotten(
    page: Page, server: Live, sites: Sites, embedded: str, way: str
) -> None:
    page.goto(sites.put("/avant", "<!doctype html><title>Avant</title>"))
    open_chat(page, embedded)
    conversation = sender(page)
    if way == "button":
        page.get_by_role("button", name="Quitter vite").click()
    else:
        for key in PRESS_THREE:
            page.keyboard.press(key)
    page.wait_for_url(EXIT)
    assert server.bot.forgotten(1) == [conversation]
    page.go_back()
    expect(page).to_have_title("Avant")


def test_what_was_written_is_hidden_before_the_other_site_answers(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    say(page, "un secret")
    answers(page, 2)
    seen: list[list[str]] = []
    page.expose_function("seen", lambda what: seen.append(what))
    # Our listener comes after the widget's own: what it reads is what the screen shows until the other site answers.
    page.evaluate("""() => {
        const inside = document.querySelector('boussole-chat').shadowRoot
        inside.querySelector('.exit').addEventListener('click', () => seen([
            getComputedStyle(document.documentElement).display, document.title,
            inside.querySelector('ol').textContent]))
    }""")
    page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(EXIT)
    assert seen == [["none", "", ""]]


def test_capital_letters_and_slow_presses_leave_nothing(page: Page, embedded: str) -> None:
    page.clock.install()
    open_chat(page, embedded)
    for _ in range(4):
        page.keyboard.press("Shift+A")
    for _ in range(2):
        page.keyboard.press("Shift")
    expect(page.get_by_text("Encore une fois Maj")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Shift")
    assert page.url == embedded


def test_without_an_open_chat_the_keys_do_nothing(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.keyboard.press("Escape")
    for key in PRESS_THREE:
        page.keyboard.press(key)
    assert page.url == embedded


def test_the_way_out_works_with_the_server_down(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.route("**/webhooks/**", lambda route: route.abort())
    say(page, "bonjour")
    page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(EXIT)


def test_a_site_may_choose_where_to_leave_to(page: Page, context: BrowserContext, server: Live, sites: Sites) -> None:
    other = "https://www.example.org/recettes"
    context.route(other, lambda route: route.fulfill(body="<title>Recettes</title>", content_type="text/html"))
    open_chat(page, sites.embed(server.url, attributes=f' data-exit="{other}"'))
    page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(other)


def test_a_kept_conversation_is_wiped_too(page: Page, context: BrowserContext, embedded: str) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Garder la conversation").click()
    page.keyboard.press("Escape")
    say(page, "un secret")
    answers(page, 2)
    assert page.evaluate("sessionStorage.length") == 1
    page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(EXIT)
    page.goto(embedded)
    assert page.evaluate("sessionStorage.length") == 0


def test_what_the_way_out_cannot_do_is_said(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    expect(page.get_by_text("L’historique du navigateur garde les pages vues avant celle-ci")).to_be_visible()


def test_the_discreet_mode_gives_the_tab_and_the_window_a_neutral_face_and_takes_it_back(
    page: Page, embedded: str
) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    discreet = page.get_by_role("button", name="Mode discret")
    discreet.click()
    expect(page).to_have_title("Notes")
    expect(page.get_by_role("dialog", name="Notes")).to_be_visible()
    assert page.locator("link[rel=icon]").get_attribute("href", timeout=1000)
    expect(page.get_by_text("par SMS", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Tous les numéros")).to_be_visible()
    discreet.click()
    expect(page).to_have_title("Ma mairie")
    expect(page.locator("link[rel=icon]")).to_have_count(0)
    expect(page.get_by_role("dialog", name="Boussole")).to_be_visible()


def test_erasing_starts_anew_with_another_conversation(page: Page, server: Live, embedded: str) -> None:
    open_chat(page, embedded)
    before = sender(page)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.get_by_role("status")).to_have_text("C’est effacé, ici et sur le serveur.")
    assert server.bot.forgotten() == [before]
    assert sender(page) != before


def test_erasing_says_when_the_server_did_not_answer(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    page.route("**/forget", lambda route: route.abort())
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.get_by_role("status")).to_contain_text("Le serveur n’a pas répondu")
