"""Cutting a message into pieces."""

import pytest

from boussole.understanding.segments import LIMIT, segments


def test_each_sentence_is_a_piece_and_so_are_two_neighbours() -> None:
    assert segments("Il m'insulte. C'est public ! On a signalé") == [
        "Il m'insulte", "C'est public", "On a signalé", "Il m'insulte, C'est public", "C'est public, On a signalé",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "on a signalé, toujours rien",
        "on a signalé mais toujours rien",
        "on a signalé ; toujours rien",
        "on a signalé\ntoujours rien",
        "on a signalé SAUF QUE toujours rien",
        "on a signalé alors que toujours rien",
        "on a signalé... toujours rien",
    ],
)
def test_commas_stops_and_turns_of_phrase_cut(text: str) -> None:
    assert segments(text)[:2] == ["on a signalé", "toujours rien"]


def test_a_word_inside_another_cuts_nothing() -> None:
    assert segments("jamais une mairie ne répond étonnamment") == []


def test_a_decimal_comma_cuts_nothing() -> None:
    assert segments("elle a 13,5 ans environ") == []


def test_a_piece_of_one_word_says_too_little() -> None:
    assert segments("Bonjour. Il m'insulte. Merci") == ["Il m'insulte"]


@pytest.mark.parametrize("text", ["", "bonjour", "il m'insulte", " il m'insulte ", "...", "!?"])
def test_a_text_in_one_piece_has_no_other(text: str) -> None:
    assert segments(text) == []


def test_a_piece_that_is_repeated_counts_once() -> None:
    assert segments("il insulte. il insulte. il insulte") == ["il insulte", "il insulte, il insulte"]


def test_a_long_message_gives_a_bounded_number_of_pieces() -> None:
    assert len(segments(". ".join(f"phrase numero {number}" for number in range(200)))) == LIMIT
