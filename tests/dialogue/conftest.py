"""A trained bot, and a way to talk with it as a channel does."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from boussole.channels.gate import admit, new_sender

NOON = "2026-11-22T12:00:00"


@dataclass
class Turn:
    """What the bot answered to one message."""

    messages: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """All the texts, one after the other."""
        return "\n".join(message["text"] for message in self.messages if "text" in message)

    def customs(self, kind: str) -> list[dict[str, Any]]:
        """The machine-readable objects of one type."""
        return [m["custom"] for m in self.messages if m.get("custom", {}).get("type") == kind]

    @property
    def question(self) -> str | None:
        """The id of the question asked, if one was."""
        asked = self.customs("question")
        return asked[-1]["id"] if asked else None

    @property
    def plan(self) -> dict[str, Any]:
        """The plan shown."""
        return self.customs("plan")[-1]

    @property
    def steps(self) -> list[str]:
        """The ids of the plan's steps."""
        return [step["id"] for step in self.plan["steps"]]

    @property
    def buttons(self) -> list[dict[str, str]]:
        """The buttons offered."""
        return [button for message in self.messages for button in message.get("buttons", ())]


@dataclass
class Conversation:
    """One person's conversation with the bot."""

    agent: Any
    loop: asyncio.AbstractEventLoop
    sender: str = field(default_factory=new_sender)

    def say(self, *texts: str) -> Turn:
        """Send messages one after the other; return the answer to the last one."""
        turn = Turn([])
        for text in texts:
            turn = Turn(self.loop.run_until_complete(self._send(text)))
        return turn

    async def _send(self, text: str) -> list[dict[str, Any]]:
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        from boussole.channels.rest import answer

        incoming = admit(text)
        message = UserMessage(
            incoming.text, CollectingOutputChannel(), self.sender, metadata={"tronque": incoming.truncated}
        )
        return await answer(self.agent.handle_message, message)

    def facts(self) -> dict[str, Any]:
        """The facts that the bot knows, as its summary says them."""
        facts: dict[str, Any] = self.say("/resume").plan["facts"]
        return facts


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One event loop for all the conversations."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def agent(loop: asyncio.AbstractEventLoop) -> Any:
    """The trained bot, with its actions in the same process, as `make run` serves it."""
    from boussole.serving.agent import load_agent

    return loop.run_until_complete(load_agent())


@pytest.fixture
def talk(agent: Any, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Conversation]:
    """Open a new conversation, on a fixed day."""
    assert datetime.fromisoformat(NOON)
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", NOON)
    return lambda: Conversation(agent, loop)
