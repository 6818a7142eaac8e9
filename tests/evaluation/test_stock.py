"""Rasa's default pipeline in the place of ours: one intent for each message, and what it says to our dialogue."""

import pytest

from boussole.evaluation.stock import meaning, stock_intent
from boussole.understanding.examples import Example


@pytest.mark.parametrize(
    ("example", "intent"),
    [
        (Example("j'en peux plus de vivre", "detresse", alerts=frozenset({"suicide"})), "crise+suicide"),
        (Example("non", "repondre", question="danger", facts={"danger": "non"}), "danger+non"),
        (Example("c'est gratuit ?", "question", topic="gratuit"), "question+gratuit"),
        (Example("on m'insulte", "insultes", facts={"nature": ("insultes",)}), "insultes"),
    ],
)
def test_all_that_a_sentence_means_becomes_one_intent(example: Example, intent: str) -> None:
    assert stock_intent(example) == intent


@pytest.mark.parametrize(
    ("intent", "pending", "meant"),
    [
        ("crise+suicide", None, ("detresse", {"alerte": "suicide"})),
        ("contenu_public+oui", "profil", ("repondre", {"contenu_public": "oui"})),
        ("question+gratuit", None, ("question", {"sujet": "gratuit"})),
        ("insultes", None, ("insultes", {"nature": "insultes"})),
        ("nier", "danger", ("nier", {"danger": "non"})),
        ("nier", None, ("nier", {})),
        ("nlu_fallback", None, ("incompris", {})),
        ("retour", None, ("retour", {})),
    ],
)
def test_an_intent_says_to_the_dialogue_what_it_stands_for(
    intent: str, pending: str | None, meant: tuple[str, dict[str, str]]
) -> None:
    assert meaning(intent, pending) == meant
