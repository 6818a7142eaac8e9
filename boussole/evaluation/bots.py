"""The bot as one talks to it: in this process, or over HTTP."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import requests
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from boussole.channels.gate import admit
from boussole.channels.rest import RestInput, answer
from boussole.serving.agent import load_agent
from boussole.triage.model import Knowledge

# Seconds: a turn takes a fraction of one, but a server's first turn loads what it needs.
TIMEOUT = 60


@dataclass(frozen=True)
class Turn:
    """The bot's messages after one of the person's, as the REST channel gives them (contract.md, section 4)."""

    messages: Sequence[Mapping[str, Any]]

    @property
    def texts(self) -> tuple[str, ...]:
        """What the person reads, without the blank messages."""
        return tuple(text for message in self.messages if (text := str(message.get("text") or "").strip()))

    @property
    def objects(self) -> tuple[Mapping[str, Any], ...]:
        """The machine-readable objects, in order."""
        customs = (message.get("custom") for message in self.messages)
        return tuple(custom for custom in customs if isinstance(custom, dict))

    def has(self, kind: str) -> bool:
        """Tell whether the turn carries an object of type ``kind``."""
        return any(one.get("type") == kind for one in self.objects)

    @property
    def question(self) -> str | None:
        """The id of the question that waits for an answer; None when there is none, or a plan after it."""
        leading = [one for one in self.objects if one.get("type") in ("question", "plan")]
        return str(leading[-1]["id"]) if leading and leading[-1]["type"] == "question" else None

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """The last plan of the turn, or None."""
        plans = [one for one in self.objects if one.get("type") == "plan"]
        return plans[-1] if plans else None

    @property
    def alerts(self) -> tuple[str, ...]:
        """The crisis levels that the turn raises."""
        return tuple(one["niveau"] for one in self.objects if one.get("type") == "alerte")


class Bot(Protocol):
    """What can be talked to."""

    def send(self, sender: str, text: str) -> Turn:
        """Say ``text`` in the conversation ``sender`` and return the bot's turn."""


class InProcessBot:
    """The trained bot in this process, through the same doors as the channels."""

    def __init__(self, runner: asyncio.Runner, model: Path | None = None) -> None:
        """Keep what loads the bot when it is first needed.

        Args:
            runner: where the turns run; its owner closes it.
            model: a model archive; by default the newest of `models/`.
        """
        self._runner = runner
        self._model = model

    @cached_property
    def _agent(self) -> Any:
        return self._runner.run(load_agent(self._model))

    def send(self, sender: str, text: str) -> Turn:
        """Say ``text`` in the conversation ``sender`` and return the bot's turn.

        Raises:
            NoModelError: there is no trained model.
        """
        incoming = admit(text)
        message = UserMessage(
            incoming.text,
            CollectingOutputChannel(),
            sender,
            input_channel=RestInput.name(),
            metadata={"tronque": incoming.truncated},
        )
        agent = self._agent
        return Turn(self._runner.run(answer(agent.handle_message, message)))


class HttpBot:
    """A bot behind Rasa's REST channel."""

    def __init__(self, session: requests.Session, url: str) -> None:
        """Keep the ``session``, which its owner closes, and the server's ``url``, such as http://127.0.0.1:5005."""
        self._session = session
        self._webhook = f"{url.rstrip('/')}/webhooks/rest/webhook"

    def send(self, sender: str, text: str) -> Turn:
        """Say ``text`` in the conversation ``sender``; an answer that is not the contract's is an empty turn.

        Raises:
            ConnectionError: the server cannot be reached.
        """
        try:
            response = self._session.post(self._webhook, json={"sender": sender, "message": text}, timeout=TIMEOUT)
        except requests.RequestException as error:
            why = type(error).__name__
            raise ConnectionError(f"no answer from {self._webhook} ({why}): is the server running?") from error
        try:
            messages = response.json() if response.ok else []
        except requests.JSONDecodeError:
            messages = []
        return Turn([one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else [])


class WatchedBot:
    """Talks to ``bot`` and keeps the messages whose turn broke: no text came, or the one for breakdowns."""

    def __init__(self, bot: Bot, knowledge: Knowledge) -> None:
        """Start with no broken turn."""
        self._bot = bot
        self._breakdowns = frozenset(knowledge.messages["panne"].text.variants.values())
        self.broken: list[str] = []

    def send(self, sender: str, text: str) -> Turn:
        """Say ``text`` in the conversation ``sender`` and return the bot's turn."""
        turn = self._bot.send(sender, text)
        if not turn.texts or self._breakdowns.intersection(turn.texts):
            self.broken.append(text)
        return turn
