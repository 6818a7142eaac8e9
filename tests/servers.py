"""Real servers, as `make run` starts them, each in its own process with its own files."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from boussole.serving.stores import PATH_VARIABLE
from tests.engines import free_port

NOON = "2026-11-22T12:00:00"
# The numbers that a person must find in what they see when something is broken.
NUMBERS = ("3018", "17", "112", "114", "3114")
# One address plays many people in these tests.
UNLIMITED = {"BOUSSOLE_PER_ADDRESS": "1000000", "BOUSSOLE_PER_CONVERSATION": "1000000"}
OPENING = "ma fille de 14 ans reçoit des insultes sur instagram"


def say_to(url: str, sender: str, text: str, headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Send one message to a webhook; return the bot's messages."""
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        messages: list[dict[str, Any]] = json.load(answer)
        return messages


def question(messages: list[dict[str, Any]]) -> str | None:
    """The id of the question that the bot asks, if it asks one."""
    asked = [m["custom"]["id"] for m in messages if m.get("custom", {}).get("type") == "question"]
    return asked[-1] if asked else None


def facts(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The facts of the plan that the bot shows."""
    plans = [m["custom"] for m in messages if m.get("custom", {}).get("type") == "plan"]
    assert plans, messages
    found: dict[str, Any] = plans[-1]["facts"]
    return found


def words(messages: list[dict[str, Any]]) -> str:
    """All that the person reads."""
    return "\n".join(m["text"] for m in messages if m.get("text"))


def is_breakdown(messages: list[dict[str, Any]]) -> bool:
    """Tell whether the person is told that a part is down, with all the numbers."""
    text = words(messages)
    return "Une partie de Boussole ne répond plus" in text and all(number in text for number in NUMBERS)


@dataclass
class Server:
    """A server that can be killed and started again, on the same port with the same files."""

    folder: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    program: list[str] = field(default_factory=lambda: ["-m", "boussole.cli"])
    process: subprocess.Popen[str] | None = None

    @property
    def root(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> Path:
        """The file of its conversations."""
        return self.folder / "etat" / "conversations.sqlite"

    @property
    def log(self) -> str:
        """All that it wrote to standard error."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start, and come back when it answers."""
        if not self.run():
            pytest.fail(f"the server did not start: {self.log}")

    def run(self) -> bool:
        """Start; tell whether it came to answer, or ended before."""
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, *self.program, "run", "--port", str(self.port), *self.options]
        env = {**os.environ, "BOUSSOLE_MAINTENANT": NOON, PATH_VARIABLE: str(self.store), **self.environment}
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env)
        assert self.process.stdout is not None
        return any("Boussole répond sur" in line for line in self.process.stdout)

    def say(self, sender: str, text: str, headers: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Send one message; return the bot's messages."""
        return say_to(f"{self.root}/webhooks/rest/webhook", sender, text, headers)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Ask for a page; return its status and body."""
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.root + path, headers=dict(headers or {}))
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Send any body as JSON; return the status and the body of the answer."""
        request = urllib.request.Request(self.root + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def kill(self) -> None:
        """End at once (kill -9)."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Stop in good order; return the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(how)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """A started server, which is over at the end whatever happened."""
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


def new_sender() -> str:
    """A conversation id."""
    return str(uuid.uuid4())
