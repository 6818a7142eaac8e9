"""Noticing what fails inside a turn."""

import asyncio

import pytest

from boussole.serving.failures import report_failure, watch_failures


def test_a_failure_is_known_by_the_name_of_its_error_alone() -> None:
    with watch_failures() as failures:
        report_failure(ValueError("motsecret"))
        report_failure(KeyError("motsecret"))
    assert failures == {"ValueError", "KeyError"}


def test_a_turn_without_failure_has_none() -> None:
    with watch_failures() as failures:
        pass
    assert not failures


def test_a_failure_that_nobody_watches_is_no_error() -> None:
    report_failure(ValueError())


def test_a_failure_after_the_turn_is_not_counted() -> None:
    with watch_failures() as failures:
        pass
    report_failure(ValueError())
    assert not failures


def test_the_watch_ends_when_the_turn_breaks() -> None:
    def broken_turn() -> None:
        with watch_failures():
            raise RuntimeError

    with watch_failures() as failures:
        with pytest.raises(RuntimeError):
            broken_turn()
        report_failure(ValueError())
    assert failures == {"ValueError"}


def test_a_failure_in_a_task_of_the_turn_is_noticed() -> None:
    async def fail() -> None:
        report_failure(ValueError())

    async def turn() -> set[str]:
        with watch_failures() as failures:
            await asyncio.gather(fail())
        return failures

    assert asyncio.run(turn()) == {"ValueError"}


def test_two_conversations_at_once_do_not_share_their_failures() -> None:
    async def turn(error: Exception | None, mine: asyncio.Event, other: asyncio.Event) -> set[str]:
        with watch_failures() as failures:
            mine.set()
            await other.wait()
            if error:
                report_failure(error)
        return failures

    async def both() -> list[set[str]]:
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(turn(ValueError(), one, two), turn(None, two, one))

    assert asyncio.run(both()) == [{"ValueError"}, set()]
