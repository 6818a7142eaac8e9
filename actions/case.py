"""What an action knows of the case that it speaks about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from boussole.channels.parts import contact_line
from boussole.clock import now
from boussole.triage.conditions import Facts
from boussole.triage.facts import complete, read_slots, register
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Knowledge, Message, Wording
from boussole.triage.plan import Plan, build_plan, contact_message

FORM = "triage_form"
# Going back is offered this far; it also bounds what a conversation keeps.
HISTORY_LIMIT = 30


@dataclass(frozen=True)
class Case:
    """A conversation's facts, with the tone in which to speak of them (``vous`` or ``tu``)."""

    knowledge: Knowledge
    facts: Facts
    minor_writer: bool

    @property
    def tone(self) -> str:
        """``tu`` for a minor who writes, else ``vous``."""
        return register(self.facts, self.minor_writer)

    def text(self, wording: Wording) -> str:
        """Return a text in the person's tone, as their place in the case has it."""
        return wording.for_reader(self.tone, str(self.facts.get("profil", "")))

    def message(self, name: str) -> str:
        """Return a text of messages.yml in the person's tone."""
        return self.text(self.knowledge.messages[name].text)

    def plan(self) -> Plan:
        """Return the plan as it stands now."""
        return build_plan(self.knowledge, self.facts, now(), self.minor_writer)


def read_case(tracker: Tracker) -> Case:
    """Return the case that ``tracker`` holds; invalid slots are ignored."""
    knowledge = load_knowledge()
    facts = complete(knowledge, read_slots(knowledge, tracker.slots), now().date())
    return Case(knowledge, facts, tracker.get_slot("redacteur_mineur") == "oui")


def entity_values(tracker: Tracker, name: str) -> list[Any]:
    """Return the values of an entity in the latest message."""
    return [
        entity.get("value") for entity in tracker.latest_message.get("entities", ()) if entity.get("entity") == name
    ]


def latest_intent(tracker: Tracker) -> str:
    """Return the intent of the latest message, or an empty text."""
    return intent_of(tracker.latest_message)


def intent_of(parsed: dict[str, Any]) -> str:
    """Return the intent of a parsed message, or an empty text."""
    return str((parsed.get("intent") or {}).get("name") or "")


def slot_events(knowledge: Knowledge, slots: dict[str, Any], facts: Facts) -> list[EventType]:
    """Return the events that bring the slots to ``facts``: only those that differ."""
    wanted = {name: list(v) if isinstance(v := facts.get(name), tuple) else v for name in knowledge.facts}
    return [SlotSet(name, value) for name, value in wanted.items() if slots.get(name) != value]


def utter_services(dispatcher: CollectingDispatcher, case: Case, message: Message) -> None:
    """Say ``message``, followed by the phone numbers and links of its services."""
    dispatcher.utter_message(
        text="\n".join([case.text(message.text), *service_lines(case.knowledge, message.services)])
    )


def service_lines(knowledge: Knowledge, ids: Iterable[str]) -> Iterator[str]:
    """Yield one line for each service: its name, phone, SMS number and link."""
    for name in ids:
        yield f"• {contact_line(contact_message(knowledge.services[name]))}"
