"""Text is text: whatever people or the server write, nothing of it runs, and links lead only where links may."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import (
    STRICT,
    WIDGET,
    Sites,
    answers,
    open_chat,
    pass_time,
    record_violations,
    say,
    stop_clock,
)
from tests.web import Live, Reply, custom, text

PAYLOADS = [
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg/onload=pwned()>",
    "<svg><script href=data:text/javascript,pwned() /></svg>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<iframe src=javascript:parent.pwned()>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=pwned()></style></mglyph></math>",
    "<details open ontoggle=pwned()>",
    "<input autofocus onfocus=pwned()>",
    "<a href='javascript:pwned()'>clic</a>",
    "[clic](javascript:pwned())",
    "[clic](data:text/html,<script>pwned()</script>)",
    "javascript:pwned()",
    "JaVaScRiPt:pwned()",
    "java\tscript:pwned()",
    "\x01javascript:pwned()",
    " javascript:pwned()",
    "javascript&colon;pwned()",
    "data:text/html,<script>parent.pwned()</script>",
    "vbscript:pwned()",
    "blob:https://x.example/1",
    "file:///etc/passwd",
    "http://x.example/",
    "//x.example/",
    "https://x.example/\"onmouseover=\"pwned()",
    "https://x.example/'><script>pwned()</script>",
    "tél. 3018<script>pwned()</script>",
    "SMS au 114' onclick='pwned()",
    "</textarea><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "*{background:url(javascript:pwned())}",
    "{{constructor.constructor('pwned()')()}}",
    "${pwned()}",
    "\"><script>pwned()</script>",
    "'-pwned()-'",
    "\u202e)(denwp:tpircsavaj",
    "<scr\u0000ipt>pwned()</scr\u0000ipt>",
    "%3Cscript%3Epwned()%3C/script%3E",
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "<template shadowrootmode=open><script>pwned()</script></template>",
    "__proto__",
    "constructor",
]  # fmt: skip
# What the widget makes; anything else inside it came from a text.
ELEMENTS = {
    "a", "b", "button", "details", "div", "form", "h2", "h3", "header", "label", "li", "ol", "p", "path", "section",
    "span", "summary", "svg", "textarea", "ul",
}  # fmt: skip
INSIDE = """() => [...document.querySelector('boussole-chat').shadowRoot.querySelectorAll('*')]
    .map((node) => [node.localName, node.getAttributeNames().filter((name) => name.startsWith('on')),
        node.getAttribute('href')])"""
SCHEMES = ("https:", "tel:", "sms:", "mailto:")


def hostile(payload: str) -> list[Reply]:
    """An answer with ``payload`` in every field that a text can have."""
    service = {
        "id": payload, "nom": payload, "tel": payload, "sms": payload, "url": payload, "horaires": payload,
        "ouverture": payload, "ouvert": True, "verifie_le": payload, "source": payload,
    }  # fmt: skip
    other = {**service, "tel": None, "sms": None, "ouverture": ""}
    step = {
        "id": payload, "titre": payload, "pourquoi": payload, "texte": f"{payload}\n• {payload}",
        "services": [service, other], "certain": False, "echeance": payload,
    }  # fmt: skip
    return [
        text(f"{payload}\n• {payload}", buttons=[{"title": payload, "payload": payload}]),
        custom(type="question", id=payload),
        text(payload), custom(type="alerte", niveau=payload),
        text(payload), custom(type="plan", facts={payload: payload}, steps=[step]),
        text(payload), custom(type=payload),
    ]  # fmt: skip


def check(page: Page) -> None:
    """Nothing but the widget's own elements, no handler, no link that may not be."""
    for name, handlers, href in page.evaluate(INSIDE):
        assert name in ELEMENTS
        assert handlers == []
        assert href is None or href.startswith(SCHEMES)


@pytest.fixture
def guarded(page: Page, server: Live, sites: Sites) -> tuple[Page, list[Any]]:
    """The open chat on a page that enforces Trusted Types, and what went wrong so far."""
    wrong: list[Any] = record_violations(page)
    page.expose_function("pwned", lambda *_: wrong.append("pwned"))
    page.on("dialog", lambda dialog: (wrong.append("dialog"), dialog.dismiss()))
    # A link that is followed, a frame, a window: none may come from a text.
    page.on("popup", lambda _: wrong.append("popup"))
    page.on("framenavigated", lambda frame: frame.parent_frame and wrong.append(frame.url))
    open_chat(page, sites.embed(server.url, policy=STRICT))
    return page, wrong


def test_what_people_write_is_shown_as_they_wrote_it(guarded: tuple[Page, list[Any]], server: Live) -> None:
    page, wrong = guarded
    for number, payload in enumerate(PAYLOADS):
        say(page, payload)
        answers(page, number + 2)
    shown = [words.removeprefix("Vous : ") for words in page.locator(".bubble").all_text_contents()]
    assert shown == [payload.strip() for payload in PAYLOADS]
    check(page)
    assert wrong == []


