"""A messaging channel's desk: each message of a platform is answered once, in its order, and in the channel's voice."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rasa.core.channels.channel import UserMessage

from boussole.channels.abilities import Abilities
from boussole.channels.choices import PendingChoices
from boussole.channels.delivery import Sleep, deliver
from boussole.channels.gate import admit
from boussole.channels.identity import keyed_hash
from boussole.channels.ledger import Ledger
from boussole.channels.output import WholeMessages
from boussole.channels.renderer import Outgoing, is_numbered, render, render_text
from boussole.channels.rest import OnNewMessage, answer, breakdown_text
from boussole.serving.turns import answering
from boussole.triage.knowledge import load_knowledge

logger = logging.getLogger(__name__)

# Seconds that a stopping server gives to the messages under way: less than systemd and Docker give to the server.
GRACE = 8.0

# Sends one message; the number is its place in the answer, from 0.
Send = Callable[[Outgoing, int], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A message that came from a platform.

    ``id`` is the platform's own, the same when it presents the message again. ``author`` is what tells this person's
    conversation from all others: an account, a room and an account. ``text`` is None for what is no text (a picture, a
    voice). ``private`` is False where others read; ``direct_link`` then leads to the private conversation.
    ``encrypted`` is for a message that cannot be read at all.
    """

    id: str
    author: tuple[str, ...]
    text: str | None
    private: bool = True
    direct_link: str = ""
    encrypted: bool = False


class Desk:
    """Answers the messages of one channel."""

    def __init__(
        self,
        channel: str,
        abilities: Abilities,
        key: bytes,
        ledger: Ledger,
        sleep: Sleep = asyncio.sleep,
        choices: PendingChoices | None = None,
    ) -> None:
        """Open the desk.

        Args:
            channel: its name, for the log and for Rasa.
            abilities: what it can show.
            key: the key of conversation ids.
            ledger: which messages were answered.
            sleep: waits so many seconds.
            choices: the numbered choices of each conversation; by default none yet.
        """
        self._channel = channel
        self._abilities = abilities
        self._key = key
        self._ledger = ledger
        self._sleep = sleep
        self._choices = choices or PendingChoices()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._queues: dict[str, tuple[asyncio.Lock, int]] = {}

    def conversation(self, author: tuple[str, ...]) -> str:
        """Return the conversation id of ``author``."""
        return keyed_hash(self._key, self._channel, *author)

    async def handle(self, received: Received, on_new_message: OnNewMessage, send: Send) -> None:
        """Answer a message, and return when the answer is sent or given up; do nothing when it was answered already.

        When the platform presents a message again while it is being answered, this waits for that answer. The work
        goes on when the caller is cancelled, as when a platform hangs up before the end.
        """
        mark = keyed_hash(self._key, "message", self._channel, received.id)
        if self._was_answered(mark):
            return
        task = self._under_way.get(mark)
        if task is None:
            task = asyncio.create_task(self._handle(mark, received, on_new_message, send))
            self._under_way[mark] = task
            task.add_done_callback(lambda _: self._under_way.pop(mark, None))
        await asyncio.shield(task)

    async def finish(self, seconds: float = GRACE) -> None:
        """Give the messages under way so many seconds to be answered, then let go of them.

        Those are not noted as answered: the platform presents them again.
        """
        if not self._under_way:
            return
        _, late = await asyncio.wait(list(self._under_way.values()), timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            logger.warning("%s: messages let go of unanswered, as the server stops: %d", self._channel, len(late))
            await asyncio.gather(*late, return_exceptions=True)

    async def _handle(self, mark: str, received: Received, on_new_message: OnNewMessage, send: Send) -> None:
        conversation = self.conversation(received.author)
        async with self._turn_of(conversation):
            # One that a process took before it died, and that the platform presents again, is not taken twice.
            with answering(mark):
                answered = await self._answer(conversation, received, on_new_message)
            for place, outgoing in enumerate(answered):
                if not await deliver(self._channel, partial(send, outgoing, place), self._sleep):
                    # What follows would make no sense without it.
                    break
            self._note_answered(mark)

    def _was_answered(self, mark: str) -> bool:
        try:
            return self._ledger.was_answered(mark)
        except sqlite3.Error as error:
            # Answering twice is better than not at all.
            logger.error("the ledger of %s cannot be read: %s", self._channel, type(error).__name__)
            return False

    def _note_answered(self, mark: str) -> None:
        try:
            self._ledger.note_answered(mark)
        except sqlite3.Error as error:
            # The answer is sent: a full disk must not have the platform present the message again.
            logger.error("the ledger of %s cannot be written: %s", self._channel, type(error).__name__)

    @asynccontextmanager
    async def _turn_of(self, conversation: str) -> AsyncIterator[None]:
        """Let the messages of one conversation pass one after the other, in the order in which they came."""
        lock, waiting = self._queues.get(conversation, (asyncio.Lock(), 0))
        self._queues[conversation] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._queues.pop(conversation)
            if waiting > 1:
                self._queues[conversation] = (lock, waiting - 1)

    async def _answer(self, conversation: str, received: Received, on_new_message: OnNewMessage) -> Sequence[Outgoing]:
        notice = self._notice(received)
        if notice:
            return render_text(notice, self._abilities)
        try:
            text = self._choices.of(conversation).pick(received.text or "")
        except LookupError as error:
            return render_text(str(error.args[0]), self._abilities)
        messages = await self._ask(conversation, text, on_new_message)
        try:
            return render(messages, self._abilities)
        except Exception as error:
            # Whatever the bot said that cannot be shown, the person still gets the numbers.
            logger.error("an answer could not be shown on %s: %s", self._channel, type(error).__name__)
            return render_text(breakdown_text(), self._abilities)

    def _notice(self, received: Received) -> str:
        """Return what is said without reading the message, or an empty text."""
        messages = load_knowledge().messages
        if not received.private:
            return "\n".join(filter(None, [messages["groupe"].text.for_reader("vous"), received.direct_link]))
        if received.encrypted:
            return messages["chiffre"].text.for_reader("vous")
        return "" if received.text is not None else messages["illisible"].text.for_reader("vous")

    async def _ask(self, conversation: str, text: str, on_new_message: OnNewMessage) -> list[dict[str, Any]]:
        incoming = admit(text)
        message = UserMessage(
            incoming.text, WholeMessages(), conversation,
            input_channel=self._channel, metadata={"tronque": incoming.truncated},
        )  # fmt: skip
        messages = await answer(on_new_message, message)
        task = asyncio.current_task()
        if task and task.cancelling():
            # The failure that the turn ends with is only the server's stop: the message will come again.
            raise asyncio.CancelledError
        if not any(said.get("text") == breakdown_text() for said in messages):
            # After a breakdown the same answer can be tried again.
            shown = [said for said in messages if is_numbered(said, self._abilities)]
            self._choices.remember(conversation, shown)
        return messages
