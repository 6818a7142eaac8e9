"""The words that work at any moment, frequent questions, and small talk."""

import pytest

from actions.talk import (
    MESSAGES,
    ActionEffacer,
    ActionHorsSujet,
    ActionPourquoi,
    ActionQuestion,
    ActionRecommencer,
    ActionRetour,
    ActionSuite,
    SayMessage,
)
from boussole.triage.model import Knowledge
from tests.actions.conversation import Conversation, customs, words


@pytest.mark.parametrize("action", MESSAGES, ids=lambda action: action.message)
def test_a_message_is_said_with_its_services(knowledge: Knowledge, action: type[SayMessage]) -> None:
    message = knowledge.messages[action.message]
    [said] = Conversation().does(action())
    lines = said["text"].splitlines()
    assert lines[0] == message.text.variants["vous"]
    assert len(lines) == 1 + len(message.services)


def test_a_human_is_offered_with_a_phone_number() -> None:
    [action] = [action for action in MESSAGES if action.message == "parler_a_quelquun"]
    said = words(Conversation().does(action()))
    for number in ("3018", "116 006", "3114", "17"):
        assert f"tél. {number}" in said


def test_what_is_off_topic_is_marked_for_machines(knowledge: Knowledge) -> None:
    [said] = Conversation().does(ActionHorsSujet())
    assert said["custom"] == {"type": "hors_sujet"}
    assert said["text"] == knowledge.messages["hors_sujet"].text.variants["vous"]


def test_leading_on_is_silent() -> None:
    talk = Conversation(pending="danger")
    assert talk.does(ActionSuite()) == []
    assert talk.last_events == []


# Why


def test_why_explains_the_pending_question(knowledge: Knowledge) -> None:
    for question in knowledge.questions.values():
        [said] = Conversation(pending=question.id).does(ActionPourquoi())
        assert said["text"] == question.why.variants["vous"]


@pytest.mark.parametrize("pending", [None, "inconnue"])
def test_why_without_a_question_says_so(knowledge: Knowledge, pending: str | None) -> None:
    [said] = Conversation(pending=pending).does(ActionPourquoi())
    assert said["text"] == knowledge.messages["pas_de_question"].text.variants["vous"]


# Frequent questions


def test_a_frequent_question_is_answered_with_its_services(knowledge: Knowledge) -> None:
    for answer in knowledge.faq.values():
        [said] = Conversation().hears("question", {"sujet": answer.id}).does(ActionQuestion())
        assert said["text"].startswith(answer.text.variants["vous"])
        assert all(f"• {knowledge.services[service].name} : " in said["text"] for service in answer.services)


@pytest.mark.parametrize("entities", [{}, {"sujet": "la_meteo"}])
def test_a_question_that_is_not_known_gets_the_help(knowledge: Knowledge, entities: dict[str, str]) -> None:
    [said] = Conversation().hears("question", entities).does(ActionQuestion())
    assert said["text"] == knowledge.messages["aide"].text.variants["vous"]


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-20T12:00:00", "ouvert maintenant"),
        ("2026-11-20T08:30:00", "ouvre à 9 h"),
        ("2026-11-20T23:30:00", "ouvre demain à 9 h"),
    ],
)
def test_what_is_open_now_depends_on_the_hour(moment: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", moment)
    lines = words(Conversation().hears("question", {"sujet": "ouvert_maintenant"}).does(ActionQuestion())).splitlines()
    hours = [line for line in lines if line.startswith("3018 : ")]
    assert hours
    assert hours[0].startswith(f"3018 : {state} (")


# Back, again, forget


def test_going_back_takes_the_last_answer_away(knowledge: Knowledge) -> None:
    talk = Conversation()
    talk.receives("insultes", {"nature": ["insultes"], "profil": "victime"})
    talk.receives("repondre", {"danger": "non"})
    talk.receives("retour")
    [said] = talk.does(ActionRetour())
    assert said["text"] == knowledge.messages["retour"].text.variants["vous"]
    assert talk.facts == {"nature": ["insultes"], "profil": "victime"}


def test_going_back_twice_takes_two_answers_away_and_no_further(knowledge: Knowledge) -> None:
    talk = Conversation()
    talk.receives("saluer")
    for answer in ({"danger": "non"}, {"profil": "parent"}):
        talk.receives("repondre", answer)
    for left in ({"danger": "non"}, {}):
        talk.receives("retour")
        talk.does(ActionRetour())
        assert talk.facts == left
    talk.receives("retour")
    [said] = talk.does(ActionRetour())
    assert said["text"] == knowledge.messages["retour_impossible"].text.variants["vous"]


def test_going_back_restores_an_answer_that_was_corrected_and_what_it_had_dropped() -> None:
    talk = Conversation()
    talk.receives("repondre", {"contenu_public": "oui", "moteur_recherche": "oui"})
    talk.receives("corriger", {"contenu_public": "non"})
    talk.receives("retour")
    talk.does(ActionRetour())
    assert talk.facts == {"contenu_public": "oui", "moteur_recherche": "oui"}


def test_going_back_shows_the_plan_again() -> None:
    talk = Conversation(plan_donne="0123456789abcdef", historique=[{}])
    talk.does(ActionRetour())
    assert talk.slots["plan_donne"] is None


def test_going_back_trusts_nothing_of_the_history() -> None:
    talk = Conversation(danger="non", historique=[{"profil": "pirate", "danger": "suicide", "autre": "x"}])
    talk.does(ActionRetour())
    assert talk.facts == {"danger": "suicide"}


def test_going_back_before_any_answer_says_so(knowledge: Knowledge) -> None:
    talk = Conversation()
    talk.receives("retour")
    [said] = talk.does(ActionRetour())
    assert said["text"] == knowledge.messages["retour_impossible"].text.variants["vous"]
    assert talk.last_events == ["bot"]


def test_starting_again_forgets_the_answers_and_leaves_the_form(knowledge: Knowledge) -> None:
    talk = Conversation(pending="profil", danger="non", redacteur_mineur="oui", historique=[{}])
    [said] = talk.does(ActionRecommencer())
    assert said["text"] == knowledge.messages["recommencer"].text.variants["tu"]
    assert talk.last_events == ["bot", "reset_slots", "active_loop"]
    assert talk.events[-1]["name"] is None
    assert not any(talk.slots.values())


def test_erasing_restarts_the_conversation(knowledge: Knowledge) -> None:
    talk = Conversation(danger="non")
    [said] = talk.does(ActionEffacer())
    assert said["text"] == knowledge.messages["effacer"].text.variants["vous"]
    assert talk.last_events == ["bot", "restart"]


def test_only_the_off_topic_answer_is_marked() -> None:
    for action in (ActionSuite, ActionPourquoi, ActionRetour, ActionRecommencer, ActionEffacer, ActionQuestion):
        assert not customs(Conversation().does(action()))