def test_what_the_server_says_is_shown_as_it_says_it(guarded: tuple[Page, list[Any]], server: Live) -> None:
    page, wrong = guarded
    for number, payload in enumerate(PAYLOADS):
        server.bot.answers["suite"] = hostile(payload)
        say(page, "suite")
        answers(page, number + 2)
        check(page)
    page.get_by_role("button", name="Tout déplier").last.click()
    # Every call button, and every choice, can be pressed without harm.
    for link in page.locator("li.bot").last.locator("a").all():
        link.dispatch_event("focus")
        link.dispatch_event("mouseover")
    assert wrong == []


def test_what_was_kept_is_trusted_no_more_than_the_rest(page: Page, server: Live, sites: Sites) -> None:
    wrong: list[Any] = record_violations(page)
    address = sites.embed(server.url, policy=STRICT)
    page.goto(address)
    entries = [entry for payload in PAYLOADS for entry in (
        {"me": payload, "said": {"id": "1", "payload": payload}}, {"bot": hostile(payload)})]  # fmt: skip
    kept = json.dumps({"sender": "a" * 32, "entries": entries})
    page.evaluate("kept => sessionStorage.setItem('boussole', kept)", kept)
    page.goto(address)
    answers(page, len(PAYLOADS))
    check(page)
    assert wrong == []


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '{"entries": 1}', '{"sender": null, "entries": [{"bot": 3}]}'])
def test_what_was_kept_and_is_broken_gives_a_new_conversation(page: Page, embedded: str, kept: str) -> None:
    page.goto(embedded)
    page.evaluate("kept => sessionStorage.setItem('boussole', kept)", kept)
    page.goto(embedded)
    page.get_by_role("button", name="Mon enfant est harcelé en ligne").wait_for()


@pytest.mark.parametrize("attribute", ["color", "position", "label", "text", "exit"])
@pytest.mark.parametrize("payload", ["&quot;><script>pwned()</script>", "javascript:pwned()", "red}*{display:none"])
def test_what_the_site_sets_is_text_too(page: Page, server: Live, sites: Sites, attribute: str, payload: str) -> None:
    wrong: list[Any] = record_violations(page)
    page.expose_function("pwned", lambda *_: wrong.append("pwned"))
    page.goto(sites.embed(server.url, attributes=f' data-{attribute}="{payload}"', policy=STRICT))
    page.locator(".launcher").click()
    page.get_by_label("Votre message").wait_for()
    check(page)
    assert wrong == []


def test_links_in_texts_are_those_that_may_be(page: Page, server: Live, embedded: str) -> None:
    server.bot.answers["liens"] = [text(
        "Voir https://3018.fr, tél. 01 53 73 22 22, SMS au 114. Pas http://x.example ni javascript:pwned()."
    )]  # fmt: skip
    open_chat(page, embedded)
    say(page, "liens")
    answers(page, 2)
    links = {link.text_content(): link.get_attribute("href") for link in page.locator("li.bot a").all()}
    assert links == {
        "3018.fr (nouvel onglet)": "https://3018.fr/", "01 53 73 22 22": "tel:0153732222", "114": "sms:114",
    }  # fmt: skip


def test_long_words_and_strange_letters_stay_inside(page: Page, embedded: str) -> None:
    open_chat(page, embedded)
    for words in ("a" * 5000, "🧭👩‍👩‍👧‍👦" * 100, "Z̷̢a̶l̸g̵o̴" * 50, "كلمة " * 100):
        say(page, words)
    answers(page, 5)
    assert page.locator(".log").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_the_sources_know_no_way_to_parse_html() -> None:
    wording = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setHTML|DOMParser"
                         r"|createContextualFragment|setAttribute\(\"style|localStorage|document\.cookie")  # fmt: skip
    sources = [*(WIDGET / "src").glob("*.ts"), *(WIDGET / "dist").rglob("*.js")]
    assert len(sources) > 10
    assert {path.name: wording.findall(path.read_text(encoding="utf-8")) for path in sources if wording.search(
        path.read_text(encoding="utf-8"))} == {}  # fmt: skip


@pytest.mark.parametrize("body", ['{"error": 1}', "null", "3", "<html>Le wifi de la gare</html>"])
def test_an_answer_that_is_none_is_asked_again(page: Page, server: Live, embedded: str, body: str) -> None:
    page.clock.install()
    open_chat(page, embedded)
    stop_clock(page)
    page.route("**/webhook", lambda route: route.fulfill(body=body), times=1)
    say(page, "bonjour")
    expect(page.get_by_role("status")).to_contain_text("La connexion est coupée")
    pass_time(page, until=page.get_by_text("Bien reçu : bonjour"))
