"""Which choice of a numbered list a message picks."""

import pytest

from boussole.channels.choices import Numbered, read_choice


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1", 1), ("un", 1), ("une", 1), ("1er", 1), ("le premier", 1), ("première", 1), ("3ème", 3), ("12.", 12),
     ("treize", 13), ("dix-sept", 17), ("choix 4", 4), ("je choisis le 2", 2), ("réponse 5 !", 5), ("2e", 2)],
)  # fmt: skip
def test_ways_to_say_a_number(typed: str, number: int) -> None:
    assert read_choice(typed) == number


@pytest.mark.parametrize(
    "typed", ["non", "13 ans", "une fille", "1 et 2", "le", "la", "-", "", "?", "2 semaines", "17 ou 112", "/1"]
)
def test_texts_that_are_no_number(typed: str) -> None:
    assert read_choice(typed) is None


@pytest.mark.parametrize("typed", ["2", "deux", "la 2e", "Le deuxième."])
def test_a_number_picks_its_choice(typed: str) -> None:
    assert Numbered("profil", ("/a", "/b")).pick(typed) == "/b"


def test_words_pick_no_choice() -> None:
    assert Numbered("profil", ("/a", "/b")).pick("c'est ma sœur") == "c'est ma sœur"


def test_a_number_out_of_the_list_is_told_to_the_person() -> None:
    with pytest.raises(LookupError, match="de 1 à 2"):
        Numbered("profil", ("/a", "/b")).pick("7")


def test_a_number_out_of_the_list_may_be_an_age() -> None:
    assert Numbered("victime_mineure", ("/a", "/b")).pick("13") == "13"


def test_a_number_means_nothing_without_choices() -> None:
    assert Numbered("", ()).pick("2") == "2"
