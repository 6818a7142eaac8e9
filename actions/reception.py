"""What happens to every message before the dialogue: emergency first, then its facts are put in order."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.case import (
    HISTORY_LIMIT,
    Case,
    entity_values,
    intent_of,
    latest_intent,
    read_case,
    service_lines,
    slot_events,
)
from boussole.clock import now
from boussole.triage.conditions import FactValue
from boussole.triage.facts import complete, read_slots, withdraw
from boussole.triage.knowledge import load_knowledge

# After so many vain tries a question is noted as « je ne sais pas »: nobody is kept from their plan by one sentence.
PATIENCE = 2
TRIES = frozenset({"incompris", "repondre", "affirmer", "nier", "ne_sait_pas"})
LEVEL_OF_DANGER = {"suicide": "suicide", "immediat": "danger"}


class ActionValidateSlotMappings(Action):
    """Runs on every message, before any policy: so an alert never waits for a rule.

    Says the alert and, in the first answer, who speaks; then checks the slots that the message
    filled, completes them, drops the answers that no longer apply, and keeps the facts as they were
    before, for « retour ».
    """

    def name(self) -> str:
        """Return the name that Rasa calls after each message."""
        return "action_validate_slot_mappings"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Return the slot events for the latest message."""
        case = read_case(tracker)
        levels = alert_levels(tracker)
        for level in levels:
            utter_alert(dispatcher, case, level)
        if is_first_message(tracker):
            dispatcher.utter_message(text=case.message("accueil"))
        if (tracker.latest_message.get("metadata") or {}).get("tronque"):
            dispatcher.utter_message(text=case.message("trop_long"))
        if entity_values(tracker, "citation"):
            dispatcher.utter_message(text=case.message("douceur"))
        return _events(dispatcher, tracker, case)


def _events(dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[EventType]:
    knowledge = case.knowledge
    facts = withdraw(knowledge, case.facts, entity_values(tracker, "oublie"))
    pending = tracker.get_slot("requested_slot") or ""
    if latest_intent(tracker) == "passer" and pending in knowledge.questions:
        facts[pending] = ("inconnu",) if pending == "nature" else "inconnu"
    before = facts_before(tracker)
    if pending_is_stuck(tracker, facts == before):
        dispatcher.utter_message(text=case.message("abandon"))
        facts[pending] = ("inconnu",) if pending == "nature" else "inconnu"
    facts = complete(knowledge, facts, now().date())
    events = slot_events(knowledge, tracker.slots, facts)
    if facts != before:
        history = [*(tracker.get_slot("historique") or ()), _as_slots(before)]
        events.append(SlotSet("historique", history[-HISTORY_LIMIT:]))
    if latest_intent(tracker) == "corriger" and facts != before:
        dispatcher.utter_message(text=case.message("corrige"))
    return events


def pending_is_stuck(tracker: Tracker, nothing_new: bool) -> bool:
    """Tell whether the pending question was tried often enough and is still not answered."""
    pending = tracker.get_slot("requested_slot")
    return bool(pending) and nothing_new and vain_tries(tracker, pending) >= PATIENCE


def vain_tries(tracker: Tracker, question: str) -> int:
    """Return how many messages tried to answer ``question`` since it was first put, the latest one included."""
    asked = False
    tries = 0
    for event in tracker.events:
        if event["event"] == "bot":
            asked = asked or asked_question(event) == question
        elif event["event"] == "user" and asked:
            tries += intent_of(event.get("parse_data") or {}) in TRIES
    return tries if latest_intent(tracker) in TRIES else 0


def was_asked(tracker: Tracker, question: str) -> bool:
    """Tell whether the question was already put in this conversation."""
    return any(asked_question(event) == question for event in tracker.events if event["event"] == "bot")


def asked_question(event: dict[str, Any]) -> str | None:
    """Return the id of the question that a bot event asks, if it asks one."""
    custom = (event.get("data") or {}).get("custom") or {}
    return custom.get("id") if custom.get("type") == "question" else None


def _as_slots(facts: dict[str, FactValue]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def facts_before(tracker: Tracker) -> dict[str, FactValue]:
    """Return the facts as they were before the latest message."""
    slots: dict[str, Any] = {}
    pending: dict[str, Any] = {}
    for event in tracker.events:
        if event["event"] == "user":
            slots.update(pending)
            pending = {}
        elif event["event"] == "slot":
            pending[event["name"]] = event["value"]
        elif event["event"] == "reset_slots":
            slots, pending = {}, {}
    return read_slots(load_knowledge(), slots)


def is_first_message(tracker: Tracker) -> bool:
    """Tell whether the latest message opens the conversation."""
    return len([event for event in tracker.events if event["event"] == "user"]) <= 1


def alert_levels(tracker: Tracker) -> list[str]:
    """Return the crisis levels that the latest message raises, without repetition."""
    levels = [level for level in entity_values(tracker, "alerte") if level in load_knowledge().alerts]
    levels += [LEVEL_OF_DANGER[value] for value in entity_values(tracker, "danger") if value in LEVEL_OF_DANGER]
    return list(dict.fromkeys(levels))


def utter_alert(dispatcher: CollectingDispatcher, case: Case, level: str) -> None:
    """Say the fixed text of a crisis level, with its numbers, and mark it for machines."""
    alert = case.knowledge.alerts[level]
    text = "\n".join([case.text(alert.text), *service_lines(case.knowledge, alert.services)])
    dispatcher.utter_message(text=text, json_message={"type": "alerte", "niveau": level})
