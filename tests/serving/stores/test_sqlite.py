"""Conversations in a file: who may read it, how it forgets, what is left in it."""

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.shared.core.events import Restarted

from boussole.channels.gate import new_sender
from boussole.serving.seal import row_key
from boussole.serving.stores import PATH_VARIABLE
from boussole.serving.stores.sqlite import SqliteShelf, SqliteTrackerStore, StoreFileError, steady_clock
from tests.serving.stores.conftest import DOMAIN, tracker

HOUR = 3600.0


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etat" / "c.sqlite"


def shelf(path: Path, clock: Clock, most: int = 1000) -> SqliteShelf:
    return SqliteShelf(path, HOUR, most, clock)


def everything(path: Path) -> bytes:
    """Every byte of the file and its journals."""
    return b"".join(part.read_bytes() for part in path.parent.iterdir())


def test_only_its_owner_can_read_the_file(path: Path, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
    kept = shelf(path, clock)
    loop.run_until_complete(kept.write("clef", b"etat"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()} == {0o600}


def test_erasing_leaves_no_byte_in_the_file_nor_in_its_journal(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock)
    # Long enough to overflow into pages of its own, and changed several times, as a conversation is.
    states = [bytes([65 + turn]) * 20_000 for turn in range(5)]
    for state in states:
        loop.run_until_complete(kept.write("clef", state))
    assert states[-1][:1000] in everything(path)
    loop.run_until_complete(kept.erase("clef"))
    left = everything(path)
    assert not [state for state in states if state[:16] in left]
    assert b"clef" not in left


def test_what_was_silent_for_an_hour_leaves_no_byte_either(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock)
    loop.run_until_complete(kept.write("clef", b"Z" * 20_000))
    clock.seconds += HOUR
    assert loop.run_until_complete(kept.read("clef")) is None
    loop.run_until_complete(kept.forget_idle())
    assert b"Z" * 16 not in everything(path)


def test_a_message_counts_the_hour_anew(path: Path, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
    kept = shelf(path, clock)
    loop.run_until_complete(kept.write("clef", b"1"))
    clock.seconds += HOUR - 1
    assert loop.run_until_complete(kept.read("clef")) == b"1"
    loop.run_until_complete(kept.write("clef", b"2"))
    clock.seconds += HOUR - 1
    assert loop.run_until_complete(kept.read("clef")) == b"2"


def test_what_was_silent_while_the_server_was_stopped_goes_at_its_start(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock)
    loop.run_until_complete(kept.write("clef", b"Z" * 20_000))
    loop.run_until_complete(kept.close())
    clock.seconds += HOUR
    shelf(path, clock)
    assert b"Z" * 16 not in everything(path)


def test_a_clock_that_was_ahead_keeps_nothing_longer(path: Path, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
    kept = shelf(path, clock)
    clock.seconds += 24 * HOUR
    loop.run_until_complete(kept.write("clef", b"etat"))
    loop.run_until_complete(kept.close())
    clock.seconds -= 24 * HOUR
    kept = shelf(path, clock)
    assert loop.run_until_complete(kept.read("clef")) == b"etat"
    clock.seconds += HOUR
    assert loop.run_until_complete(kept.read("clef")) is None


def test_setting_the_machine_s_clock_forgets_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = steady_clock()
    before = clock()
    monkeypatch.setattr("time.time", lambda: before + 24 * HOUR)
    assert clock() - before < HOUR


def test_beyond_the_limit_the_longest_silent_go_first(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock, most=2)
    for key in ("un", "deux", "trois"):
        clock.seconds += 1
        loop.run_until_complete(kept.write(key, b"etat"))
    loop.run_until_complete(kept.forget_idle())
    assert [loop.run_until_complete(kept.read(key)) for key in ("un", "deux", "trois")] == [None, b"etat", b"etat"]


def test_a_file_removed_under_the_server_is_made_anew(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock)
    for part in path.parent.iterdir():
        part.unlink()
    assert loop.run_until_complete(kept.read("clef")) is None
    loop.run_until_complete(kept.write("clef", b"etat"))
    assert loop.run_until_complete(kept.read("clef")) == b"etat"
    assert path.exists()


def test_a_full_database_is_an_error_and_what_was_there_stays(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    kept = shelf(path, clock)
    loop.run_until_complete(kept.write("clef", b"etat"))
    kept._database.execute("PRAGMA max_page_count = 6")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        loop.run_until_complete(kept.write("autre", b"x" * 100_000))
    assert loop.run_until_complete(kept.read("clef")) == b"etat"


def test_a_file_that_is_something_else_is_refused_and_left_alone(path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    path.write_text("le journal intime de quelqu'un " * 100)
    with pytest.raises(StoreFileError, match=r"c\.sqlite"):
        shelf(path, clock)
    assert path.read_text().startswith("le journal intime")


def test_the_hour_is_a_setting(path: Path, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
    async def play() -> bool:
        store = SqliteTrackerStore(DOMAIN, path=str(path), idle_minutes=5, clock=clock)
        sender = new_sender()
        await store.save(tracker(sender))
        clock.seconds += 5 * 60 - 1
        there = await store.retrieve(sender) is not None
        clock.seconds += 1
        return there and await store.retrieve(sender) is None

    assert loop.run_until_complete(play())


def test_silence_is_looked_for_without_another_message(
    path: Path, clock: Clock, loop: asyncio.AbstractEventLoop
) -> None:
    async def play() -> int:
        store = SqliteTrackerStore(DOMAIN, path=str(path), clock=clock)
        await store.save(tracker(new_sender()))
        clock.seconds += HOUR
        store._start_sweep()
        assert store._sweeping is not None
        await store._sweeping
        # It will look again.
        assert store._timer is not None
        rows: int = store.shelf._database.execute("SELECT count(*) FROM conversations").fetchone()[0]
        return rows

    assert loop.run_until_complete(play()) == 0


def test_the_environment_chooses_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, loop: asyncio.AbstractEventLoop
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(path))
    store = SqliteTrackerStore(DOMAIN)
    sender = new_sender()
    loop.run_until_complete(store.save(tracker(sender)))
    assert row_key(sender).encode() in everything(path)
    loop.run_until_complete(store.save(tracker(sender, Restarted())))
    assert row_key(sender).encode() not in everything(path)
