"""When the plan is shown."""

from typing import Any

import pytest

from actions.plan import ActionPlan, ActionResume
from boussole.triage.model import Knowledge
from tests.actions.conversation import Conversation, customs, words

WITNESS: dict[str, Any] = {
    "danger": "non", "profil": "temoin", "victime_mineure": "non", "nature": ["menaces"], "contenu_public": "oui",
    "moteur_recherche": "non", "plateforme_alertee": "oui", "reponse_plateforme": "attente",
    "date_signalement": "2026-11-02",
}  # fmt: skip


@pytest.fixture
def talk() -> Conversation:
    """A witness who has answered everything."""
    return Conversation(**WITNESS)


def test_the_finished_plan_is_said_as_text_and_as_an_object(knowledge: Knowledge, talk: Conversation) -> None:
    plan, after = talk.does(ActionPlan())
    assert plan["text"].startswith(knowledge.messages["plan"].text.variants["vous"] + "\n1. ")
    assert plan["custom"]["type"] == "plan"
    assert plan["custom"]["facts"] == {**WITNESS, "un_mois_passe": "non"}
    assert plan["custom"]["steps"][0]["id"] == "preuves"
    assert after["text"] == knowledge.messages["apres_plan"].text.variants["vous"]


def test_the_same_plan_is_not_shown_twice(talk: Conversation) -> None:
    talk.does(ActionPlan())
    [message] = talk.does(ActionPlan())
    assert not message.get("custom")


def test_a_plan_that_a_correction_changed_is_shown_again(talk: Conversation) -> None:
    talk.does(ActionPlan())
    talk.receives("corriger", {"contenu_public": "non"})
    [plan] = customs(talk.does(ActionPlan()))
    assert "pharos" not in [step["id"] for step in plan["steps"]]


def test_a_plan_that_only_time_changed_is_shown_again(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.does(ActionPlan())
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-12-02T12:00:00")
    [plan] = customs(talk.does(ActionPlan()))
    assert "saisir_cnil" in [step["id"] for step in plan["steps"]]


def test_the_hour_alone_does_not_show_the_plan_again(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services open and close: the steps are the same."""
    talk.does(ActionPlan())
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-11-20T23:30:00")
    assert not customs(talk.does(ActionPlan()))


def test_the_summary_is_shown_each_time_it_is_asked_for(talk: Conversation) -> None:
    for _ in range(2):
        [message] = talk.does(ActionResume())
        assert message["custom"]["type"] == "plan"


def test_the_summary_says_when_the_plan_is_not_finished(knowledge: Knowledge) -> None:
    [message] = Conversation(profil="parent", victime_mineure="oui").does(ActionResume())
    assert message["text"].startswith(knowledge.messages["plan_partiel"].text.variants["vous"])
    assert "appeler_3018" in [step["id"] for step in message["custom"]["steps"]]


def test_the_summary_with_nothing_known_still_helps() -> None:
    said = words(Conversation().does(ActionResume()))
    assert "1. " in said
    assert "3018" in said


def test_no_message_has_an_empty_line(talk: Conversation) -> None:
    """Rasa sends what follows an empty line as another message, without its object."""
    assert all("\n\n" not in message["text"] for message in talk.does(ActionPlan()))


def test_a_minor_s_plan_says_tu() -> None:
    [message] = Conversation(profil="victime", victime_mineure="oui").does(ActionResume())
    assert "vous" not in message["text"].replace("rendez-vous", "")
