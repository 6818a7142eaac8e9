"""A message that is sent twice is said once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from boussole.channels.replies import Messages, Replies
from boussole.serving.turns import answering, current_turn

Turn = Callable[[], Awaitable[Messages]]


class Turns:
    """Counts the turns; each one waits until it may end."""

    def __init__(self) -> None:
        self.count = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> Messages:
        self.count += 1
        number = self.count
        await self.may_end.wait()
        return [{"text": f"tour {number}"}]


def test_the_same_id_gets_the_first_answer_again() -> None:
    async def play() -> tuple[Messages, Messages, int]:
        replies, turns = Replies(), Turns()
        turns.may_end.set()
        return await replies.once("a", "1", turns), await replies.once("a", "1", turns), turns.count

    first, again, count = asyncio.run(play())
    assert first == again
    assert count == 1


def test_a_retry_during_the_turn_waits_for_it() -> None:
    async def play() -> tuple[Messages, Messages, int]:
        replies, turns = Replies(), Turns()
        both = asyncio.gather(replies.once("a", "1", turns), replies.once("a", "1", turns))
        await asyncio.sleep(0)
        turns.may_end.set()
        first, again = await both
        return first, again, turns.count

    assert asyncio.run(play()) == ([{"text": "tour 1"}], [{"text": "tour 1"}], 1)


def test_a_turn_goes_on_when_its_connection_is_lost() -> None:
    async def play() -> tuple[Messages, int]:
        replies, turns = Replies(), Turns()
        lost = asyncio.ensure_future(replies.once("a", "1", turns))
        await asyncio.sleep(0)
        lost.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lost
        turns.may_end.set()
        return await replies.once("a", "1", turns), turns.count

    assert asyncio.run(play()) == ([{"text": "tour 1"}], 1)


@pytest.mark.parametrize(("sender", "message_id"), [("a", "2"), ("b", "1")])
def test_another_id_or_another_conversation_is_another_turn(sender: str, message_id: str) -> None:
    async def play() -> int:
        replies, turns = Replies(), Turns()
        turns.may_end.set()
        await replies.once("a", "1", turns)
        await replies.once(sender, message_id, turns)
        return turns.count

    assert asyncio.run(play()) == 2


def test_a_forgotten_conversation_leaves_no_answer() -> None:
    async def play() -> tuple[int, int]:
        replies, turns = Replies(), Turns()
        turns.may_end.set()
        await replies.once("a", "1", turns)
        kept = len(replies)
        replies.forget("a")
        replies.forget("never seen")
        return kept, len(replies)

    assert asyncio.run(play()) == (1, 0)


def test_an_answer_leaves_the_memory_by_itself() -> None:
    async def play() -> int:
        replies, turns = Replies(keep_seconds=0), Turns()
        turns.may_end.set()
        await replies.once("a", "1", turns)
        while len(replies):
            await asyncio.sleep(0)
        return len(replies)

    assert asyncio.run(play()) == 0


def test_only_so_many_answers_are_kept() -> None:
    async def play() -> int:
        replies, turns = Replies(most=2), Turns()
        turns.may_end.set()
        for sender in "abc":
            await replies.once(sender, "1", turns)
        return len(replies)

    assert asyncio.run(play()) == 2


def test_a_message_without_an_id_is_a_turn_each_time_and_leaves_no_answer() -> None:
    async def play() -> tuple[int, int]:
        replies, turns = Replies(), Turns()
        turns.may_end.set()
        await replies.once("a", None, turns)
        await replies.once("a", None, turns)
        return turns.count, len(replies)

    assert asyncio.run(play()) == (2, 0)


def test_the_store_is_told_which_message_the_turn_answers() -> None:
    async def turn() -> Messages:
        return [{"text": current_turn()}]

    async def play() -> list[Messages]:
        replies = Replies()
        return [await replies.once("a", message_id, turn) for message_id in ("1", None)]

    with answering("1"):
        expected = current_turn()
    assert asyncio.run(play()) == [[{"text": expected}], [{"text": None}]]
