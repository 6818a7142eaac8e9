"""Messengers on real servers: a restart, two processes, a process that dies. Redis is real, the platform a stand-in."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from boussole.channels.claims import LEASE
from boussole.triage.knowledge import PROJECT, load_knowledge
from tests.channels.stubs import ADDRESS, SIGNING, STUBS, TOKEN
from tests.engines import redis_server, wait_for
from tests.servers import OPENING, Server, running

SMS = STUBS["sms"]


@dataclass
class Twilio:
    """Twilio's API, on the loopback; it keeps what is sent, and can be held up."""

    url: str = ""
    sent: list[str] = field(default_factory=list)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    free: threading.Event = field(default_factory=threading.Event)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """The requests' handler."""
        twilio = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                twilio.asked.release()
                twilio.free.wait()
                twilio.sent.append(body["Body"])
                answer = json.dumps(SMS.yes).encode()
                self.send_response(201)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def twilio_api() -> Iterator[Twilio]:
    """Serve Twilio's API in a thread."""
    twilio = Twilio()
    twilio.free.set()
    with ThreadingHTTPServer(("127.0.0.1", 0), twilio.handler()) as server:
        twilio.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield twilio
        finally:
            twilio.free.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def twilio() -> Iterator[Twilio]:
    with twilio_api() as api:
        yield api


@pytest.fixture(autouse=True)
def empty(twilio: Twilio) -> None:
    twilio.sent.clear()
    twilio.free.set()


def environment(folder: Path, twilio: Twilio) -> dict[str, str]:
    """A server with nothing on but SMS."""
    account = {"account_sid": "AC1", "auth_token": TOKEN, "twilio_number": "+33700000000"}
    settings = {**account, "adresse": ADDRESS, "api": twilio.url}
    (folder / "credentials.yml").write_text(
        json.dumps({"boussole.channels.sms.SmsInput": settings, "boussole.channels.operations.OperationsInput": None})
    )
    return {
        "BOUSSOLE_CREDENTIALS": str(folder / "credentials.yml"),
        "BOUSSOLE_CLE": "c" * 32,
        "BOUSSOLE_ETAT": str(folder / "etat"),
    }


def present(server: Server, text: str, number: int) -> int:
    """Present a message to a server as Twilio does; return the status, 0 when the server is gone."""
    body, headers = SMS.request(text, number, SIGNING)
    request = urllib.request.Request(f"{server.root}/webhooks/twilio/webhook", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def asks(text: str, question: str) -> bool:
    """Tell whether a message asks a question, to whoever."""
    return any(
        text.startswith(load_knowledge().questions[question].text.for_reader(tone, profile))
        for tone in ("tu", "vous") for profile in ("", "parent", "victime")
    )  # fmt: skip


def test_a_number_still_answers_after_the_process_was_killed(twilio: Twilio, tmp_path: Path) -> None:
    with running(Server(tmp_path, environment=environment(tmp_path, twilio))) as server:
        assert present(server, OPENING, 1) == 200
        assert asks(twilio.sent[-1], "danger")
        assert "3. Non" in twilio.sent[-1]
        server.kill()
        server.start()
        before = len(twilio.sent)
        assert present(server, OPENING, 1) == 200
        assert len(twilio.sent) == before
        assert present(server, "3", 2) == 200
        assert not asks(twilio.sent[-1], "danger")
        assert len(twilio.sent) == before + 1
    assert OPENING not in server.log


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, twilio: Twilio) -> Iterator[tuple[Server, Server]]:
    """Two processes that share nothing but Redis, as on two machines."""
    one, two, store = (tmp_path_factory.mktemp(name) for name in ("one", "two", "redis"))
    with redis_server(store) as redis:
        shared = {
            "BOUSSOLE_ENDPOINTS": str(PROJECT / "deploy" / "endpoints.redis.yml"), "BOUSSOLE_REDIS_URL": redis.url,
        }  # fmt: skip
        first, second = (Server(f, environment={**environment(f, twilio), **shared}) for f in (one, two))
        with running(first), running(second):
            yield first, second


def test_a_message_presented_to_two_machines_at_once_is_answered_once(
    pair: tuple[Server, Server], twilio: Twilio
) -> None:
    with ThreadPoolExecutor(4) as people:
        assert list(people.map(lambda server: present(server, OPENING, 11), pair * 2)) == [200] * 4
    assert sum(asks(text, "danger") for text in twilio.sent) == 1


def test_a_number_answers_on_the_other_machine(pair: tuple[Server, Server], twilio: Twilio) -> None:
    assert present(pair[0], "recommencer", 20) == 200
    assert present(pair[0], OPENING, 21) == 200
    assert asks(twilio.sent[-1], "danger")
    assert present(pair[1], "trois", 22) == 200
    assert not asks(twilio.sent[-1], "danger")


def test_a_machine_that_dies_with_an_answer_on_its_way_leaves_it_to_the_other(
    pair: tuple[Server, Server], twilio: Twilio
) -> None:
    first, second = pair
    assert present(first, "recommencer", 30) == 200
    twilio.sent.clear()
    while twilio.asked.acquire(blocking=False):
        pass
    twilio.free.clear()
    with ThreadPoolExecutor(2) as platform:
        lost = platform.submit(present, first, OPENING, 31)
        # The turn is over and kept; the answer is about to leave.
        twilio.asked.acquire()
        first.kill()
        assert lost.result() == 0
        twilio.free.set()
        # What had left before the kill is Twilio's to send.
        wait_for(lambda: len(twilio.sent) == 1, "the first message of the answer")
        twilio.sent.clear()
        # The dead one's lease, some seconds, is waited for; no turn is counted twice.
        assert platform.submit(present, second, OPENING, 31).result(timeout=LEASE + 60) == 200
    assert sum(asks(text, "danger") for text in twilio.sent) == 1
    first.start()
    assert present(first, "3", 32) == 200
    assert not asks(twilio.sent[-1], "danger")
