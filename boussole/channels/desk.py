"""A messaging channel's desk: each message of a platform is answered once, in its order, and in the channel's voice."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from rasa.core.channels.channel import UserMessage

from boussole.channels.abilities import CHANNELS, Abilities
from boussole.channels.choices import Numbered, read_choice
from boussole.channels.claims import Claim, Claims, Ledger
from boussole.channels.delivery import Sleep, UndeliveredError, deliver
from boussole.channels.dialogue import Dialogue
from boussole.channels.gate import admit
from boussole.channels.identity import hashing_key, keyed_hash
from boussole.channels.ledger import SqliteLedger
from boussole.channels.output import WholeMessages
from boussole.channels.renderer import Outgoing, is_numbered, render, render_text
from boussole.channels.rest import OnNewMessage, answer, breakdown_text
from boussole.channels.shared import shared_ledger
from boussole.serving.turns import answering, current_turn
from boussole.triage.knowledge import load_knowledge

logger = logging.getLogger(__name__)

# Seconds that a stopping server gives to the messages under way: less than systemd and Docker give to the server.
GRACE = 8.0
# Seconds before an answer that was given up is tried again where the platform would not ask for it, and how often: for
# 24 hours in all.
LATER, MOST_TRIES = 600.0, 144

# Sends one message; the number is its place in the answer, from 0.
Send = Callable[[Outgoing, int], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A message that came from a platform.

    ``id`` is the platform's own, the same when it presents the message again. ``author`` is what tells this person's
    conversation from all others: an account, a room and an account. ``text`` is None for what is no text (a picture, a
    voice). ``private`` is False where others read; ``direct_link`` then leads to the private conversation.
    ``encrypted`` is for a message that cannot be read at all. ``place`` is where the answer goes, in the platform's
    terms.
    """

    id: str
    author: tuple[str, ...]
    text: str | None
    private: bool = True
    direct_link: str = ""
    encrypted: bool = False
    place: Any = None


