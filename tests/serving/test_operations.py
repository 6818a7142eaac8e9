"""What an operator's tools see of the real server: health, figures, logs, stopping."""

import contextlib
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.engines import wait_for
from tests.servers import OPENING, Server, new_sender, question, running

MARKER = "motsecretquinedoitpasfuiter"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(Server(tmp_path_factory.mktemp("operations"))) as started:
        yield started


def test_a_server_that_works_is_alive_and_ready(server: Server) -> None:
    status, body = server.get("/sante")
    assert status == 200
    assert json.loads(body) == {
        "vivant": True, "pret": True, "parties": {"modele": True, "conversations": True, "verrous": True},
    }  # fmt: skip
    assert server.get("/sante/vivant")[0] == 200
    assert server.get("/sante/pret")[0] == 200


@pytest.mark.parametrize("path", ["/sante", "/sante/pret", "/metrics"])
def test_what_is_for_the_operator_does_not_go_through_a_reverse_proxy(server: Server, path: str) -> None:
    assert server.get(path, {"X-Forwarded-For": "203.0.113.7"})[0] == 404
    assert server.get("/sante/vivant", {"X-Forwarded-For": "203.0.113.7"})[0] == 200


def figures(server: Server) -> dict[str, float]:
    """The server's figures by name and labels."""
    lines = server.get("/metrics")[1].decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_turns_questions_alerts_and_plans_are_counted(server: Server) -> None:
    before = figures(server)
    sender = new_sender()
    assert question(server.say(sender, OPENING)) == "danger"
    server.say(sender, "elle dit qu'elle veut mourir")
    server.say(sender, "/resume")
    server.say(sender, "quelle est la recette de la tarte aux pommes ?")
    after = figures(server)

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('boussole_turns_total{outcome="ok"}') == 4
    assert more("boussole_turn_seconds_count") == 4
    assert more('boussole_questions_total{question="danger"}') >= 1
    assert more('boussole_alerts_total{level="suicide"}') >= 1
    assert more("boussole_plans_total") >= 1
    assert more('boussole_plan_steps_total{step="preuves"}') >= 1
    assert any(name.startswith("boussole_actions_total") for name in after)


def test_figures_hold_no_word_and_no_conversation_id(server: Server) -> None:
    sender = new_sender()
    server.say(sender, f"{OPENING} {MARKER}", {"X-Request-ID": MARKER})
    text = server.get("/metrics")[1].decode()
    assert MARKER not in text
    assert sender not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)


def test_every_line_of_the_log_is_json(server: Server) -> None:
    server.say(new_sender(), OPENING)
    # Sanic has something to say of a body that nobody reads.
    body = urllib.request.Request(f"{server.root}/sante?{MARKER}", MARKER.encode(), method="OPTIONS")
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(body) as answer:
        answer.read()
    # It says it after the answer.
    wait_for(lambda: "sanic.error" in server.log, "Sanic's line")
    assert MARKER not in server.log
    for line in server.log.splitlines():
        if line.startswith("Démarrage"):
            continue
        assert json.loads(line)["level"]


def test_asked_to_stop_the_server_finishes_the_turns_under_way(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(Server(tmp_path_factory.mktemp("stop"))) as server:
        # Enough work that turns are under way, some begun and some waiting, when the signal comes.
        answers: list[str | None] = []
        first = threading.Event()

        def talk() -> None:
            messages = server.say(new_sender(), OPENING)
            answers.append(question(messages))
            first.set()

        people = [threading.Thread(target=talk) for _ in range(12)]
        for person in people:
            person.start()
        first.wait(60)
        assert server.stop() == 0
        for person in people:
            person.join(60)
        # Whoever was connected is answered; nobody gets half an answer.
        assert answers
        assert set(answers) == {"danger"}
