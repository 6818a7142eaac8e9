"""What plays in a browser test: the bot's lines, the pages that embed the widget, and the browser itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from actions.form import payload
from boussole.channels.rest import RestInput
from boussole.channels.settings import WebSettings
from boussole.clock import PARIS
from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.triage.plan import build_plan
from tests.web import FakeBot, Live, Reply, custom, live, text

WIDGET = PROJECT / "widget"
EXIT = "https://meteofrance.com/"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Nothing outside of this machine has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
# What a careful site allows: the widget needs nothing more.
STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Ma mairie</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>Ma mairie</h1><p id="words">Bonjour.</p><p><a href="#">Un lien</a></p></main>{body}
<script src="{server}/boussole.js"{attributes} defer></script></body></html>"""
MOMENT = datetime(2026, 11, 22, 12, tzinfo=PARIS)
FACTS = {
    "danger": "non", "profil": "parent", "victime_mineure": "oui", "nature": ("insultes", "chantage"),
    "cadre_scolaire": "oui", "contenu_public": "oui", "moteur_recherche": "oui", "auteur_connu": "inconnu",
    "plateforme_alertee": "oui", "reponse_plateforme": "attente", "un_mois_passe": "non",
    "date_signalement": "2026-11-12",
}  # fmt: skip


def question(slot: str, first: bool = False) -> list[Reply]:
    """The lines that ask for ``slot``, as the real bot asks."""
    asked = load_knowledge().questions[slot]
    titles = {value: wording.for_reader("vous") for value, wording in asked.buttons.items()}
    titles.setdefault("inconnu", "Je ne sais pas")
    buttons = [{"title": title, "payload": payload(slot, value)} for value, title in titles.items()]
    buttons.append({"title": "Pourquoi cette question ?", "payload": "/pourquoi"})
    hello = [text(load_knowledge().messages["accueil"].text.for_reader("vous"))] if first else []
    return [*hello, text(asked.text.for_reader("vous"), buttons=buttons), custom(type="question", id=slot)]


def plan() -> list[Reply]:
    """The lines of a plan with a deadline, a doubt, an urgent step, and many services."""
    made = build_plan(load_knowledge(), FACTS, MOMENT)
    return [text("Voici votre plan, dans l'ordre.\n1. Gardez des preuves datées"), custom(**made.as_message())]


def alert() -> list[Reply]:
    """The lines of an emergency, and the next question."""
    words = load_knowledge().alerts["suicide"].text.for_reader("vous")
    lines = ["• 3114, numéro national : tél. 3114, https://3114.fr", "• 114, par SMS : SMS au 114"]
    return [text("\n".join([words, *lines])), custom(type="alerte", niveau="suicide"), *question("profil")]


def lines() -> dict[str, list[Reply]]:
    """The bot's lines for the words of the tests."""
    return {
        "on insulte mon fils": question("danger", first=True),
        payload("danger", "non"): question("profil"),
        payload("profil", "parent"): plan(),
        payload("profil", "temoin"): [text("C'est noté, je corrige."), *plan()],
        "le plan": plan(),
        "je veux mourir": alert(),
        "/pourquoi": [text("Parce que les démarches changent."), *question("danger")],
        "/retour": [text("D'accord, j'efface votre dernière réponse."), *question("danger")],
    }


class Sites:
    """Other people's sites, on one origin: each page by its path, with its policy."""

    def __init__(self) -> None:
        """Serve on a free port until :meth:`close`."""
        self.pages: dict[str, tuple[str, str, str]] = {}
        sites = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body, policy = sites.pages.get(self.path, ("text/plain", "rien", ""))
                self.send_response(200 if self.path in sites.pages else 404)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def put(self, path: str, body: str, policy: str = "", kind: str = "text/html") -> str:
        """Set a page, and return its address."""
        self.pages[path] = (kind, body, policy)
        return self.origin + path

    def embed(
        self, server: str, path: str = "/mairie", head: str = "", body: str = "", attributes: str = "", policy: str = ""
    ) -> str:
        """Set a page that embeds the widget of ``server`` with one line, and return its address."""
        page = PAGE.format(server=server, head=head, body=body, attributes=attributes)
        return self.put(path, page, policy.format(server=server))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def stage() -> Iterator[tuple[Live, Sites]]:
    """A server with the scripted bot, and sites that may call it."""
    sites = Sites()
    rest = partial(RestInput, WebSettings(frozenset({sites.origin}), per_conversation=1000, per_address=10_000))
    try:
        with live(FakeBot(lines()), rest) as server:
            yield server, sites
    finally:
        sites.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium.

    Raises:
        RuntimeError: it is not installed; the message says how to.
    """
    program = which("chromium")
    if not program:
        raise RuntimeError("chromium is missing: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def record_violations(page: Page) -> list[str]:
    """Note, from now on, whatever the page's policy refuses and whatever its scripts complain of."""
    found: list[str] = []
    page.expose_function("noteViolation", lambda what: found.append(what))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => noteViolation(e.violatedDirective + ' ' + e.blockedURI))"
    )
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("console", lambda line: line.type == "error" and found.append(f"console: {line.text}"))
    return found


def open_chat(page: Page, address: str) -> None:
    """Go to a page that embeds the widget, and open it."""
    page.goto(address)
    page.get_by_role("button", name="Besoin d’aide ?").click()
    page.get_by_role("button", name="Mon enfant est harcelé en ligne").wait_for()


def say(page: Page, words: str) -> None:
    """Type a message and send it with the keyboard."""
    page.get_by_label("Votre message").fill(words)
    page.get_by_label("Votre message").press("Enter")


def stop_clock(page: Page) -> None:
    """Let no time pass any more on this page, but by ``page.clock``; its clock must be installed."""
    page.clock.pause_at(page.evaluate("Date.now()") + 1_000)


def pass_time(page: Page, until: Locator) -> None:
    """Let time pass, a second at once, until something is there; two minutes at most."""
    for _ in range(120):
        if until.is_visible():
            return
        page.clock.run_for(1_000)
    raise AssertionError("two minutes have passed in vain")


def answers(page: Page, many: int) -> None:
    """Wait until the bot has spoken ``many`` times, its welcome included."""
    page.locator("li.bot").nth(many - 1).wait_for()


def to_plan(page: Page) -> None:
    """Hold the conversation that leads to the plan."""
    say(page, "on insulte mon fils")
    page.get_by_role("button", name="Non, pas en ce moment").click()
    page.get_by_role("button", name="Je suis parent ou représentant légal").click()
    page.locator(".plan h3").first.wait_for()


AXE = WIDGET / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe(page: Page, source: Callable[[Path], str] = Path.read_text) -> list[str]:
    """Return what axe-core finds wrong with the page as it stands."""
    page.evaluate(source(AXE))
    result = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
