"""Sentences that contradict each other."""

from pathlib import Path

import pytest

from boussole.triage.model import Knowledge
from boussole.understanding.corpus import Conflict, describe, exact_conflicts, load_corpus, near_conflicts, overruled
from boussole.understanding.examples import Example


def answer(text: str, value: str, question: str = "contenu_public") -> Example:
    """An answer to a question."""
    return Example(text, "repondre", question, {question: value})


def test_the_same_words_with_two_labels_are_a_conflict() -> None:
    one, other = Example("Bonsoir !", "saluer"), Example("bonsoir !", "au_revoir")
    assert exact_conflicts([one, Example("salut", "saluer"), other]) == [Conflict(one, other, 1.0)]


@pytest.mark.parametrize(
    "other",
    [
        answer("tout le monde", "non"),
        Example("tout le monde", "corriger", "contenu_public", {"contenu_public": "oui"}),
        Example("tout le monde", "repondre", "contenu_public", {"contenu_public": "oui", "profil": "parent"}),
        Example("tout le monde", "repondre", "contenu_public", {"contenu_public": "oui"}, frozenset({"danger"})),
        Example("tout le monde", "repondre", "contenu_public", {"contenu_public": "oui"}, topic="gratuit"),
        Example("tout le monde", "repondre", "contenu_public", {"contenu_public": "oui"}, withdrawn=("profil",)),
    ],
)
def test_every_label_counts(other: Example) -> None:
    assert len(exact_conflicts([answer("tout le monde", "oui"), other])) == 1


def test_a_sentence_that_is_only_repeated_is_no_conflict() -> None:
    assert not exact_conflicts([answer("tout le monde", "oui"), answer("Tout le monde", "oui")])


def test_the_order_of_natures_is_no_difference() -> None:
    one, other = (Example("x y", "insultes", facts={"nature": nature}) for nature in (("a", "b"), ("b", "a")))
    assert not exact_conflicts([one, other])


def test_the_same_words_may_answer_two_questions() -> None:
    assert not exact_conflicts([answer("personne", "non"), answer("personne", "inconnu", "auteur_connu")])


def test_three_meanings_are_three_conflicts() -> None:
    assert len(exact_conflicts([answer("bof", value) for value in ("oui", "non", "inconnu", "oui")])) == 3


def test_an_answer_that_a_fixed_sentence_hides_is_found(knowledge: Knowledge) -> None:
    rule, hidden = Example("plus rien", "passer"), answer("Plus rien", "retire", "reponse_plateforme")
    assert overruled(knowledge, [hidden, rule]) == [Conflict(rule, hidden, 1.0)]


@pytest.mark.parametrize(
    ("intent", "value"), [("affirmer", "oui"), ("nier", "non"), ("ne_sait_pas", "inconnu"), ("passer", "inconnu")]
)
def test_an_answer_that_means_the_same_is_not_hidden(knowledge: Knowledge, intent: str, value: str) -> None:
    assert not overruled(knowledge, [Example("voilà", intent), answer("voilà", value, "auteur_connu")])


def test_a_yes_to_a_question_without_yes_is_hidden(knowledge: Knowledge) -> None:
    assert overruled(knowledge, [Example("voilà", "affirmer"), answer("voilà", "oui")])


def test_nearly_the_same_words_are_listed_the_closest_first() -> None:
    examples = [
        answer("tout le monde peut le voir sur internet", "oui"),
        answer("tout le monde peut le voir sur l'internet", "non"),
        answer("sur internet tout le monde peut le voir", "inconnu"),
        answer("un groupe fermé entre nous", "non"),
    ]
    found = near_conflicts(examples, 0.8)
    assert {conflict.first.text for conflict in found} <= {example.text for example in examples[:3]}
    assert found[0].similarity == pytest.approx(1.0)
    assert [conflict.similarity for conflict in found] == sorted((c.similarity for c in found), reverse=True)


def test_nearly_the_same_words_with_one_meaning_are_fine() -> None:
    assert not near_conflicts([answer("tout le monde le voit", "oui"), answer("tout le monde la voit", "oui")], 0.5)


def test_a_conflict_is_one_line_with_both_meanings() -> None:
    line = describe(Conflict(answer("bof", "oui"), Example("bof", "detresse", alerts=frozenset({"suicide"})), 0.934))
    assert line == "0.93  « bof » = [contenu_public] repondre contenu_public=oui  |  « bof » = detresse suicide"


def test_the_corpus_is_every_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "nlu").mkdir()
    for name in ("nlu.yml", "nlu/b.yml", "nlu/a.yml"):
        (tmp_path / name).write_text(f"nlu:\n- intent: saluer\n  examples: |\n    - {name}\n", encoding="utf-8")
    (tmp_path / "rules.yml").write_text("rules: []\n", encoding="utf-8")
    assert [example.text for example in load_corpus(tmp_path)] == ["nlu.yml", "nlu/a.yml", "nlu/b.yml"]
