"""What happens to every message before the dialogue."""

import pytest

from actions.case import HISTORY_LIMIT
from actions.reception import ActionValidateSlotMappings, alert_levels, facts_before
from actions.talk import ActionRecommencer
from boussole.triage.model import Knowledge
from tests.actions.conversation import Conversation, customs, words


def is_said(knowledge: Knowledge, name: str, text: str) -> bool:
    """Tell whether a text of messages.yml, in either tone, is part of what is said."""
    return any(variant in text for variant in knowledge.messages[name].text.variants.values())


# Emergency


@pytest.mark.parametrize("level", ["suicide", "danger", "enfance"])
def test_an_alert_is_the_very_first_thing_said(knowledge: Knowledge, level: str) -> None:
    first, second = Conversation().receives("detresse", {"alerte": level})
    assert first["custom"] == {"type": "alerte", "niveau": level}
    assert first["text"].startswith(knowledge.alerts[level].text.variants["vous"])
    for service in knowledge.alerts[level].services:
        assert f"• {knowledge.services[service].name} : " in first["text"]
    assert is_said(knowledge, "accueil", second["text"])


@pytest.mark.parametrize(("value", "level"), [("suicide", "suicide"), ("immediat", "danger")])
def test_the_buttons_of_the_first_question_raise_the_alert_too(value: str, level: str) -> None:
    said = Conversation(pending="danger").receives("repondre", {"danger": value})
    assert customs(said) == [{"type": "alerte", "niveau": level}]


@pytest.mark.parametrize("value", ["non", "inconnu"])
def test_no_danger_raises_no_alert(value: str) -> None:
    assert not customs(Conversation(pending="danger").receives("repondre", {"danger": value}))


def test_an_alert_seen_in_two_ways_is_said_once() -> None:
    said = Conversation().receives("detresse", {"alerte": "suicide", "danger": "suicide"})
    assert customs(said) == [{"type": "alerte", "niveau": "suicide"}]


def test_two_alerts_are_both_said_the_most_serious_first() -> None:
    said = Conversation().receives("detresse", {"alerte": ["suicide", "enfance"]})
    assert [custom["niveau"] for custom in customs(said)] == ["suicide", "enfance"]


def test_an_unknown_level_is_no_alert() -> None:
    assert alert_levels(Conversation().hears("detresse", {"alerte": "panique"}).tracker) == []


def test_an_alert_is_raised_again_each_time() -> None:
    talk = Conversation()
    talk.receives("detresse", {"alerte": "suicide", "danger": "suicide"})
    assert customs(talk.receives("detresse", {"alerte": "suicide", "danger": "suicide"}))


def test_an_alert_speaks_to_a_minor_as_to_a_minor(knowledge: Knowledge) -> None:
    said = Conversation().receives("detresse", {"alerte": "suicide", "redacteur_mineur": "oui"})
    assert knowledge.alerts["suicide"].text.variants["tu"] in said[0]["text"]


# What is said of the message itself


def test_the_bot_introduces_itself_once(knowledge: Knowledge) -> None:
    talk = Conversation()
    assert is_said(knowledge, "accueil", words(talk.receives("saluer")))
    assert not is_said(knowledge, "accueil", words(talk.receives("saluer")))


def test_a_message_that_was_cut_is_said_to_be(knowledge: Knowledge) -> None:
    talk = Conversation()
    assert is_said(knowledge, "trop_long", words(talk.receives("insultes", truncated=True)))
    assert not is_said(knowledge, "trop_long", words(talk.receives("insultes")))


def test_violent_words_that_are_quoted_are_answered_with_care(knowledge: Knowledge) -> None:
    said = Conversation().receives("menaces", {"nature": ["menaces"], "citation": "oui"})
    assert is_said(knowledge, "douceur", words(said))
    assert not customs(said)


def test_a_message_without_anything_new_says_and_sets_nothing() -> None:
    talk = Conversation()
    talk.receives("saluer")
    assert talk.receives("remercier") == []
    assert talk.last_events == ["user"]


# Facts


def test_a_fact_brings_what_it_implies() -> None:
    talk = Conversation()
    talk.receives("repondre", {"reponse_plateforme": "refus"})
    assert talk.facts == {"reponse_plateforme": "refus", "plateforme_alertee": "oui"}


