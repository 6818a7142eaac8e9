"""What an action knows of the case that it speaks about."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.case import entity_values, latest_intent, read_case, service_lines, slot_events, utter_services
from boussole.triage.model import Knowledge
from tests.actions.conversation import Conversation


def test_a_case_is_what_the_slots_hold() -> None:
    case = read_case(Conversation(profil="parent", nature=["insultes", "menaces"]).tracker)
    assert case.facts == {"profil": "parent", "nature": ("menaces", "insultes")}


def test_invalid_slots_are_ignored() -> None:
    slots = {"profil": "pirate", "danger": 12, "nature": ["rien"], "date_signalement": "hier"}
    assert read_case(Conversation(**slots).tracker).facts == {}


def test_a_case_is_completed_with_what_its_facts_imply() -> None:
    case = read_case(Conversation(date_signalement="2026-10-20", reponse_plateforme="attente").tracker)
    assert case.facts["plateforme_alertee"] == "oui"
    assert case.facts["un_mois_passe"] == "oui"


@pytest.mark.parametrize(
    ("slots", "tone"),
    [
        ({}, "vous"),
        ({"profil": "victime", "victime_mineure": "oui"}, "tu"),
        ({"profil": "victime", "victime_mineure": "non"}, "vous"),
        ({"profil": "parent", "victime_mineure": "oui"}, "vous"),
        ({"profil": "temoin", "redacteur_mineur": "oui"}, "tu"),
        ({"profil": "temoin", "redacteur_mineur": "peut-être"}, "vous"),
    ],
)
def test_a_minor_who_writes_is_called_tu(slots: dict[str, str], tone: str) -> None:
    assert read_case(Conversation(**slots).tracker).tone == tone


def test_a_message_is_said_in_the_person_s_tone(knowledge: Knowledge) -> None:
    texts = knowledge.messages["saluer"].text.variants
    assert read_case(Conversation().tracker).message("saluer") == texts["vous"]
    assert read_case(Conversation(redacteur_mineur="oui").tracker).message("saluer") == texts["tu"]


def test_the_plan_is_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"plateforme_alertee": "oui", "reponse_plateforme": "attente", "date_signalement": "2026-11-02"}
    case = read_case(Conversation(**told).tracker)
    assert "attendre_plateforme" in [step.id for step in case.plan().steps]
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-12-02T00:00:00")
    assert "saisir_cnil" in [step.id for step in case.plan().steps]


def test_entities_are_found_by_name_in_the_latest_message_only() -> None:
    talk = Conversation().hears("insultes", {"nature": ["insultes", "menaces"], "profil": "parent"})
    assert entity_values(talk.tracker, "nature") == ["insultes", "menaces"]
    assert entity_values(talk.tracker, "alerte") == []
    assert entity_values(talk.hears("saluer").tracker, "nature") == []


def test_a_conversation_without_message_has_no_intent_and_no_entity() -> None:
    tracker = Tracker("a", {}, None, [], False, None, {}, None)
    assert latest_intent(tracker) == ""
    assert entity_values(tracker, "nature") == []
    assert latest_intent(Conversation().hears("retour").tracker) == "retour"


def test_only_the_slots_that_differ_are_set(knowledge: Knowledge) -> None:
    slots = {"profil": "parent", "danger": "non", "nature": ["insultes"], "historique": []}
    events = slot_events(knowledge, slots, {"profil": "parent", "nature": ("menaces", "insultes")})
    assert events == [SlotSet("danger", None), SlotSet("nature", ["menaces", "insultes"])]


def test_a_service_is_said_with_every_way_to_reach_it(knowledge: Knowledge) -> None:
    assert list(service_lines(knowledge, ["3018", "114"])) == [
        f"• {knowledge.services['3018'].name} : tél. 3018, https://3018.fr",
        f"• {knowledge.services['114'].name} : SMS au 114, https://urgence114.fr",
    ]


def test_a_message_is_followed_by_its_services(knowledge: Knowledge) -> None:
    dispatcher = CollectingDispatcher()
    message = knowledge.messages["parler_a_quelquun"]
    utter_services(dispatcher, read_case(Conversation().tracker), message)
    [said] = dispatcher.messages
    assert said["text"].startswith(message.text.variants["vous"])
    assert len(said["text"].splitlines()) == 1 + len(message.services)
