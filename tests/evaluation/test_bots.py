"""Turns as the REST channel gives them, and a bot behind HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import requests

from boussole.evaluation.bots import HttpBot, Turn, WatchedBot
from boussole.triage.model import Knowledge
from tests.evaluation.fakes import ScriptedBot, asks, custom, plans, text


def test_a_turn_waits_for_the_answer_to_its_last_question() -> None:
    assert asks("profil").question == "profil"
    assert Turn([text("Bonjour")]).question is None


def test_a_question_after_a_plan_waits_and_one_before_does_not() -> None:
    plan, question = custom("plan", facts={}, steps=[]), custom("question", id="danger")
    assert Turn([plan, question]).question == "danger"
    assert Turn([question, plan]).question is None


def test_alerts_and_objects_are_read_from_the_turn() -> None:
    turn = Turn([custom("alerte", niveau="suicide"), custom("hors_sujet")])
    assert turn.alerts == ("suicide",)
    assert turn.has("hors_sujet")
    assert not turn.has("plan")


@pytest.mark.parametrize("turn", [Turn([]), Turn([text("  ")]), plans({}, [])], ids=["nothing", "blank", "words"])
def test_a_turn_without_words_is_broken(knowledge: Knowledge, turn: Turn) -> None:
    bot = WatchedBot(ScriptedBot(turn), knowledge)
    bot.send("x", "bonjour")
    assert bot.broken == ([] if turn.texts else ["bonjour"])


@pytest.mark.parametrize("register", ["vous", "tu"])
def test_a_breakdown_text_is_a_broken_turn(knowledge: Knowledge, register: str) -> None:
    breakdown = knowledge.messages["panne"].text.for_reader(register)
    bot = WatchedBot(ScriptedBot(Turn([text(breakdown)])), knowledge)
    bot.send("x", "bonjour")
    assert bot.broken == ["bonjour"]


class Webhook(BaseHTTPRequestHandler):
    """Answers as the test asks, and keeps what it was sent."""

    received: ClassVar[list[Any]] = []
    status = 200
    body = b"[]"

    def do_POST(self) -> None:
        words = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, json.loads(words)))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Webhook.received.clear()
    Webhook.status, Webhook.body = 200, b"[]"
    with HTTPServer(("127.0.0.1", 0), Webhook) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def send(url: str) -> Turn:
    with requests.Session() as session:
        return HttpBot(session, url).send("x" * 20, "bonjour")


def test_a_server_is_talked_to_through_the_rest_channel(server: str) -> None:
    Webhook.body = json.dumps([text("Bonjour"), custom("question", id="danger")]).encode()
    assert send(f"{server}/").question == "danger"
    assert Webhook.received == [("/webhooks/rest/webhook", {"sender": "x" * 20, "message": "bonjour"})]


@pytest.mark.parametrize(("status", "body"), [(500, b"[]"), (200, b"oups"), (200, b'{"a": 1}'), (200, b'["a"]')])
def test_an_answer_that_is_not_the_contract_s_is_an_empty_turn(server: str, status: int, body: bytes) -> None:
    Webhook.status, Webhook.body = status, body
    assert send(server) == Turn([])


def test_a_server_that_does_not_answer_is_named(server: str) -> None:
    with pytest.raises(ConnectionError, match="is the server running"):
        send("http://127.0.0.1:9")
