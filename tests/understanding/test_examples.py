"""Reading the labelled sentences of data/."""

from pathlib import Path

import pytest

from boussole.understanding.examples import Example, make_example, read_examples


def write(folder: Path, text: str, name: str = "nlu.yml") -> Path:
    """Write a file of examples."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_sentences_shares_the_labels_of_its_block(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
nlu:
- intent: repondre
  metadata: {question: profil, faits: {profil: parent}}
  examples: |
    - je suis sa mère
    - c'est ma fille - la petite
""",
    )
    facts = {"profil": "parent"}
    assert list(read_examples([path])) == [
        Example("je suis sa mère", "repondre", "profil", facts),
        Example("c'est ma fille - la petite", "repondre", "profil", facts),
    ]


def test_a_sentence_may_have_labels_of_its_own(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
nlu:
- intent: insultes
  metadata: {question: nature}
  examples:
  - text: "  ils m'insultent "
    metadata: {faits: {nature: insultes, profil: victime}}
  - text: autre
    metadata: {question: null}
""",
    )
    first, second = read_examples([path])
    assert first == Example("ils m'insultent", "insultes", "nature", {"nature": ("insultes",), "profil": "victime"})
    assert second == Example("autre", "insultes")


def test_several_files_are_read_in_order(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, f"nlu:\n- intent: saluer\n  examples: |\n    - {word}\n", f"{word}.yml")
        for word in ("salut", "bonjour")
    ]
    assert [example.text for example in read_examples(paths)] == ["salut", "bonjour"]


def test_blocks_that_are_no_intent_are_left_to_rasa(tmp_path: Path) -> None:
    path = write(tmp_path, "nlu:\n- synonym: insta\n  examples: |\n    - instagram\n")
    assert list(read_examples([path])) == []


@pytest.mark.parametrize("text", ["rules: []", "- intent: saluer", "", "nlu: saluer"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"autre\.yml: expected a Rasa NLU file"):
        list(read_examples([write(tmp_path, text, "autre.yml")]))


@pytest.mark.parametrize(
    ("metadata", "alerts"),
    [
        ({}, set()),
        ({"faits": {"danger": "non"}}, set()),
        ({"faits": {"danger": "suicide"}}, {"suicide"}),
        ({"faits": {"danger": "immediat"}}, {"danger"}),
        ({"alerte": ["enfance"]}, {"enfance"}),
        ({"alerte": ["enfance", "danger"], "faits": {"danger": "immediat"}}, {"enfance", "danger"}),
        ({"alerte": ["enfance"], "faits": {"danger": "suicide"}}, {"enfance"}),
    ],
)
def test_a_danger_raises_its_alert_unless_alerts_are_given(metadata: dict[str, object], alerts: set[str]) -> None:
    assert make_example("x", "detresse", metadata).alerts == alerts


def test_every_label_is_kept() -> None:
    metadata = {"sujet": "gratuit", "oublie": ["profil", "danger"], "faits": {"nature": ["menaces", "raid"]}}
    example = make_example("x", "corriger", metadata)
    assert example.topic == "gratuit"
    assert example.withdrawn == ("profil", "danger")
    assert example.facts == {"nature": ("menaces", "raid")}
