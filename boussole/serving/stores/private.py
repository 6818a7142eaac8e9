"""A Rasa tracker store that keeps conversations without words, sealed, on any shelf."""

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Any, Protocol

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from boussole.serving.seal import row_key, seal, unseal
from boussole.serving.turns import current_turn
from boussole.serving.wordless import without_words

logger = logging.getLogger(__name__)

# How often what was silent for too long is looked for; nobody gets it in the meantime.
SWEEP_SECONDS = 60.0


class Shelf(Protocol):
    """A place for sealed states by key. It gives nothing that was silent for too long."""

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under ``key``, or None."""

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep ``sealed`` under ``key`` from now on, in place of what was there."""

    async def erase(self, key: str) -> None:
        """Leave no trace of ``key``; nothing happens when there is none."""

    async def forget_idle(self) -> None:
        """Erase whatever was silent for too long."""

    async def ping(self) -> None:
        """Do nothing, but fail when the shelf cannot be used."""

    async def close(self) -> None:
        """Let go of files and connections."""


class PrivateTrackerStore(TrackerStore):
    """Keeps a conversation from message to message, and forgets it.

    What is kept of a message is its intent and its facts, never its text; of an answer, only which question or plan it
    was (:mod:`boussole.serving.wordless`). It is sealed with the conversation's id (:mod:`boussole.serving.seal`),
    erased at once when the conversation is restarted (« effacer »), and otherwise when it was silent for too long.

    Errors of the shelf are raised: whoever answers the person then gives the emergency numbers.
    """

    def __init__(self, domain: Domain, event_broker: EventBroker | None, shelf: Shelf) -> None:
        """Use ``shelf`` for the conversations of ``domain``."""
        super().__init__(domain, event_broker)
        self.shelf = shelf
        self._timer: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation as it stands, without words; erase it when it was just restarted."""
        await self.stream_events(tracker)
        self.sweep_later()
        events = [event.as_dict() for event in tracker.events_after_latest_restart()]
        if any(event["event"] == "user" for event in events):
            state = json.dumps(_state(events)).encode()
            await self.shelf.write(row_key(tracker.sender_id), seal(tracker.sender_id, state))
        elif tracker.idx_after_latest_restart():
            await self.shelf.erase(row_key(tracker.sender_id))
        # A conversation in which nobody has said anything yet is not worth a row.

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None when there is none or it was silent for too long.

        A message that is answered for the second time finds the conversation as it was before the first.

        Raises:
            BrokenSealError: what is kept was damaged.
        """
        self.sweep_later()
        sealed = await self.shelf.read(row_key(sender_id))
        if sealed is None:
            return None
        events = _before(json.loads(unseal(sender_id, sealed)), current_turn())
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots, self.max_event_history)

    async def keys(self) -> Iterable[str]:
        """Return nothing: a conversation's id is not kept, so nobody can list them."""
        return []

    async def close(self) -> None:
        """Let go of the shelf's files and connections."""
        if self._timer is not None:
            self._timer.cancel()
        await self.shelf.close()

    def sweep_later(self) -> None:
        """Look for silent conversations again soon, whether anybody writes or not; needs a running loop."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._start_sweep)

    def _start_sweep(self) -> None:
        self._timer = None
        self._sweeping = asyncio.ensure_future(self.sweep())

    async def sweep(self) -> None:
        """Erase what was silent for too long, now; a failure is logged and tried again later."""
        try:
            await self.shelf.forget_idle()
        except Exception as error:
            logger.error("silent conversations could not be erased: %s", type(error).__name__)
        self.sweep_later()


def _state(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [bare for event in events if (bare := without_words(event))]
    turn = current_turn()
    if turn:
        latest = next(event for event in reversed(kept) if event["event"] == "user")
        latest["message_id"] = turn
    return kept


def _before(events: list[dict[str, Any]], turn: str | None) -> list[dict[str, Any]]:
    """Return ``events``, up to the latest message when that is the one under way."""
    places = [place for place, event in enumerate(events) if event["event"] == "user"]
    if turn and places and events[places[-1]].get("message_id") == turn:
        return events[: places[-1]]
    return events
