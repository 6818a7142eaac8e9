"""Slow, cut and busy networks: what happens is shown, nothing is lost, nothing is said twice."""

import json
from functools import partial

from playwright.sync_api import BrowserContext, Page, Route, expect

from boussole.channels.rest import RestInput, too_fast_text
from boussole.channels.settings import WebSettings
from boussole.triage.model import Knowledge
from tests.browser.scene import Sites, answers, lines, open_chat, pass_time, say, stop_clock, to_plan
from tests.web import FakeBot, Live, live

WEBHOOK = "**/webhooks/rest/webhook"
CUT = "La connexion est coupée ou le serveur ne répond pas."


def test_an_answer_that_is_lost_on_the_way_is_asked_again_and_said_once(
    page: Page, server: Live, embedded: str
) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    tries: list[str] = []

    def lose_the_first(route: Route) -> None:
        tries.append(json.loads(route.request.post_data or "{}")["message_id"])
        if len(tries) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(WEBHOOK, lose_the_first)
    say(page, "on insulte mon fils")
    expect(page.get_by_role("status")).to_contain_text(CUT)
    pass_time(page, until=page.get_by_role("button", name="Non, pas en ce moment"))
    assert len(tries) == 2
    assert tries[0] == tries[1]
    assert server.bot.said() == ["on insulte mon fils"]
    expect(page.locator("li.me")).to_have_count(1)


def test_a_server_that_is_down_gives_the_numbers_and_the_message_leaves_when_it_is_back(
    page: Page, server: Live, embedded: str
) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    page.route(WEBHOOK, lambda route: route.abort())
    say(page, "on insulte mon fils")
    pass_time(page, until=page.get_by_role("button", name="Réessayer"))
    expect(page.get_by_role("status")).to_contain_text("Votre message n’est pas parti, mais il est gardé.")
    for number in ("17", "112", "15", "3114", "119", "3018"):
        expect(page.get_by_role("link", name=f"Appeler le {number} ", exact=False).first).to_be_visible()
    page.unroute(WEBHOOK)
    page.get_by_role("button", name="Réessayer").click()
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    assert server.bot.said() == ["on insulte mon fils"]
    expect(page.get_by_role("status")).to_have_text("")


def test_the_network_that_comes_back_is_enough(
    page: Page, context: BrowserContext, server: Live, embedded: str
) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    context.set_offline(True)
    say(page, "on insulte mon fils")
    expect(page.get_by_role("status")).to_contain_text(CUT)
    # No time passes in this test: only the network's return can send it.
    context.set_offline(False)
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    assert server.bot.said() == ["on insulte mon fils"]


def test_a_slow_answer_is_said_to_be_slow_and_one_may_go_on_writing(page: Page, server: Live, embedded: str) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    held: list[Route] = []
    page.route(WEBHOOK, lambda route: held.append(route))
    say(page, "premier")
    expect(page.get_by_role("status")).to_have_text("Boussole écrit…")
    say(page, "second")
    page.clock.run_for(5_000)
    expect(page.get_by_role("status")).to_contain_text("La réponse tarde")
    page.get_by_label("Votre message").fill("pas encore parti")
    page.route(WEBHOOK, lambda route: route.continue_())
    held[0].continue_()
    answers(page, 3)
    assert server.bot.said() == ["premier", "second"]
    expect(page.get_by_label("Votre message")).to_have_value("pas encore parti")


def test_a_server_that_starts_again_is_waited_for(page: Page, server: Live, embedded: str) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    page.route(WEBHOOK, lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"), times=1)
    say(page, "on insulte mon fils")
    expect(page.get_by_role("status")).to_contain_text(CUT)
    pass_time(page, until=page.get_by_role("button", name="Non, pas en ce moment"))


def test_too_many_messages_wait_for_their_turn_and_all_are_said(page: Page, sites: Sites) -> None:
    settings = WebSettings(frozenset({sites.origin}), per_conversation=2)
    now = [0.0]
    page.clock.install()
    with live(FakeBot(lines()), partial(RestInput, settings, lambda: now[0])) as busy:
        open_chat(page, sites.embed(busy.url, path="/occupe"))
        stop_clock(page)
        for words in ("un", "deux", "trois"):
            say(page, words)
        expect(page.get_by_role("status")).to_have_text(too_fast_text())
        now[0] += 30
        pass_time(page, until=page.get_by_text("Bien reçu : trois"))
        assert busy.bot.said() == ["un", "deux", "trois"]
        page.goto("about:blank")


def test_without_the_rest_of_the_widget_the_button_still_gives_every_number(
    page: Page, server: Live, embedded: str, knowledge: Knowledge
) -> None:
    page.goto(embedded)
    page.route("**/boussole/chat-*", lambda route: route.abort())
    page.get_by_role("button", name="Besoin d’aide ?").click()
    expect(page.get_by_role("alert")).to_contain_text("Boussole n’est pas joignable")
    dialog = page.get_by_role("dialog", name="Numéros d’urgence")
    links = [link.get_attribute("href") for link in dialog.get_by_role("link").all()]
    wanted = ["17", "112", "114", "15", "3114", "119", "3018"]
    services = [knowledge.services[name] for name in wanted]
    assert links == [f"tel:{service.phone}" if service.phone else f"sms:{service.sms}" for service in services]
    page.unroute("**/boussole/chat-*")
    page.get_by_role("button", name="Réessayer").click()
    page.get_by_role("button", name="Mon enfant est harcelé en ligne").wait_for()
    expect(dialog).to_be_hidden()


def test_a_message_with_the_breakdown_text_is_shown_like_any_other(page: Page, server: Live, embedded: str) -> None:
    server.bot.error = RuntimeError("panne")
    open_chat(page, embedded)
    say(page, "bonjour")
    expect(page.get_by_text("Une partie de Boussole ne répond plus")).to_be_visible()


def test_a_conversation_survives_a_page_change_only_if_the_person_wants_it(
    page: Page, server: Live, sites: Sites, embedded: str
) -> None:
    other = sites.embed(server.url, path="/autre")
    open_chat(page, embedded)
    to_plan(page)
    page.goto(other)
    expect(page.locator("li")).to_have_count(0)

    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Garder la conversation").click()
    page.keyboard.press("Escape")
    to_plan(page)
    page.goto(other)
    page.locator(".plan h3").first.wait_for()
    expect(page.locator("li.me").first).to_contain_text("on insulte mon fils")
    # It goes on where it was.
    said = server.bot.heard[-1][0]
    say(page, "merci")
    page.get_by_text("Bien reçu : merci").wait_for()
    assert server.bot.heard[-1] == (said, "merci")


def test_an_answer_under_way_during_a_page_change_is_asked_again_with_its_own_id(
    page: Page, server: Live, sites: Sites, embedded: str
) -> None:
    open_chat(page, embedded)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Garder la conversation").click()
    page.keyboard.press("Escape")
    held: list[Route] = []
    page.route(WEBHOOK, lambda route: held.append(route))
    with page.expect_request(WEBHOOK):
        say(page, "on insulte mon fils")
    page.unroute(WEBHOOK)
    page.goto(sites.embed(server.url, path="/autre"))
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    assert server.bot.said() == ["on insulte mon fils"]
    expect(page.locator("li.me")).to_have_count(1)
