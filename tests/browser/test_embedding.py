"""One line in any page: nothing leaks in, nothing leaks out, and a strict policy is enough."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.scene import (
    STRICT,
    WIDGET,
    Sites,
    answers,
    axe,
    open_chat,
    pass_time,
    record_violations,
    say,
    to_plan,
)
from tests.web import Live

BOOTSTRAP = (WIDGET / "node_modules/bootstrap/dist/css/bootstrap.min.css").read_text(encoding="utf-8")
# What some sites do to everything that they hold.
RESETS = """
html { font-size: 62.5%; } body { line-height: 3; letter-spacing: .5em; text-transform: uppercase; color: yellow; }
* { all: unset; display: block; float: left; font-size: 9px !important; color: #999 !important; margin: 0 !important; }
button, a, textarea, input { display: none !important; }
boussole-chat { display: none !important; opacity: 0 !important; }
[hidden] { display: block !important; }
.panel, .log, .launcher { position: static !important; visibility: hidden !important; }
"""
HOSTS = {"plain": "", "bootstrap": BOOTSTRAP, "resets": RESETS}
# What a visitor sees of a few parts, whatever the page around.
LOOK = """() => ['.panel', '.log', 'textarea', '.main', '.exit', 'h2', '.said'].map((part) => {
    const node = document.querySelector('boussole-chat').shadowRoot.querySelector(part)
    const style = getComputedStyle(node), box = node.getBoundingClientRect()
    return [part, style.fontSize, style.lineHeight, style.color, style.letterSpacing, style.textTransform,
        style.display, style.visibility, Math.round(box.width), Math.round(box.height)].join(' ')
})"""
# The page's own look, and the names in its global space.
HOST_LOOK = """() => [...document.querySelectorAll('h1, p, a, body, html')].map((node) => {
    const style = getComputedStyle(node)
    const height = node.getBoundingClientRect().height
    return [node.tagName, style.font, style.color, style.margin, style.display, height].join(' ')
})"""


def styled(css: str) -> str:
    """A style sheet for the head of a page."""
    return f"<style>{css}</style>"


@pytest.fixture
def plain_look(page: Page, embedded: str) -> list[str]:
    """How the chat looks on a page without styles."""
    open_chat(page, embedded)
    look: list[str] = page.evaluate(LOOK)
    return look


@pytest.mark.parametrize("host", HOSTS)
def test_it_looks_the_same_on_every_site(
    page: Page, server: Live, sites: Sites, plain_look: list[str], host: str
) -> None:
    open_chat(page, sites.embed(server.url, head=styled(HOSTS[host])))
    assert page.evaluate(LOOK) == plain_look
    to_plan(page)


@pytest.mark.parametrize("host", HOSTS)
def test_the_site_keeps_its_looks_and_its_names(page: Page, server: Live, sites: Sites, host: str) -> None:
    address = sites.embed(server.url, head=styled(HOSTS[host]))
    page.route("**/boussole.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(address)
    before: tuple[Any, Any] = page.evaluate(HOST_LOOK), page.evaluate("Object.getOwnPropertyNames(window).sort()")
    page.unroute("**/boussole.js")
    open_chat(page, address)
    say(page, "le plan")
    answers(page, 2)
    assert page.evaluate(HOST_LOOK) == before[0]
    assert page.evaluate("Object.getOwnPropertyNames(window).sort()") == before[1]


def test_a_strict_policy_is_enough_for_a_whole_conversation(page: Page, server: Live, sites: Sites) -> None:
    violations = record_violations(page)
    open_chat(page, sites.embed(server.url, policy=STRICT))
    to_plan(page)
    page.get_by_role("button", name="Tout déplier").click()
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Garder la conversation").click()
    page.keyboard.press("Escape")
    assert violations == []
    assert page.locator("boussole-chat [style]").count() == 0
    assert page.locator("boussole-chat style").count() == 0


def test_a_site_may_host_the_files_itself(page: Page, server: Live, sites: Sites) -> None:
    dist = WIDGET / "dist"
    for file in [dist / "boussole.js", *(dist / "boussole").glob("chat-*.js")]:
        sites.put(f"/js/{file.relative_to(dist)}", file.read_text(encoding="utf-8"), kind="text/javascript")
    policy = f"default-src 'none'; script-src 'self'; connect-src {server.url}"
    violations = record_violations(page)
    body = f'<boussole-chat server="{server.url}"></boussole-chat><script src="/js/boussole.js" defer></script>'
    open_chat(page, sites.put("/chez-nous", f'<!doctype html><html lang="fr"><title>x</title><body>{body}', policy))
    say(page, "bonjour")
    answers(page, 2)
    assert violations == ["img-src " + sites.origin + "/favicon.ico"] or violations == []


def test_the_servers_own_page_opens_the_chat_under_its_policy(page: Page, server: Live) -> None:
    violations = record_violations(page)
    page.goto(server.url)
    to_plan(page)
    assert violations == []


def test_nothing_is_asked_of_anybody_else_and_nothing_is_stored(
    page: Page, context: BrowserContext, server: Live, sites: Sites, embedded: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_chat(page, embedded)
    to_plan(page)
    assert [url for url in asked if not url.startswith((server.url, sites.origin, "data:"))] == []
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases()") == []


def test_only_the_button_is_loaded_before_it_is_pressed(page: Page, server: Live, embedded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(embedded)
    page.get_by_role("button", name="Besoin d’aide ?").wait_for()
    assert [url for url in asked if url.startswith(server.url)] == [f"{server.url}/boussole.js"]


def test_a_site_that_is_not_allowed_gives_the_numbers_and_no_conversation(
    page: Page, server: Live, sites: Sites
) -> None:
    page.clock.install()
    open_chat(page, sites.embed(server.url).replace("127.0.0.1", "localhost"))
    say(page, "bonjour")
    expect(page.get_by_role("status")).to_contain_text("La connexion est coupée")
    pass_time(page, until=page.get_by_role("button", name="Réessayer"))
    expect(page.get_by_role("link", name="Appeler le 3114")).to_be_visible()
    assert server.bot.said() == []


@pytest.mark.parametrize(
    ("attributes", "part", "style", "value"),
    [
        (' data-color="#ffd400"', ".launcher", "backgroundColor", "rgb(255, 212, 0)"),
        (' data-color="#ffd400"', ".launcher", "color", "rgb(0, 0, 0)"),
        (' data-color="#003366"', ".launcher", "color", "rgb(255, 255, 255)"),
        (' data-color="red;} *{display:none"', ".launcher", "backgroundColor", "rgb(20, 83, 95)"),
        (' data-position="left"', ".launcher", "left", "16px"),
        ("", ".launcher", "right", "16px"),
    ],
)
def test_a_site_may_choose_colour_and_place(
    page: Page, server: Live, sites: Sites, attributes: str, part: str, style: str, value: str
) -> None:
    open_chat(page, sites.embed(server.url, attributes=attributes))
    page.keyboard.press("Escape")
    node = page.locator(part)
    assert node.evaluate("(node, style) => getComputedStyle(node)[style]", style) == value


@pytest.mark.parametrize("color", ["#ffd400", "#777777", "#ffffff", "#000000", "#e1000f"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_colour_can_be_read(page: Page, server: Live, sites: Sites, color: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    open_chat(page, sites.embed(server.url, head="<style>html{background:#fff;color:#000}a{color:#00e}</style>",
                                attributes=f' data-color="{color}"'))  # fmt: skip
    to_plan(page)
    assert axe(page) == []


def test_a_site_may_choose_the_words(page: Page, server: Live, sites: Sites) -> None:
    page.goto(sites.embed(server.url, attributes=' data-label="Une question ?" data-text="Écrivez-nous <b>ici</b>."'))
    page.get_by_role("button", name="Une question ?").click()
    expect(page.get_by_text("Écrivez-nous <b>ici</b>.")).to_be_visible()


def test_two_lines_make_one_button(page: Page, server: Live, sites: Sites) -> None:
    open_chat(page, sites.embed(server.url, body=f'<script src="{server.url}/boussole.js" defer></script>'))
    expect(page.locator("boussole-chat")).to_have_count(1)


def test_without_javascript_the_sites_own_words_stay(server: Live, sites: Sites, context: BrowserContext) -> None:
    assert context.browser
    bare = context.browser.new_context(java_script_enabled=False)
    page = bare.new_page()
    page.goto(server.url)
    expect(page.get_by_role("link", name="3018")).to_be_visible()
    bare.close()


def test_the_page_that_writes_the_line_writes_one_that_works(page: Page, server: Live, sites: Sites) -> None:
    violations = record_violations(page)
    page.goto(f"{server.url}/integrer")
    page.get_by_label("Couleur du bouton").fill("#7a1fa2")
    page.get_by_label("Texte du bouton").fill('On vous "aide" <ici>')
    line = page.locator("#line").inner_text()
    assert violations == []
    page.goto(sites.put("/collee", f'<!doctype html><html lang="fr"><title>x</title><h1>x</h1>{line}'))
    page.get_by_role("button", name='On vous "aide" <ici>').click()
    page.get_by_label("Votre message").wait_for()


def test_the_default_line_is_the_one_of_the_readme(page: Page, server: Live) -> None:
    page.goto(f"{server.url}/integrer")
    line = page.locator("#line").inner_text()
    assert line == f'<script src="{server.url}/boussole.js" defer></script>'
    readme = Path(WIDGET.parent / "README.md").read_text(encoding="utf-8")
    assert '<script src="https://HOST/boussole.js" defer></script>' in readme
