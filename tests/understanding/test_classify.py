"""Two models of different kinds that read the same text."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from boussole.understanding import vectors
from boussole.understanding.classify import TextModel
from boussole.understanding.heads import Task
from tests.understanding.conftest import Vocabulary

TEXTS = (
    "je suis sa maman", "je suis la mère de la victime", "c'est mon fils", "on parle de ma fille",
    "je suis son professeur", "j'enseigne dans son collège", "je suis la CPE", "je suis prof au lycée",
    "ils m'insultent", "on m'insulte tous les jours", "il me menace", "il menace de venir chez moi",
)  # fmt: skip
PROFILES = ["parent"] * 4 + ["professionnel"] * 4 + ["victime"] * 4
NATURES = [frozenset[str]()] * 8 + [frozenset({"insultes"})] * 2 + [frozenset({"menaces"})] * 2

pytestmark = pytest.mark.usefixtures("small_vectors")


@cache
def small_model() -> TextModel:
    """A model of two heads over twelve sentences."""
    return train()


def train() -> TextModel:
    """Train the small model."""
    return TextModel.train(
        TEXTS,
        [None, "profil"] * 6,
        {
            "profil": Task(range(12), PROFILES),
            "nature": Task(range(12), NATURES, exclusive=False),
            "adulte": Task(range(4, 8), ["oui"] * 4),
        },
    )


def best(scores: dict[str, float]) -> str:
    """The most probable class."""
    return max(scores, key=lambda name: scores[name])


def test_a_model_finds_again_what_it_learned() -> None:
    guesses = small_model().predict(TEXTS)
    assert [best(guess["profil"]) for guess in guesses] == PROFILES
    for guess, nature in zip(guesses, NATURES, strict=True):
        assert {name for name, probability in guess["nature"].items() if probability >= 0.5} == nature


def test_a_model_reads_what_it_never_saw() -> None:
    [guess] = small_model().predict(["je suis la maman de la petite"])
    assert best(guess["profil"]) == "parent"


def test_exclusive_classes_share_one_certainty_and_others_do_not() -> None:
    [guess] = small_model().predict(["il m'insulte et me menace"])
    assert sum(guess["profil"].values()) == pytest.approx(1.0)
    assert set(guess["nature"]) == {"insultes", "menaces"}
    assert all(0.0 <= probability <= 1.0 for probability in guess["nature"].values())


def test_a_task_with_one_class_always_gives_it() -> None:
    assert small_model().predict(["n'importe quoi"])[0]["adulte"] == {"oui": pytest.approx(1.0)}


def test_a_text_without_a_known_word_still_gets_probabilities() -> None:
    for text in ("", "xyzxyz", "🤖"):
        [guess] = small_model().predict([text])
        assert sum(guess["profil"].values()) == pytest.approx(1.0)


def test_training_again_gives_the_same_model() -> None:
    again = train().predict(TEXTS)
    for guess, other in zip(small_model().predict(TEXTS), again, strict=True):
        assert all(guess[head] == pytest.approx(scores, abs=1e-3) for head, scores in other.items())


def test_texts_are_read_one_by_one_as_together() -> None:
    model = small_model()
    for text, together in zip(TEXTS, model.predict(TEXTS), strict=True):
        [alone] = model.predict([text])
        for head, scores in together.items():
            assert alone[head] == pytest.approx(scores, abs=1e-5)


def test_a_saved_model_reads_the_same(tmp_path: Path) -> None:
    model = small_model()
    model.save(tmp_path)
    loaded = TextModel.load(tmp_path)
    assert loaded.heads == model.heads
    for reread, read in zip(loaded.predict(TEXTS), model.predict(TEXTS), strict=True):
        assert all(reread[head] == pytest.approx(scores, abs=1e-5) for head, scores in read.items())
    assert loaded.familiar("je suis xyz") == model.familiar("je suis xyz")


def test_nothing_of_a_saved_model_is_code(tmp_path: Path) -> None:
    small_model().save(tmp_path)
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".npz"}
    for file in tmp_path.glob("*.npz"):
        with np.load(file, allow_pickle=False) as arrays:
            assert {arrays[name].dtype.kind for name in arrays.files} == {"f"}


@pytest.mark.parametrize("name", ["model.json", "linear.json", "network.json", "linear.npz", "network.npz"])
def test_a_model_that_is_missing_or_damaged_does_not_load(tmp_path: Path, name: str) -> None:
    small_model().save(tmp_path)
    (tmp_path / name).write_text("{", encoding="utf-8")
    with pytest.raises((ValueError, OSError)):
        TextModel.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(OSError, match=name):
        TextModel.load(tmp_path)


@pytest.mark.parametrize(
    ("plain", "share"),
    [
        ("je suis la", 1.0),
        ("je suis xyz zzz", 0.5),
        ("qwerty", 0.0),
        ("", 0.0),
        ("12 ? !", 0.0),
        ("a b c", 0.0),
    ],
)
def test_a_text_is_familiar_by_its_share_of_known_words(plain: str, share: float) -> None:
    assert small_model().familiar(plain) == share


def test_the_network_reads_a_text_without_accents_as_with_them() -> None:
    model = TextModel.train(TEXTS, [None] * 12, {"profil": Task(range(12), PROFILES)}, kinds=["network"])
    with_accents, without = model.predict(["je suis la mère", "je suis la mere"])
    assert without["profil"] == pytest.approx(with_accents["profil"], abs=1e-5)


def test_the_pending_question_changes_what_a_text_means() -> None:
    texts = ["oui", "non", "bof"] * 40
    questions = ["danger"] * 60 + ["contenu_public"] * 60
    answers = ["grave" if question == "danger" else "anodin" for question in questions]
    model = TextModel.train(texts, questions, {"x": Task(range(120), answers)})
    assert best(model.predict(["oui"], "danger")[0]["x"]) == "grave"
    assert best(model.predict(["oui"], "contenu_public")[0]["x"]) == "anodin"


def test_the_order_of_words_changes_what_a_text_means() -> None:
    texts = ["pas lui mais moi", "pas moi mais lui"] * 60
    model = TextModel.train(texts, [None] * 120, {"x": Task(range(120), ["moi", "lui"] * 60)})
    assert [best(guess["x"]) for guess in model.predict(texts[:2])] == ["moi", "lui"]


def test_a_very_long_text_is_read() -> None:
    [guess] = small_model().predict(["je suis sa maman " * 400])
    assert sum(guess["profil"].values()) == pytest.approx(1.0)


def test_the_first_known_form_of_a_word_gives_its_vector() -> None:
    assert vectors.word_vector("mere", "mère", "père") == pytest.approx(vectors.unit(Vocabulary()["mère"].vector))
    assert vectors.word_vector("inconnu") is None
