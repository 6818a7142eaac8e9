"""The last answer of each conversation, for a client that lost it on the way and asks again.

That it is not said twice is known to the conversation's own state (:mod:`boussole.serving.turns`), whichever process
answers. What is kept here besides spares the turn, and gives the same words to the letter.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

from boussole.serving.turns import answering

# As long as somebody may try again after a tunnel; the answer then leaves the memory.
KEEP_SECONDS = 600
MOST_REPLIES = 2_000

Messages = list[dict[str, Any]]


class Replies:
    """Runs a turn once for each message id; whoever sends the same id again gets the same answer."""

    def __init__(self, keep_seconds: float = KEEP_SECONDS, most: int = MOST_REPLIES) -> None:
        """Start empty.

        Args:
            keep_seconds: how long an answer is kept after its message came.
            most: how many conversations are remembered; the oldest go first.
        """
        self._keep_seconds = keep_seconds
        self._most = most
        self._turns: OrderedDict[str, tuple[str, asyncio.Task[Messages]]] = OrderedDict()

    async def once(
        self, sender: str, message_id: str | None, turn: Callable[[], Coroutine[Any, Any, Messages]]
    ) -> Messages:
        """Return what ``turn`` answers, or answered, to this message; without an id, each call is a turn.

        A turn with an id goes on when whoever waits for it goes away: the connection may be lost, the message was said.
        """
        if message_id is None:
            return await turn()
        known, task = self._turns.get(sender, ("", None))
        if task is None or known != message_id:
            with answering(message_id):
                # The task takes the context with it: the store will know which message it keeps.
                task = asyncio.ensure_future(turn())
            self._turns[sender] = (message_id, task)
            self._turns.move_to_end(sender)
            if len(self._turns) > self._most:
                self._turns.popitem(last=False)
            asyncio.get_running_loop().call_later(self._keep_seconds, self._expire, sender, task)
        return await asyncio.shield(task)

    def forget(self, sender: str) -> None:
        """Drop the answer that is kept for ``sender``, if any."""
        self._turns.pop(sender, None)

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._turns)

    def _expire(self, sender: str, task: asyncio.Task[Messages]) -> None:
        # A newer message may have taken the place; it has its own time.
        if self._turns.get(sender, ("", None))[1] is task:
            self.forget(sender)
