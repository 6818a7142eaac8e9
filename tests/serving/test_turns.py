"""Which message a turn answers."""

import asyncio

from boussole.serving.turns import answering, current_turn


def test_outside_of_a_turn_no_message_is_answered() -> None:
    with answering("1"):
        assert current_turn()
    assert current_turn() is None


def test_two_messages_have_two_turns_and_the_same_one_has_one() -> None:
    turns = []
    for message_id in ("1", "2", "1"):
        with answering(message_id):
            turns.append(current_turn())
    assert turns[0] == turns[2] != turns[1]


def test_a_message_without_an_id_is_none_inside_of_another_too() -> None:
    with answering("1"), answering(None):
        assert current_turn() is None


def test_what_somebody_gave_as_an_id_is_not_kept() -> None:
    with answering("motsecret"):
        assert "motsecret" not in str(current_turn())


def test_two_turns_at_once_do_not_mix() -> None:
    async def turn(message_id: str, mine: asyncio.Event, other: asyncio.Event) -> str | None:
        with answering(message_id):
            mine.set()
            await other.wait()
            return current_turn()

    async def both() -> list[str | None]:
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(turn("1", one, two), turn("2", two, one))

    first, second = asyncio.run(both())
    assert first != second
