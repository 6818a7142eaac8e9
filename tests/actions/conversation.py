"""A conversation as Rasa hands it to the actions, without Rasa."""

import asyncio
import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action

from actions.reception import ActionValidateSlotMappings
from boussole.triage.knowledge import PROJECT, load_knowledge

FORM = "triage_form"
NOON = "2026-11-20T12:00:00"  # a Friday


@cache
def domain() -> dict[str, Any]:
    """domain.yml."""
    data: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    return data


class Conversation:
    """What is known, what was said and done: it grows as Rasa's tracker does."""

    def __init__(self, pending: str | None = None, **slots: Any) -> None:
        """Start with ``slots`` set, and with ``pending`` asked by the form."""
        self.slots: dict[str, Any] = {**dict.fromkeys(domain()["slots"]), "requested_slot": pending}
        self.events: list[dict[str, Any]] = []
        self.latest_message: dict[str, Any] = {"text": "", "intent": {}, "entities": []}
        for slot, value in slots.items():
            self._set(slot, value)

    def _set(self, slot: str, value: Any) -> None:
        self.slots[slot] = value
        self.events.append({"event": "slot", "name": slot, "value": value})

    def hears(
        self, intent: str = "repondre", entities: Mapping[str, Any] | None = None, truncated: bool = False
    ) -> "Conversation":
        """Receive a message that was read as ``intent`` and ``entities``; their slots are filled as Rasa does."""
        found = [
            {"entity": name, "value": one}
            for name, value in (entities or {}).items()
            for one in (value if isinstance(value, list) else [value])
        ]
        self.latest_message = {
            "text": "…", "intent": {"name": intent}, "entities": found, "metadata": {"tronque": truncated},
        }  # fmt: skip
        self.events += [{"event": "action", "name": "action_listen"}, {"event": "user", "text": "…"}]
        for name, value in (entities or {}).items():
            if name in self.slots:
                self._set(name, value)
        return self

    @property
    def tracker(self) -> Tracker:
        """The tracker that an action gets."""
        loop = {"name": FORM} if self.slots["requested_slot"] else {}
        return Tracker("a" * 32, dict(self.slots), self.latest_message, list(self.events), False, None, loop, None)

    def does(self, action: Action) -> list[dict[str, Any]]:
        """Run an action, and return what it says."""
        dispatcher = CollectingDispatcher()
        result = action.run(dispatcher, self.tracker, domain())
        events = asyncio.run(result) if inspect.isawaitable(result) else result
        # Rasa runs the reception outside the dialogue: it leaves no trace of the action.
        if not isinstance(action, ActionValidateSlotMappings):
            self.events.append({"event": "action", "name": action.name()})
        for message in dispatcher.messages:
            self.events.append({"event": "bot", "text": message.get("text"), "data": {"custom": message.get("custom")}})
        for event in events:
            if event["event"] == "slot":
                self._set(event["name"], event["value"])
            else:
                self.events.append(event)
            if event["event"] == "reset_slots":
                self.slots = dict.fromkeys(self.slots)
        return dispatcher.messages

    def receives(
        self, intent: str = "repondre", entities: Mapping[str, Any] | None = None, truncated: bool = False
    ) -> list[dict[str, Any]]:
        """Hear a message, and return what is said at once (actions/reception.py)."""
        return self.hears(intent, entities, truncated).does(ActionValidateSlotMappings())

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that the slots hold."""
        return {slot: self.slots[slot] for slot in load_knowledge().facts if self.slots[slot] is not None}

    @property
    def last_events(self) -> list[str]:
        """The kinds of events since the last action of the dialogue, that one left out."""
        kinds = [event["event"] for event in self.events]
        return kinds[len(kinds) - kinds[::-1].index("action") :]


def words(messages: list[dict[str, Any]]) -> str:
    """All that is said, one message after the other."""
    return "\n".join(message["text"] for message in messages)


def customs(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The machine-readable objects of the messages."""
    return [message["custom"] for message in messages if message.get("custom")]
