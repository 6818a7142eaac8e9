"""Where conversations are kept: in this process only, without anybody's words, and not for long."""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from boussole.serving.wordless import without_words

# domain.yml's session_expiration_time; the privacy notice says the same.
IDLE_MINUTES = 60.0


class ForgetfulTrackerStore(InMemoryTrackerStore):
    """Rasa's in-memory store, that forgets.

    A conversation is dropped after ``idle_minutes`` without a message, and at once when it is
    restarted (« effacer »). What is kept of a message is its intent and facts, never its text; of
    an answer, only which question or plan it was.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        idle_minutes: float = IDLE_MINUTES,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        """Start empty.

        Args:
            domain: Rasa's domain.
            event_broker: Rasa's event broker, if any.
            idle_minutes: how long a silent conversation is kept.
            clock: seconds from any fixed point, never going back.
            kwargs: what else `endpoints.yml` gives; unused.
        """
        super().__init__(domain, event_broker)
        self._idle_seconds = idle_minutes * 60
        self._clock = clock
        self._last_seen: OrderedDict[str, float] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation as it stands, without words; forget it when it was just restarted."""
        await self.stream_events(tracker)
        self.forget_idle()
        events = [event.as_dict() for event in tracker.events_after_latest_restart()]
        if not any(event["event"] == "user" for event in events):
            self.forget(tracker.sender_id)
            return
        kept = {"name": tracker.sender_id, "events": [bare for event in events if (bare := without_words(event))]}
        self.store[tracker.sender_id] = json.dumps(kept)
        self._last_seen[tracker.sender_id] = self._clock()
        self._last_seen.move_to_end(tracker.sender_id)
        self._schedule()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None when there is none or it was idle for too long."""
        self.forget_idle()
        return await super().retrieve(sender_id)

    def forget(self, sender_id: str) -> None:
        """Drop a conversation; nothing happens when there is none."""
        self.store.pop(sender_id, None)
        self._last_seen.pop(sender_id, None)

    def forget_idle(self) -> None:
        """Drop every conversation that was silent for too long."""
        limit = self._clock() - self._idle_seconds
        while self._last_seen and next(iter(self._last_seen.values())) <= limit:
            self.forget(next(iter(self._last_seen)))

    def _schedule(self) -> None:
        """Look again when the oldest conversation expires, so that silence too is forgotten."""
        if self._timer is None:
            oldest = next(iter(self._last_seen.values()))
            delay = max(oldest + self._idle_seconds - self._clock(), 0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self.forget_idle()
        if self._last_seen:
            self._schedule()
