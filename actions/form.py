"""The form: its questions come from the triage core."""

import json

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.case import FORM, Case, latest_intent, read_case
from actions.reception import was_asked
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Question
from boussole.triage.tree import open_questions

# Messages that want something else than to answer: the form steps back, and the rules lead back to it.
INTERRUPTIONS = frozenset({
    "aide", "retour", "pourquoi", "resume", "parler_a_quelquun", "question", "saluer", "remercier", "au_revoir",
    "hors_sujet", "incompris", "vide", "recommencer", "effacer", "autre_cas",
})  # fmt: skip


class ValidateTriageForm(FormValidationAction):
    """Tells Rasa which questions are open, and lets interruptions through."""

    def name(self) -> str:
        """Return the name that Rasa calls when the form runs."""
        return f"validate_{FORM}"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """Return the open questions, in order."""
        case = read_case(tracker)
        return [question.id for question in open_questions(case.knowledge, case.facts)]

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Return the next question, or step back when the message interrupts."""
        if interrupts(tracker) and answers_directly(tracker):
            return [ActionExecutionRejected(FORM)]
        events: list[EventType] = await super().run(dispatcher, tracker, domain)
        return events


def interrupts(tracker: Tracker) -> bool:
    """Tell whether the message wants something else than the pending question."""
    intent = latest_intent(tracker)
    answered = tracker.get_slot(tracker.get_slot("requested_slot") or "") is not None
    return intent in INTERRUPTIONS and not (intent == "incompris" and answered)


def answers_directly(tracker: Tracker) -> bool:
    """Tell whether the form runs right after the message, and not on its way back from a rule."""
    executed = [event["name"] for event in tracker.events if event["event"] == "action"]
    # Rasa appends the form itself before it asks.
    before = [name for name in executed if name != FORM] if executed[-1:] == [FORM] else executed
    return before[-1:] == ["action_listen"]


class AskQuestion(Action):
    """Asks one question of questions.yml; :func:`ask_actions` makes one class for each."""

    question: str = ""

    def name(self) -> str:
        """Return the name that Rasa's form looks for."""
        return f"action_ask_{self.question}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the question, or its other wording when it was already asked."""
        case = read_case(tracker)
        question = case.knowledge.questions[self.question]
        wording = question.retry if was_asked(tracker, question.id) else question.text
        dispatcher.utter_message(
            text=case.text(wording),
            buttons=buttons(case, question),
            json_message={"type": "question", "id": question.id},
        )
        return []


def buttons(case: Case, question: Question) -> list[dict[str, str]]:
    """Return a button for each answer, then « je ne sais pas » and « pourquoi »."""
    common = case.knowledge.common_buttons
    answers = {value: case.text(title) for value, title in question.buttons.items()}
    answers.setdefault("inconnu", common["ne_sait_pas"])
    made = [{"title": title, "payload": payload(question.id, value)} for value, title in answers.items()]
    if answers["inconnu"] != common["ne_sait_pas"]:
        made.append({"title": common["ne_sait_pas"], "payload": payload(question.id, "inconnu")})
    return [*made, {"title": common["pourquoi"], "payload": "/pourquoi"}]


def payload(slot: str, value: str) -> str:
    """Return what a button sends: Rasa's own form of an intent with an entity."""
    return f"/repondre{json.dumps({slot: value})}"


def _ask_action(question: str) -> type[AskQuestion]:
    return type(f"Ask_{question}", (AskQuestion,), {"question": question, "__doc__": f"Asks « {question} »."})


ASK_ACTIONS = tuple(_ask_action(question) for question in load_knowledge().questions)
