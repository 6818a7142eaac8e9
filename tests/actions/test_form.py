"""The form: which questions are open, how they are asked, and when it steps back."""

import json
from typing import Any

import pytest

from actions.form import ASK_ACTIONS, FORM, INTERRUPTIONS, ValidateTriageForm, buttons
from actions.talk import ActionPourquoi
from boussole.channels.gate import is_payload
from boussole.triage.model import Knowledge
from tests.actions.conversation import Conversation, domain

ASK = {action().name().removeprefix("action_ask_"): action for action in ASK_ACTIONS}


def ask(talk: Conversation, question: str) -> dict[str, Any]:
    """Ask a question; return the message."""
    [message] = talk.does(ASK[question]())
    return message


def next_question(talk: Conversation) -> str | None:
    """Run the form, and return the question that it asks next."""
    talk.does(ValidateTriageForm())
    question: str | None = talk.slots["requested_slot"]
    return question


def test_the_form_asks_the_first_open_question() -> None:
    assert next_question(Conversation().hears("insultes", {"nature": ["insultes"]})) == "danger"
    assert next_question(Conversation(danger="non").hears("insultes", {"nature": ["insultes"]})) == "profil"


def test_a_fact_that_is_known_is_not_asked() -> None:
    known = {"danger": "non", "profil": "temoin", "nature": ["rumeurs"]}
    assert next_question(Conversation(pending="danger", **known).hears("repondre")) == "victime_mineure"


def test_the_form_ends_when_nothing_is_open() -> None:
    talk = Conversation(pending="victime_mineure", danger="non", profil="auteur", victime_mineure="non")
    assert next_question(talk.hears("repondre")) is None


def test_an_unreadable_answer_leaves_the_question_open() -> None:
    talk = Conversation(pending="danger")
    talk.receives("repondre", {"danger": "bof"})
    assert next_question(talk) == "danger"


@pytest.mark.parametrize("intent", sorted(INTERRUPTIONS))
def test_the_form_steps_back_when_the_message_wants_something_else(intent: str) -> None:
    talk = Conversation(pending="danger").hears(intent)
    talk.does(ValidateTriageForm())
    assert talk.last_events == ["action_execution_rejected"]
    assert talk.events[-1]["name"] == FORM
    assert talk.slots["requested_slot"] == "danger"


def test_the_form_asks_again_on_its_way_back_from_an_interruption() -> None:
    talk = Conversation(pending="danger").hears("pourquoi")
    talk.does(ActionPourquoi())
    talk.events.append({"event": "action", "name": FORM})
    assert next_question(talk) == "danger"
    assert "action_execution_rejected" not in [event["event"] for event in talk.events]


def test_the_form_steps_back_even_though_rasa_has_noted_its_turn() -> None:
    talk = Conversation(pending="danger").hears("aide")
    talk.events.append({"event": "action", "name": FORM})
    talk.does(ValidateTriageForm())
    assert talk.last_events == ["action_execution_rejected"]


@pytest.mark.parametrize("intent", ["repondre", "affirmer", "nier", "ne_sait_pas", "passer", "corriger", "insultes"])
def test_an_answer_never_makes_the_form_step_back(intent: str) -> None:
    talk = Conversation(pending="danger").hears(intent)
    talk.does(ValidateTriageForm())
    assert "action_execution_rejected" not in talk.last_events


def test_every_interruption_is_an_intent() -> None:
    assert set(domain()["intents"]) >= INTERRUPTIONS


def test_there_is_an_action_for_each_question_in_order(knowledge: Knowledge) -> None:
    assert list(ASK) == list(knowledge.questions)


@pytest.mark.parametrize("question", ASK)
def test_a_question_comes_with_its_text_its_choices_and_its_mark(knowledge: Knowledge, question: str) -> None:
    message = ask(Conversation(), question)
    assert message["text"] == knowledge.questions[question].text.variants["vous"]
    assert message["custom"] == {"type": "question", "id": question}
    titles = [button["title"] for button in message["buttons"]]
    assert "Je ne sais pas" in titles
    assert titles[-1] == "Pourquoi cette question ?"
    assert len(titles) == len(set(titles))


def test_a_question_that_is_repeated_is_said_otherwise(knowledge: Knowledge) -> None:
    talk = Conversation()
    first, second, third = (ask(talk, "danger")["text"] for _ in range(3))
    question = knowledge.questions["danger"]
    assert first == question.text.variants["vous"]
    assert second == third == question.retry.variants["vous"]
    assert ask(talk, "profil")["text"] == knowledge.questions["profil"].text.variants["vous"]


def test_a_minor_is_asked_as_a_minor(knowledge: Knowledge) -> None:
    message = ask(Conversation(profil="victime", victime_mineure="oui"), "auteur_connu")
    assert message["text"] == knowledge.questions["auteur_connu"].text.variants["tu"]
    assert "J'ai des soupçons, pas sûr" in [button["title"] for button in message["buttons"]]


@pytest.mark.parametrize("question", ASK)
def test_every_button_gives_an_answer_that_the_bot_accepts(knowledge: Knowledge, question: str) -> None:
    *answers, why = ask(Conversation(), question)["buttons"]
    assert why["payload"] == "/pourquoi"
    given = [json.loads(button["payload"].removeprefix("/repondre"))[question] for button in answers]
    assert set(given) == set(knowledge.facts[question].labels) | {"inconnu"}
    assert all(is_payload(button["payload"]) for button in answers)


def test_a_doubt_with_a_name_of_its_own_does_not_replace_i_do_not_know(knowledge: Knowledge) -> None:
    from actions.case import read_case

    made = buttons(read_case(Conversation().tracker), knowledge.questions["auteur_connu"])
    unsure = [button["title"] for button in made if '"inconnu"' in button["payload"]]
    assert unsure == ["J'ai des soupçons, sans certitude", "Je ne sais pas"]
