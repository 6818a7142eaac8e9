"""The plan: shown when the questions are over, or at any moment on demand."""

import hashlib
import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.case import Case, read_case
from boussole.channels.render import plan_text


class ActionPlan(Action):
    """Shows the finished plan, unless the very same one was just shown."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_plan"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the plan and remember which one it was."""
        case = read_case(tracker)
        mark = _mark(case.plan().as_message())
        if mark != tracker.get_slot("plan_donne"):
            utter_plan(dispatcher, case)
        dispatcher.utter_message(text=case.message("apres_plan"))
        if tracker.get_slot("autre_cas"):
            utter_other_case(dispatcher, case)
        return [SlotSet("plan_donne", mark)]


class ActionAutreCas(Action):
    """Says how to go on with a second case, once the first has its plan."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_autre_cas"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say it, with the button."""
        utter_other_case(dispatcher, read_case(tracker))
        return []


def utter_other_case(dispatcher: CollectingDispatcher, case: Case) -> None:
    """Say how to go on with the second case; nothing is forgotten before the person asks for it."""
    dispatcher.utter_message(text=case.message("autre_cas"), buttons=[again_button(case)])


def again_button(case: Case) -> dict[str, str]:
    """Return the button that begins again."""
    return {"title": case.knowledge.common_buttons["recommencer"], "payload": "/recommencer"}


class ActionResume(Action):
    """Shows the plan as it stands, in the middle of the questions too."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_resume"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the plan."""
        utter_plan(dispatcher, read_case(tracker))
        return []


def utter_plan(dispatcher: CollectingDispatcher, case: Case) -> None:
    """Say the plan as text and as the object of contract.md, section 4."""
    plan = case.plan()
    opening = case.message("plan" if plan.complete else "plan_partiel")
    dispatcher.utter_message(text=f"{opening}\n{plan_text(plan)}", json_message=plan.as_message())


def _mark(plan: dict[str, Any]) -> str:
    steps = [[step["id"], step["certain"], step["echeance"], step["texte"]] for step in plan["steps"]]
    return hashlib.sha256(json.dumps([plan["facts"], steps], sort_keys=True).encode()).hexdigest()[:16]