class Desk:
    """Answers the messages of one channel."""

    def __init__(
        self,
        channel: str,
        abilities: Abilities,
        key: bytes,
        ledger: Ledger,
        sleep: Sleep = asyncio.sleep,
        insists: bool = False,
    ) -> None:
        """Open the desk.

        Args:
            channel: its name, for the log and for Rasa.
            abilities: what it can show.
            key: the key of conversation ids.
            ledger: which messages were answered, on this machine.
            sleep: waits so many seconds.
            insists: whether an answer that was given up is tried again from here, as the platform does not present its
                message later.
        """
        self._insists = insists
        self._channel = channel
        self._abilities = abilities
        self._key = key
        self._sleep = sleep
        self._claims = Claims(ledger, sleep)
        self._dialogue = Dialogue(None)
        self._agent: Any = None
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._queues: dict[str, tuple[asyncio.Lock, int]] = {}

    @classmethod
    def of(cls, channel: str, insists: bool = False) -> Self:
        """Return the desk of a channel, with this process's key and ledger.

        Args:
            channel: one of `abilities.CHANNELS`.
            insists: see the class.

        Raises:
            MissingSecretError: the key of conversation ids is missing.
            OSError: the folder of the ledger cannot be made.
            sqlite3.Error: the ledger cannot be opened.
        """
        return cls(channel, CHANNELS[channel], hashing_key(), SqliteLedger.of_process(), insists=insists)

    def join(self, agent: Any) -> None:
        """Use the conversations of Rasa's agent, and the ledger that its processes share, if they do."""
        if agent is None or agent is self._agent:
            return
        self._agent = agent
        self._dialogue = Dialogue(agent)
        ledger = shared_ledger(agent)
        if ledger:
            self._claims = Claims(ledger, self._sleep)

    def conversation(self, author: tuple[str, ...]) -> str:
        """Return the conversation id of ``author``."""
        return keyed_hash(self._key, self._channel, *author)

    async def handle(self, received: Received, on_new_message: OnNewMessage, send: Send) -> None:
        """Answer a message, and return when the answer is sent or refused; do nothing when it was answered already.

        When the platform presents a message again while it is being answered, this waits for that answer. The work
        goes on when the caller is cancelled, as when a platform hangs up before the end.

        Raises:
            UndeliveredError: the platform could not be reached: the message is not answered, and may come again.
        """
        mark = keyed_hash(self._key, "message", self._channel, received.id)
        task = self._under_way.get(mark)
        if task is None:
            task = asyncio.create_task(self._insist(mark, received, on_new_message, send))
            self._under_way[mark] = task
            task.add_done_callback(partial(self._done, mark))
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

    def _done(self, mark: str, task: asyncio.Task[None]) -> None:
        self._under_way.pop(mark, None)
        if not task.cancelled():
            # Whoever waits for it has it too; when nobody does any more, it is no surprise.
            task.exception()

    async def _insist(self, mark: str, received: Received, on_new_message: OnNewMessage, send: Send) -> None:
        for _ in range(MOST_TRIES if self._insists else 0):
            try:
                return await self._handle(mark, received, on_new_message, send)
            except UndeliveredError:
                # Nobody waits for it meanwhile: what the person says next passes.
                await self._sleep(LATER)
        await self._handle(mark, received, on_new_message, send)

    async def _handle(self, mark: str, received: Received, on_new_message: OnNewMessage, send: Send) -> None:
        conversation = self.conversation(received.author)
        async with self._turn_of(conversation), self._claims.claim(mark) as claim:
            if claim is None:
                return
            # The state before this message is what it is answered from, even when it comes for the second time.
            with answering(mark):
                if await self._is_overtaken(conversation, claim):
                    return
                answer = await self._answer(conversation, received, on_new_message)
            for place, outgoing in enumerate(answer[claim.sent :], start=claim.sent):
                if not await deliver(self._channel, partial(send, outgoing, place), self._sleep):
                    # What follows would make no sense without it.
                    break
                await claim.note_sent()

    async def _is_overtaken(self, conversation: str, claim: Claim) -> bool:
        """Tell whether the person said something else since, which was answered: an older answer would only confuse."""
        if not claim.again:
            return False
        try:
            overtaken = await self._dialogue.went_on(conversation, current_turn() or "")
        except Exception as error:
            logger.error("%s: a conversation cannot be looked into: %s", self._channel, type(error).__name__)
            return False
        if overtaken:
            logger.warning("%s: an answer that could not be sent was overtaken by a newer message", self._channel)
        return overtaken

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
        notice = await self._notice(conversation, received)
        if notice:
            return render_text(notice, self._abilities)
        try:
            text = await self._pick(conversation, received.text or "")
        except LookupError as error:
            return render_text(str(error.args[0]), self._abilities)
        messages = await self._ask(conversation, text, on_new_message)
        try:
            return render(messages, self._abilities)
        except Exception as error:
            # Whatever the bot said that cannot be shown, the person still gets the numbers.
            logger.error("an answer could not be shown on %s: %s", self._channel, type(error).__name__)
            return render_text(breakdown_text(), self._abilities)

    async def _pick(self, conversation: str, text: str) -> str:
        """Return what the numbered choice that ``text`` names sends; ``text`` itself when it names none.

        Raises:
            LookupError: it is a number that is not in the list; the message says so to the person.
        """
        if read_choice(text) is None:
            return text
        try:
            pending = await self._dialogue.pending(conversation)
        except Exception as error:
            # The bot itself will say that something is broken, if it still is.
            logger.error("%s: a conversation cannot be looked into: %s", self._channel, type(error).__name__)
            return text
        return Numbered.of(pending).pick(text, is_numbered(pending, self._abilities))

    async def _notice(self, conversation: str, received: Received) -> str:
        """Return what is said without reading the message, or an empty text."""
        messages = load_knowledge().messages
        if not received.private:
            return "\n".join(filter(None, [messages["groupe"].text.for_reader("vous"), received.direct_link]))
        if received.encrypted:
            return messages["chiffre"].text.for_reader("vous")
        if received.text is not None:
            return ""
        try:
            tone = await self._dialogue.tone(conversation)
        except Exception as error:
            logger.error("%s: a conversation cannot be looked into: %s", self._channel, type(error).__name__)
            tone = "vous"
        return messages["illisible"].text.for_reader(tone)

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
        return messages
