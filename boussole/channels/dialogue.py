"""What a channel asks of the conversation as it is kept: which choices the person has before them.

Nothing of it is remembered here: it survives a restart, is the same on every process, and goes with « effacer ».
"""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from actions.case import Case, read_case
from actions.form import buttons
from actions.plan import again_button
from boussole.triage.knowledge import load_knowledge


class Dialogue:
    """The conversations of Rasa's agent."""

    def __init__(self, agent: Any) -> None:
        """Read them where ``agent`` keeps them; None keeps none."""
        self._agent = agent

    async def pending(self, conversation: str) -> Mapping[str, Any]:
        """Return the message whose choices the person has before them, without its text; an empty one without choices.

        Raises:
            Exception: whatever the tracker store raises when it is out of order.
        """
        slots = await self._slots(conversation)
        case = _case(slots)
        asked = load_knowledge().questions.get(slots.get("requested_slot") or "")
        if asked:
            return {"buttons": buttons(case, asked), "custom": {"type": "question", "id": asked.id}}
        return {"buttons": [again_button(case)]} if slots.get("autre_cas") else {}

    async def tone(self, conversation: str) -> str:
        """Return how the person is spoken to: ``tu`` for a minor, else ``vous``.

        Raises:
            Exception: whatever the tracker store raises when it is out of order.
        """
        return _case(await self._slots(conversation)).tone

    async def went_on(self, conversation: str, message: str) -> bool:
        """Tell whether something else was said since the message with this id, which is no longer to be answered.

        Raises:
            Exception: whatever the tracker store raises when it is out of order.
        """
        tracker = await self._tracker(conversation)
        # The latest message, when it is the one under way, is left out by the store.
        return tracker is not None and any(getattr(e, "message_id", None) == message for e in tracker.events)

    async def _slots(self, conversation: str) -> dict[str, Any]:
        tracker = await self._tracker(conversation)
        return dict(tracker.current_slot_values()) if tracker else {}

    async def _tracker(self, conversation: str) -> Any:
        store = getattr(self._agent, "tracker_store", None)
        return await store.retrieve(conversation) if store else None


def _case(slots: dict[str, Any]) -> Case:
    return read_case(Tracker("", slots, {}, [], False, None, {}, ""))
