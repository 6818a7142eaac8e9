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
from boussole.understanding.crisis import LEVEL_FACT

# After so many vain tries a question is noted as « je ne sais pas »: nobody is kept from their plan by one sentence.
PATIENCE = 2
# Whatever does not ask for something else is a try to answer, however it was understood.
NO_TRY = frozenset({
    "aide", "recommencer", "retour", "pourquoi", "resume", "effacer", "parler_a_quelquun", "question", "saluer",
    "remercier", "au_revoir", "vide", "autre_cas",
})  # fmt: skip
LEVEL_OF_DANGER = {fact: level for level, fact in LEVEL_FACT.items()}


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
        second = bool(entity_values(tracker, "autre_cas"))
        if second and not tracker.get_slot("plan_donne"):
            dispatcher.utter_message(text=case.message("deux_cas"))
        if entity_values(tracker, "citation"):
            dispatcher.utter_message(text=case.message("douceur"))
        return [*_events(dispatcher, tracker, case), *([SlotSet("autre_cas", "oui")] if second else [])]


def _events(dispatcher: CollectingDispatcher, tracker: Tracker, case: Case) -> list[EventType]:
    knowledge = case.knowledge
    facts = withdraw(knowledge, case.facts, taken_back(tracker))
    pending = tracker.get_slot("requested_slot") or ""
    if entity_values(tracker, "un_mois_passe") and not entity_values(tracker, "date_signalement"):
        # What is said now is worth more than a date said before.
        facts.pop("date_signalement", None)
    if latest_intent(tracker) == "passer" and pending in knowledge.questions:
        dispatcher.utter_message(text=case.message("passer"))
        facts[pending] = ("inconnu",) if pending == "nature" else "inconnu"
    before = facts_before(tracker)
    if pending_is_stuck(tracker, facts == before):
        if pending == "danger":
            utter_alert(dispatcher, case, "danger")
        dispatcher.utter_message(text=case.message("abandon"))
        facts[pending] = ("inconnu",) if pending == "nature" else "inconnu"
    facts = complete(knowledge, facts, now().date())
    events = slot_events(knowledge, tracker.slots, facts)
    # The description is no answer: « retour » takes back what was said after it.
    if facts != before and not is_first_message(tracker):
        history = [*(tracker.get_slot("historique") or ()), _as_slots(before)]
        events.append(SlotSet("historique", history[-HISTORY_LIMIT:]))
    if latest_intent(tracker) == "corriger" and facts != before:
        dispatcher.utter_message(text=case.message("corrige"))
    return events


def taken_back(tracker: Tracker) -> list[str]:
    """Return the slots whose answer the latest message takes back.

    After a doubtful sign the question of danger is put again, but once: not at every sad sentence.
    """
    slots = [str(slot) for slot in entity_values(tracker, "oublie")]
    if latest_intent(tracker) == "detresse":
        asked = [asked_question(event) for event in since_fresh_start(tracker) if event["event"] == "bot"]
        return [slot for slot in slots if slot != "danger" or asked.count("danger") < 2]
    return slots


def pending_is_stuck(tracker: Tracker, nothing_new: bool) -> bool:
    """Tell whether the pending question was tried often enough and is still not answered."""
    pending = tracker.get_slot("requested_slot")
    return bool(pending) and nothing_new and vain_tries(tracker, pending) >= PATIENCE


def vain_tries(tracker: Tracker, question: str) -> int:
    """Return how many messages in a row, the latest one included, failed to answer ``question``."""
    tries = 0
    last = None
    for event in since_fresh_start(tracker):
        if event["event"] == "bot" and asked_question(event) not in (None, last):
            tries, last = 0, asked_question(event)
        elif event["event"] == "user":
            tries += is_try(event.get("parse_data") or {})
    return tries if is_try(tracker.latest_message) and last == question else 0


def is_try(parsed: dict[str, Any]) -> bool:
    """Tell whether a parsed message may have been meant as an answer: a question without a topic may."""
    intent = intent_of(parsed)
    topics = [entity for entity in parsed.get("entities") or () if entity.get("entity") == "sujet"]
    return intent not in NO_TRY or (intent == "question" and not topics)


def was_asked(tracker: Tracker, question: str) -> bool:
    """Tell whether the question was already put since the conversation last began."""
    return any(asked_question(event) == question for event in since_fresh_start(tracker) if event["event"] == "bot")


def since_fresh_start(tracker: Tracker) -> list[dict[str, Any]]:
    """Return the events since the answers were last forgotten (« recommencer », « effacer »)."""
    fresh = [number for number, event in enumerate(tracker.events) if event["event"] in ("reset_slots", "restart")]
    return list(tracker.events[fresh[-1] + 1 :] if fresh else tracker.events)


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
    for event in since_fresh_start(tracker):
        if event["event"] == "user":
            slots.update(pending)
            pending = {}
        elif event["event"] == "slot":
            pending[event["name"]] = event["value"]
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
