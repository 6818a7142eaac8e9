"""Nobody's words stay anywhere: conversations full of marked words go through every path, then everything is searched.

The marked words are drawn anew each time, so that no file of the project can hold them.
"""

import contextlib
import json
import os
import random
import string
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from boussole.triage.knowledge import PROJECT
from tests.servers import OPENING, Server, new_sender
from tests.serving.conftest import Break

# What the person would type, with marked words in the places where words are.
TEXTS = (
    "bonjour {0} et {1}",
    "mon fils {0} est insulté sur {1} par {2} depuis le 3 mars",
    "il s'appelle {0}, il habite {1}, son numéro est 06 12 34 56 78",
    "{0} veut mourir {1}",
    "{0}",
    "/{0}",
    '/repondre{{"danger": "{0}"}}',
    '/repondre{{"plateforme": "{0}"}}',
    '/insultes{{"plateforme": "{0}", "profil": "{1}"}}',
    "en fait c'est sur {0}, pas sur {1}",
    "pourquoi {0} ?",
    "je ne sais pas {0}",
    "<script>{0}</script>",
    "{0}\x00\x1b[31m{1}\U0001f600",
    "on m'a dit : « {0} va mourir »",
    "https://{0}.example/{1}?q={2}",
    "résume {0}",
)


class Marks:
    """Words that exist nowhere else."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        """A new one."""
        self.given.append("qz" + "".join(random.SystemRandom().choices(string.ascii_lowercase, k=18)))
        return self.given[-1]

    def found_in(self, content: bytes) -> list[str]:
        """Those of them that ``content`` holds, whatever the case."""
        lowered = content.lower()
        return [mark for mark in self.given if mark.encode() in lowered]


def send(url: str, body: bytes, headers: dict[str, str], method: str = "POST") -> None:
    """Send anything; the answer does not matter here."""
    with (
        contextlib.suppress(urllib.error.HTTPError),
        urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer,
    ):
        answer.read()


def talk(server: Server, mark: Marks) -> None:
    """Put marked words wherever a call can have words."""
    sender = new_sender()
    for text in TEXTS:
        server.say(sender, text.format(mark(), mark(), mark()), {"X-Request-ID": mark(), "User-Agent": mark()})
    server.say(sender, " ".join(mark() for _ in range(400)))


def send_nonsense(server: Server, mark: Marks) -> None:
    """Send what is refused, with marked words in it."""
    webhook = f"{server.root}/webhooks/rest/webhook"
    kind = {"Content-Type": "application/json"}
    for body in (
        {"sender": mark(), "message": mark()}, {"sender": new_sender(), "message": [mark()]},
        {"sender": [mark()], "message": mark()}, {"sender": new_sender(), "message": mark(), mark(): mark()}, [mark()],
        {"sender": new_sender(), "message": mark(), "message_id": mark(), "metadata": {mark(): mark()}},
    ):  # fmt: skip
        send(webhook, json.dumps(body).encode(), kind)
    for raw in (b'{"sender": "' + mark().encode(), b"\xff" + mark().encode(), mark().encode() * 30_000):
        send(webhook, raw, kind)
        send(webhook, raw, {"Content-Type": f"text/{mark()}"})
    send(f"{webhook}?{urllib.parse.urlencode({'message': mark()})}", b"{}", {**kind, "X-Request-ID": mark()})
    for method in ("POST", "OPTIONS", "PUT"):
        address = f"{server.root}/{mark()}/{mark()}?{mark()}={mark()}"
        send(address, mark().encode(), {**kind, "Referer": f"https://{mark()}.example"}, method)
        send(f"{server.root}/boussole/{mark()}", mark().encode(), kind, method)


def newer_files(folder: Path, since: float) -> Iterator[Path]:
    """The files under ``folder`` written since a moment, without what only tools write."""
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".venv", ".uv", ".git", "node_modules")]
        for path in (Path(base, name) for name in names):
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_mtime >= since:
                    yield path


def test_no_word_of_any_conversation_stays_anywhere(faulty: Server, broken: Break) -> None:
    mark, since = Marks(), time.time() - 1
    talk(faulty, mark)
    send_nonsense(faulty, mark)
    for fault in ("action", "reading"):
        with broken(fault):
            sender = new_sender()
            faulty.say(sender, f"{OPENING} {mark()}")
            faulty.say(sender, "/resume")
            faulty.say(sender, f"résume {mark()}")
    # The turns that the store refuses, too.
    faulty.store.parent.rename(faulty.folder / "ailleurs")
    faulty.store.parent.write_text("")
    try:
        talk(faulty, mark)
    finally:
        faulty.store.parent.unlink()
        (faulty.folder / "ailleurs").rename(faulty.store.parent)
    erased = new_sender()
    faulty.say(erased, f"{OPENING} {mark()}")
    faulty.say(erased, "effacer")
    figures = faulty.get("/metrics")[1] + faulty.get("/sante")[1]
    # Killed, it cannot clean anything up.
    faulty.kill()
    faulty.start()
    places = [*newer_files(faulty.folder, 0), *newer_files(PROJECT, since), *newer_files(Path("/var/tmp"), since)]
    assert faulty.store in places
    assert not mark.found_in(figures)
    assert not {str(path): mark.found_in(path.read_bytes()) for path in places if mark.found_in(path.read_bytes())}


def test_the_search_would_find_a_word(tmp_path: Path) -> None:
    mark = Marks()
    (tmp_path / "trace").write_text(f"user said: {mark().upper()}")
    [path] = newer_files(tmp_path, 0)
    assert mark.found_in(path.read_bytes()) == mark.given
