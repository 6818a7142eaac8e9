"""What may be kept of an event."""

from typing import Any

import pytest
from rasa.shared.core.domain import Domain

from boussole.serving.wordless import OTHER_SLOTS, slot_value, without_words
from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge

WORDS = "motsecretquinedoitpasrester"


def test_every_slot_of_the_domain_is_known_to_what_keeps_conversations(knowledge: Knowledge) -> None:
    # A new slot must be given a rule of what it may hold (boussole/serving/wordless.py), or it is forgotten.
    declared = {slot.name for slot in Domain.load(str(PROJECT / "domain.yml")).slots}
    assert declared - {"session_started_metadata"} <= knowledge.facts.keys() | OTHER_SLOTS


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("profil", "parent"), ("nature", ["menaces", "insultes"]), ("plateforme", "snapchat"),
        ("plateforme", "inconnu"),
        ("date_signalement", "2026-10-01"), ("redacteur_mineur", "oui"), ("requested_slot", "danger"),
        ("historique", [{"profil": "parent", "nature": ["menaces"]}]), ("plan_donne", "0123456789abcdef"),
        ("danger", None),
    ],
)  # fmt: skip
def test_what_the_dialogue_knows_is_kept(slot: str, value: Any) -> None:
    kept = slot_value(slot, value)
    assert kept == value or set(kept) == set(value)


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("profil", WORDS), ("nature", [WORDS]), ("plateforme", WORDS), ("date_signalement", WORDS),
        ("redacteur_mineur", WORDS), ("requested_slot", WORDS), ("historique", [{"profil": WORDS, WORDS: WORDS}]),
        ("historique", WORDS), ("plan_donne", WORDS), ("session_started_metadata", {"x": WORDS}), ("nouveau", WORDS),
    ],
)  # fmt: skip
def test_words_are_kept_in_no_slot(slot: str, value: Any) -> None:
    assert WORDS not in str(slot_value(slot, value))


@pytest.mark.parametrize("entity", ["profil", "alerte", "oublie", "sujet", "citation", "plateforme", "nouvelle"])
def test_words_are_kept_in_no_entity(entity: str) -> None:
    event = {"event": "user", "text": WORDS, "metadata": {"x": WORDS}, "input_channel": WORDS, "parse_data": {
        "intent": {"name": "repondre", "confidence": 1.0}, "intent_ranking": [WORDS], "text": WORDS,
        "entities": [{"entity": entity, "value": WORDS, "text": WORDS}],
    }}  # fmt: skip
    kept = without_words(event)
    assert kept is not None
    assert WORDS not in str(kept)
    assert kept["parse_data"]["intent"]["name"] == "repondre"


def test_what_was_understood_is_kept() -> None:
    entities = [{"entity": "nature", "value": "menaces"}, {"entity": "alerte", "value": "suicide"}]
    kept = without_words({"event": "user", "text": WORDS, "parse_data": {"entities": entities}})
    assert kept is not None
    assert kept["parse_data"]["entities"] == entities


@pytest.mark.parametrize("event", ["reminder", "agent", "entities", "tout_nouveau"])
def test_an_event_that_could_carry_anything_is_not_kept(event: str) -> None:
    assert without_words({"event": event, "text": WORDS, "name": WORDS}) is None


def test_an_action_keeps_its_name_only() -> None:
    event = {"event": "action", "name": "action_plan", "timestamp": 1.0, "action_text": WORDS, "metadata": {"x": WORDS}}
    assert without_words(event) == {"event": "action", "name": "action_plan", "timestamp": 1.0}
