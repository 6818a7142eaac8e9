"""The words that work at any moment, frequent questions, and small talk."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, Restarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.case import Case, entity_values, read_case, service_lines, utter_services
from boussole.clock import now
from boussole.triage.facts import complete, read_slots
from boussole.triage.holidays import is_holiday


class SayMessage(Action):
    """Says one text of messages.yml, with its services; :data:`MESSAGES` makes one class for each."""

    message: str = ""

    def name(self) -> str:
        """Return the action's name."""
        return f"action_{self.message}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the text."""
        case = read_case(tracker)
        utter_services(dispatcher, case, case.knowledge.messages[self.message])
        return []


MESSAGES = tuple(
    type(f"Say_{name}", (SayMessage,), {"message": name, "__doc__": f"Says « {name} »."})
    for name in ("aide", "parler_a_quelquun", "saluer", "remercier", "au_revoir", "vide")
)


class ActionIncompris(Action):
    """Says that the message was not understood; in its own language, when that is surely another one."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_incompris"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say so."""
        case = read_case(tracker)
        named = [f"incompris_{code}" for code in entity_values(tracker, "langue")]
        message = next((name for name in named if name in case.knowledge.messages), "incompris")
        dispatcher.utter_message(text=case.message(message))
        return []


class ActionHorsSujet(Action):
    """Says that the message is not about what the bot does."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_hors_sujet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say so, and mark it for machines."""
        dispatcher.utter_message(text=read_case(tracker).message("hors_sujet"), json_message={"type": "hors_sujet"})
        return []


class ActionSuite(Action):
    """Leads on in silence: the form repeats its question with its choices."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_suite"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say nothing."""
        return []


class ActionPourquoi(Action):
    """Explains the pending question."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_pourquoi"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say why the question is asked."""
        case = read_case(tracker)
        question = case.knowledge.questions.get(tracker.get_slot("requested_slot") or "")
        dispatcher.utter_message(text=case.text(question.why) if question else case.message("pas_de_question"))
        return []


class ActionQuestion(Action):
    """Answers a frequent question."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the answer with its services and whether they are open now."""
        case = read_case(tracker)
        topics = [topic for topic in entity_values(tracker, "sujet") if topic in case.knowledge.faq]
        if not topics:
            utter_services(dispatcher, case, case.knowledge.messages["aide"])
            return []
        answer = case.knowledge.faq[topics[0]]
        lines = [case.text(answer.text), *service_lines(case.knowledge, answer.services)]
        if answer.id == "qui_es_tu":
            operator = case.knowledge.operator
            lines += [text for text in (operator.description, operator.url, operator.contact) if text]
        if answer.id == "ouvert_maintenant":
            lines += _hours(case, answer.services)
        dispatcher.utter_message(text="\n".join(lines))
        return []


def _hours(case: Case, services: tuple[str, ...]) -> list[str]:
    moment = now()
    return [
        f"{service.name.split(',')[0]} : {state} ({service.hours.text})"
        for service in (case.knowledge.services[name] for name in services)
        if (state := service.hours.describe(moment, is_holiday))
    ]


class ActionRetour(Action):
    """Takes back the last answer."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_retour"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Bring the slots to what they were before the last change."""
        case = read_case(tracker)
        history: list[dict[str, Any]] = list(tracker.get_slot("historique") or ())
        if not history:
            dispatcher.utter_message(text=case.message("retour_impossible"))
            return []
        dispatcher.utter_message(text=case.message("retour"))
        facts = complete(case.knowledge, read_slots(case.knowledge, history.pop()), now().date())
        return [
            *(SlotSet(name, None) for name in case.facts if name not in facts),
            *(SlotSet(name, list(v) if isinstance(v, tuple) else v) for name, v in facts.items()),
            SlotSet("historique", history),
            SlotSet("plan_donne", None),
        ]


class ActionRecommencer(Action):
    """Starts again from nothing."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_recommencer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Forget the answers and leave the form."""
        dispatcher.utter_message(text=read_case(tracker).message("recommencer"))
        return [AllSlotsReset(), ActiveLoop(None)]


class ActionEffacer(Action):
    """Forgets the whole conversation."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_effacer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say so and restart; the tracker store then erases what came before."""
        dispatcher.utter_message(text=read_case(tracker).message("effacer"))
        return [Restarted()]
