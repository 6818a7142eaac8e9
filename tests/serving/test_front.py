"""nginx with the configuration of `deploy/`, before a bot that does what a test wants: what people see of limits."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage

from boussole.channels.headers import BODY_LIMIT
from boussole.channels.rest import RestInput
from boussole.channels.settings import WebSettings
from boussole.channels.website import WebsiteInput
from boussole.triage.model import Knowledge
from tests.engines import DEPLOY, nginx
from tests.servers import NUMBERS
from tests.web import FakeBot, Live, live

WEBHOOK = "/webhooks/rest/webhook"
# More people at once than any limit was made for in the first place: a school, in its hall, behind one address.
SCHOOL = 300


class PatientBot(FakeBot):
    """Answers nobody before a whole school has written."""

    def __init__(self) -> None:
        super().__init__()
        self.everybody = asyncio.Event()

    async def handle_message(self, message: UserMessage) -> None:
        """Wait for the others, then answer."""
        await super().handle_message(message)
        if len(self.heard) == SCHOOL:
            self.everybody.set()
        await self.everybody.wait()


@pytest.fixture
def behind() -> Iterator[Live]:
    """The bot's server, which believes one proxy."""
    with live(PatientBot(), lambda: RestInput(WebSettings(proxies=1)), lambda: WebsiteInput({})) as server:
        yield server


@contextmanager
def fronted(behind: Live, folder: Path, directives: str = "") -> Iterator[str]:
    """The address of nginx, in front of a bot's server."""
    engine = nginx(folder, [int(behind.url.rsplit(":", 1)[1])], directives)
    engine.start()
    try:
        yield f"http://127.0.0.1:{engine.port}"
    finally:
        engine.stop()


@pytest.fixture
def front(behind: Live, tmp_path: Path) -> Iterator[str]:
    """The address of nginx, in front of it."""
    with fronted(behind, tmp_path) as url:
        yield url


def message(size: int = 0) -> bytes:
    """A message of a new conversation, whose body has at least so many bytes."""
    return json.dumps({"sender": uuid.uuid4().hex, "message": "bonjour".ljust(size, "!")}).encode()


async def post(session: aiohttp.ClientSession, url: str, body: bytes, **more: str) -> tuple[int, Any, Any]:
    """Send a body; return the status, the headers and the JSON."""
    headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in more.items()}}
    async with session.post(url + WEBHOOK, data=body, headers=headers) as answer:
        return answer.status, answer.headers, await answer.json()


def numbers(text: str) -> set[str]:
    """The phone numbers that a text gives."""
    return set(re.findall(r"\b\d{2,4}\b", text))


def test_a_school_that_writes_at_once_behind_one_address_is_answered(front: str) -> None:
    async def play() -> list[int]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            answers = await asyncio.gather(*(post(session, front, message()) for _ in range(SCHOOL)))
            return [status for status, _, _ in answers]

    assert asyncio.run(play()) == [200] * SCHOOL


def test_a_flood_of_messages_is_put_off_with_the_numbers_and_the_widgets_files_are_not(front: str) -> None:
    async def play() -> tuple[Any, Any, int]:
        async with aiohttp.ClientSession() as session:
            for _ in range(3_000):
                status, headers, body = await post(session, front, b"{}")
                if status == 429:
                    async with session.get(f"{front}/integrer") as page:
                        return headers, body, page.status
        raise AssertionError("nobody stops the flood")

    headers, body, page = asyncio.run(play())
    assert int(headers["Retry-After"]) > 0
    assert headers["Cache-Control"] == "no-store"
    assert numbers(body["error"]) >= set(NUMBERS)
    # There is no such file in this test; nobody is told to wait for it.
    assert page == 404


def test_a_school_that_leaves_in_a_hurry_is_forgotten_and_a_flood_of_demands_is_not(front: str, behind: Live) -> None:
    behind.bot.everybody.set()  # type: ignore[attr-defined]

    async def play() -> tuple[list[int], bool]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def forget(body: bytes) -> int:
                async with session.post(f"{front}/webhooks/rest/forget", data=body) as answer:
                    return answer.status

            leaving = await asyncio.gather(*(forget(message()) for _ in range(SCHOOL)))
            for _ in range(3_000):
                if await forget(b"{}") == 429:
                    return leaving, True
            return leaving, False

    assert asyncio.run(play()) == ([204] * SCHOOL, True)


@pytest.mark.parametrize(
    ("directives", "statuses"),
    [
        # Then all come from this machine, which has no limit of its own in Boussole; nginx has one for it.
        ("", [200, 200, 200]),
        ("set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;", [200, 200, 429]),
    ],
    ids=["what a visitor says of itself is not believed", "what the proxy before says of the visitor is"],
)
def test_each_visitor_has_a_limit_of_their_own(tmp_path: Path, directives: str, statuses: list[int]) -> None:
    settings = WebSettings(proxies=1, per_address=1)

    async def play(url: str) -> list[int]:
        async with aiohttp.ClientSession() as session:
            visitors = ("192.0.2.1", "192.0.2.2", "192.0.2.1")
            return [(await post(session, url, message(), X_Forwarded_For=visitor))[0] for visitor in visitors]

    with (
        live(FakeBot(), lambda: RestInput(settings, lambda: 0.0), lambda: WebsiteInput({})) as server,
        fronted(server, tmp_path, directives) as url,
    ):
        assert asyncio.run(play(url)) == statuses


def test_a_message_is_as_large_for_nginx_as_for_boussole(front: str, behind: Live) -> None:
    async def play() -> tuple[Any, Any]:
        async with aiohttp.ClientSession() as session:
            behind.bot.everybody.set()  # type: ignore[attr-defined]
            return (
                await post(session, front, message(BODY_LIMIT - 100)),
                await post(session, front, message(BODY_LIMIT + 1)),
            )

    largest, too_large = asyncio.run(play())
    assert largest[0] == 200
    assert too_large[0] == 413
    assert numbers(too_large[2]["error"]) >= set(NUMBERS)


@pytest.mark.parametrize("name", ["panne", "trop_vite", "trop_gros"])
def test_what_nginx_says_in_boussoles_place_is_what_boussole_would_say(name: str, knowledge: Knowledge) -> None:
    said = json.loads((DEPLOY / f"nginx/{name}.json").read_text(encoding="utf-8"))
    text = said["error"] if isinstance(said, dict) else said[0]["text"]
    assert text == knowledge.messages[name].text.for_reader("vous")


@pytest.mark.parametrize("path", ["/panne.json", "/trop_vite.json", "/trop_gros.json"])
def test_those_texts_have_no_address_of_their_own(front: str, path: str) -> None:
    async def play() -> int:
        async with aiohttp.ClientSession() as session, session.get(front + path) as answer:
            return answer.status

    assert asyncio.run(play()) == 404
