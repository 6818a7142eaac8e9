"""Telling that a message is not in French."""

import pytest

from boussole.understanding.languages import foreign_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My daughter is being bullied on snapchat by girls in her class", "en"),
        ("they keep posting photos of me and i don't know what to do", "en"),
        ("Están publicando cosas sobre mí y no sé qué hacer desde hace semanas", "es"),
        ("meine Tochter wird in der Schule gemobbt", "de"),
        ("ابنتي تتعرض للتنمر على سناب شات", "ar"),
    ],
)
def test_other_languages_are_told(text: str, language: str) -> None:
    assert foreign_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "ma fille se fait insulter sur snap par des filles de sa classe",
        "on m'a écrit « kill yourself » et « you are ugly » sur insta, je sais plus quoi faire",
        "p-e ben que oui, p-e ben que non",
        "non non, j'ai rien signalé",
        "wallah ils me saoulent sur discord avec leurs fake",
        "help me please",
        "bonjour",
        "",
        "12 34 56 78",
    ],
)
def test_french_and_what_is_too_short_are_not(text: str) -> None:
    assert foreign_language(text) is None
