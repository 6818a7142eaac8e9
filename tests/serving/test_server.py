"""The real server, as `make run` starts it, over HTTP."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MARKER = "motsecretquinedoitpasfuiter"


@dataclass
class Server:
    """A running server and where its words go."""

    url: str
    log: Path

    def post(self, body: bytes | dict[str, Any]) -> tuple[int, Any]:
        """POST to the webhook; return the status and the JSON answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, started by the command line, until the module's tests are over."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "boussole.cli", "run", "--port", str(port)]
    env = {**os.environ, "BOUSSOLE_MAINTENANT": "2026-11-22T12:00:00"}
    with (
        log.open("w") as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True, env=env) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if "Boussole répond sur" in line:
                break
        else:
            pytest.fail(f"the server did not start: {log.read_text()}")
        yield Server(f"http://127.0.0.1:{port}/webhooks/rest/webhook", log)
        process.terminate()
        process.wait()


def test_a_conversation_over_http_ends_in_a_plan(server: Server) -> None:
    sender = str(uuid.uuid4())
    opening = (
        "mon fils de 13 ans est insulté sur un groupe WhatsApp par des élèves de sa classe, "
        "on a signalé il y a 5 semaines et rien"
    )
    status, messages = server.post({"sender": sender, "message": opening})
    assert status == 200
    assert {"type": "question", "id": "danger"} in [message.get("custom") for message in messages]
    _, messages = server.post({"sender": sender, "message": "non, ça va"})
    plans = [m["custom"] for m in messages if m.get("custom", {}).get("type") == "plan"]
    assert plans
    assert plans[0]["steps"][0]["id"] == "preuves"


@pytest.mark.parametrize(
    "sender", [None, "", "default", "court", "x" * 65, "a b c d e f g h i j k l m", 12345678901234567890, ["x"]]
)
def test_a_call_without_a_proper_conversation_id_is_refused(server: Server, sender: object) -> None:
    body = {"message": "bonjour"} if sender is None else {"sender": sender, "message": "bonjour"}
    status, answer = server.post(body)
    assert status == 400
    assert "sender" in answer["error"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'"text"', b"null", b"{"])
def test_a_body_that_is_not_an_object_is_refused(server: Server, body: bytes) -> None:
    status, answer = server.post(body)
    assert status == 400
    assert answer["error"]


@pytest.mark.parametrize("message", [None, 12, ["x"], {"a": 1}, True])
def test_a_message_that_is_not_a_text_is_refused(server: Server, message: object) -> None:
    status, answer = server.post({"sender": str(uuid.uuid4()), "message": message})
    assert status == 400
    assert "message" in answer["error"]


def test_no_word_of_a_conversation_reaches_the_log(server: Server) -> None:
    sender = str(uuid.uuid4())
    for text in (f"bonjour {MARKER}", f"/{MARKER}", f"<b>{MARKER}</b>" * 50, f"{MARKER} je veux mourir", "effacer"):
        server.post({"sender": sender, "message": text})
    server.post(f'{{"sender": "{sender}", "message": ["{MARKER}"]}}'.encode())
    assert MARKER not in server.log.read_text()
    assert sender not in server.log.read_text()


def test_rasa_s_own_api_is_off(server: Server) -> None:
    root = server.url.removesuffix("/webhooks/rest/webhook")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{root}/conversations/default/tracker")
    assert error.value.code == 404


def test_the_server_may_hold_as_many_connections_as_the_machine_lets_it() -> None:
    code = (
        "import resource as r; from boussole.serving import server\n"
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (256, hard))\n"
        "server._allow_open_files(); print(r.getrlimit(r.RLIMIT_NOFILE) == (min(hard, server.OPEN_FILES), hard))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