def test_a_date_tells_whether_the_month_is_over() -> None:
    talk = Conversation(plateforme_alertee="oui", reponse_plateforme="attente")
    talk.receives("repondre", {"date_signalement": "2026-10-19"})
    assert talk.facts["un_mois_passe"] == "oui"


def test_an_answer_that_no_longer_applies_is_dropped() -> None:
    talk = Conversation(contenu_public="oui", moteur_recherche="oui")
    talk.receives("corriger", {"contenu_public": "non"})
    assert talk.facts == {"contenu_public": "non"}


def test_a_value_that_is_not_allowed_is_emptied() -> None:
    talk = Conversation()
    talk.receives("repondre", {"profil": "pirate", "date_signalement": "demain"})
    assert talk.facts == {}


def test_a_free_text_is_kept_short() -> None:
    talk = Conversation()
    talk.receives("repondre", {"plateforme": "x" * 500})
    assert talk.facts == {"plateforme": "x" * 40}


def test_natures_are_ordered_the_most_serious_first() -> None:
    talk = Conversation()
    talk.receives("insultes", {"nature": ["insultes", "menaces", "images_intimes"]})
    assert talk.facts["nature"] == ["images_intimes", "menaces", "insultes"]


def test_a_withdrawn_answer_is_forgotten_with_what_depended_on_it() -> None:
    talk = Conversation(contenu_public="oui", moteur_recherche="oui", profil="parent")
    talk.receives("corriger", {"oublie": "contenu_public"})
    assert talk.facts == {"profil": "parent"}


def test_what_is_no_fact_cannot_be_withdrawn() -> None:
    talk = Conversation(profil="parent")
    talk.receives("corriger", {"oublie": "historique"})
    assert talk.facts == {"profil": "parent"}


@pytest.mark.parametrize(("pending", "value"), [("auteur_connu", "inconnu"), ("nature", ["inconnu"])])
def test_a_question_that_is_skipped_counts_as_not_known(pending: str, value: object) -> None:
    talk = Conversation(pending=pending)
    talk.receives("passer")
    assert talk.facts == {pending: value}


def test_skipping_without_a_question_sets_nothing() -> None:
    talk = Conversation()
    talk.receives("passer")
    assert talk.facts == {}


def test_a_correction_that_changes_something_is_confirmed(knowledge: Knowledge) -> None:
    talk = Conversation(profil="parent")
    talk.receives("saluer")
    assert is_said(knowledge, "corrige", words(talk.receives("corriger", {"profil": "temoin"})))
    assert not is_said(knowledge, "corrige", words(talk.receives("corriger", {"profil": "temoin"})))


# History


def test_each_change_keeps_the_facts_as_they_were() -> None:
    talk = Conversation()
    talk.receives("insultes", {"nature": ["insultes"], "profil": "victime"})
    talk.receives("remercier")
    talk.receives("repondre", {"danger": "non"})
    # The description itself is no answer to take back.
    assert talk.slots["historique"] == [{"profil": "victime", "nature": ["insultes"]}]


def test_an_answer_that_is_withdrawn_can_be_taken_back_too() -> None:
    talk = Conversation(profil="parent")
    talk.receives("saluer")
    talk.receives("corriger", {"oublie": "profil"})
    assert talk.slots["historique"] == [{"profil": "parent"}]


def test_the_history_is_bounded() -> None:
    talk = Conversation()
    for turn in range(HISTORY_LIMIT + 5):
        talk.receives("repondre", {"contenu_public": "oui" if turn % 2 else "non"})
    assert len(talk.slots["historique"]) == HISTORY_LIMIT
    assert talk.slots["historique"][-1] == {"contenu_public": "oui"}


def test_the_facts_before_a_message_are_those_that_it_did_not_bring() -> None:
    talk = Conversation(profil="parent").hears("repondre", {"danger": "non"})
    assert facts_before(talk.tracker) == {"profil": "parent"}


def test_starting_again_leaves_no_fact_before() -> None:
    talk = Conversation(profil="parent")
    talk.receives("recommencer")
    talk.does(ActionRecommencer())
    talk.receives("repondre", {"danger": "non"})
    assert talk.facts == {"danger": "non"}
    assert talk.slots["historique"] == [{}]


def test_rasa_finds_the_action_by_its_name() -> None:
    assert ActionValidateSlotMappings().name() == "action_validate_slot_mappings"
