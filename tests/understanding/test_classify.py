"""Linear classifiers over one description of a text."""

import json
from pathlib import Path

import numpy as np
import pytest

from boussole.understanding.classify import Task, TextModel, mean_vector

TEXTS = (
    "je suis sa maman", "je suis la mère de la victime", "c'est mon fils", "on parle de ma fille",
    "je suis son professeur", "j'enseigne dans son collège", "je suis la CPE", "je suis prof au lycée",
    "ils m'insultent", "on m'insulte tous les jours", "il me menace", "il menace de venir chez moi",
)  # fmt: skip
PROFILES = ["parent"] * 4 + ["professionnel"] * 4 + ["victime"] * 4
NATURES = [frozenset[str]()] * 8 + [frozenset({"insultes"})] * 2 + [frozenset({"menaces"})] * 2

pytestmark = pytest.mark.usefixtures("small_vectors")


def small_model() -> TextModel:
    """A model of two heads over twelve sentences."""
    return TextModel.train(
        TEXTS,
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
    assert small_model().predict(TEXTS) == small_model().predict(TEXTS)


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
    assert {file.name for file in tmp_path.iterdir()} == {"model.json", "model.npz"}
    assert set(json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))) == {"heads", "vocabularies"}
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} == {"f"}


def test_a_model_that_is_missing_or_damaged_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"model\.json"):
        TextModel.load(tmp_path)
    small_model().save(tmp_path)
    (tmp_path / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting"):
        TextModel.load(tmp_path)
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeyError):
        TextModel.load(tmp_path)


@pytest.mark.parametrize(
    ("plain", "share"),
    [
        ("je suis professeur", 1.0),
        ("je suis xyz zzz", 0.5),
        ("qwerty", 0.0),
        ("", 0.0),
        ("12 ? !", 0.0),
        ("a b c", 0.0),
    ],
)
def test_a_text_is_familiar_by_its_share_of_known_words(plain: str, share: float) -> None:
    texts = ["je suis prof", "je suis", "prof"]
    model = TextModel.train(texts, {"x": Task(range(3), ["a", "b", "b"])})
    assert model.familiar(plain) == share


def test_a_vector_is_the_mean_of_the_known_words_with_length_one() -> None:
    assert mean_vector("maman xyz") == pytest.approx(np.array([1.0, 0.0, 0.0]))
    assert float(np.linalg.norm(mean_vector("la mère insulte"))) == pytest.approx(1.0)
    assert mean_vector("une maman") @ mean_vector("ma mère") > mean_vector("une maman") @ mean_vector("il injurie")


@pytest.mark.parametrize("text", ["", "xyz", "rien"])
def test_a_text_without_a_vector_has_the_empty_one(text: str) -> None:
    assert not mean_vector(text).any()
    assert mean_vector(text).shape == (3,)
