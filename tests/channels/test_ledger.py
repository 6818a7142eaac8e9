"""What a channel knows again after a restart, in its file and in Redis."""

import asyncio
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from boussole.channels.claims import KEPT_SECONDS, LEASE, Claims, Ledger
from boussole.channels.ledger import SqliteLedger
from boussole.channels.shared import PREFIX, RedisLedger
from boussole.serving.stores.redis import connect
from tests.channels.platforms import Waits
from tests.engines import Engine, redis_server


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with redis_server(tmp_path_factory.mktemp("redis")) as engine:
        yield engine


Play = Callable[[Ledger, Ledger], Awaitable[None]]


@pytest.fixture(params=["file", "redis"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Play], None]:
    """Play with the same ledger as two processes have it open."""

    def play(scene: Play) -> None:
        async def run() -> None:
            if request.param == "file":
                await scene(SqliteLedger(tmp_path / "canaux.sqlite"), SqliteLedger(tmp_path / "canaux.sqlite"))
                return
            url = request.getfixturevalue("redis").url
            one, two = connect(url), connect(url)
            await one.flushall()
            await scene(RedisLedger(one), RedisLedger(two))
            await one.close()
            await two.close()

        asyncio.run(run())

    return play


def test_a_message_is_one_process_s_until_it_is_answered_and_then_nobody_s(shared: Callable[[Play], None]) -> None:
    async def play(one: Ledger, two: Ledger) -> None:
        held = await one.hold("message")
        assert held is not None
        assert (held.sent, held.again) == (0, False)
        assert await two.hold("message") is None
        assert await two.hold("autre")
        await held.keep()
        assert not await two.was_answered("message")
        await held.end(answered=True)
        assert await two.was_answered("message")
        assert await two.hold("message") is None
        assert not await two.was_answered("autre")

    shared(play)


def test_a_message_that_is_let_go_of_is_anybody_s_with_what_was_sent_of_its_answer(
    shared: Callable[[Play], None],
) -> None:
    async def play(one: Ledger, two: Ledger) -> None:
        held = await one.hold("message")
        assert held
        held.sent = 2
        await held.keep()
        await held.end(answered=False)
        again = await two.hold("message")
        assert again is not None
        assert (again.sent, again.again) == (2, True)

    shared(play)


def test_of_many_who_reach_for_a_message_one_gets_it(shared: Callable[[Play], None]) -> None:
    async def play(one: Ledger, two: Ledger) -> None:
        held = await asyncio.gather(*(ledger.hold("message") for ledger in (one, two) * 10))
        assert sum(hold is not None for hold in held) == 1

    shared(play)


def test_a_second_process_waits_for_the_first_one_s_answer(shared: Callable[[Play], None]) -> None:
    async def play(one: Ledger, two: Ledger) -> None:
        waiting, go_on = asyncio.Event(), asyncio.Event()

        async def wait(_: float) -> None:
            waiting.set()
            await go_on.wait()

        async with Claims(one).claim("message") as first:
            assert first
            second = asyncio.create_task(_claims(Claims(two, wait), "message"))
            await waiting.wait()
        go_on.set()
        assert await second is False

    shared(play)


def test_a_second_process_takes_over_when_the_first_one_fails(shared: Callable[[Play], None]) -> None:
    async def play(one: Ledger, two: Ledger) -> None:
        with pytest.raises(RuntimeError):
            await _fails(Claims(one), "message")
        assert await _claims(Claims(two), "message") is True
        assert await _claims(Claims(one), "message") is False

    shared(play)


async def _claims(claims: Claims, message: str) -> bool:
    async with claims.claim(message) as claim:
        return claim is not None


async def _fails(claims: Claims, message: str) -> None:
    async with claims.claim(message):
        raise RuntimeError


def test_a_process_that_dies_keeps_a_message_from_the_others_for_the_lease_only() -> None:
    async def run() -> None:
        seconds = [0.0]
        ledger = SqliteLedger(":memory:", lambda: seconds[0])
        dead = await ledger.hold("message")
        seconds[0] = LEASE - 1
        assert await ledger.hold("message") is None
        seconds[0] = LEASE
        assert await ledger.hold("message")
        # It was not dead, only slow: what it says now counts no more.
        assert dead
        await dead.end(answered=True)
        assert not await ledger.was_answered("message")

    asyncio.run(run())


def test_in_redis_the_lease_is_a_time_to_live_and_nothing_stays_for_ever(redis: Engine) -> None:
    async def run() -> None:
        client = connect(redis.url)
        await client.flushall()
        ledger = RedisLedger(client)
        assert await ledger.hold("message")
        assert 0 < await client.pttl(f"{PREFIX}message:lock") <= LEASE * 1000
        assert 0 < await client.pttl(f"{PREFIX}message") <= KEPT_SECONDS * 1000
        await client.delete(f"{PREFIX}message:lock")
        taken = await ledger.hold("message")
        assert taken is not None
        assert taken.again
        await taken.end(answered=True)
        assert await client.keys("*") == [f"{PREFIX}message".encode()]
        await client.close()

    asyncio.run(run())


def test_while_redis_is_away_messages_are_answered_all_the_same(
    redis: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        client = connect(redis.url)
        claims = Claims(RedisLedger(client), Waits())
        redis.stop()
        try:
            assert await _claims(claims, "message") is True
        finally:
            redis.start()
        assert await _claims(claims, "autre") is True
        assert await _claims(claims, "autre") is False
        await client.close()

    asyncio.run(run())
    assert "cannot be read: ConnectionError" in caplog.text


def test_where_matrix_had_got_to_is_known_again_after_a_restart(tmp_path: Path) -> None:
    first = SqliteLedger(tmp_path / "etat" / "canaux.sqlite")
    first.set_cursor("matrix", "s1")
    first.set_cursor("matrix", "s2")
    first.close()
    second = SqliteLedger(tmp_path / "etat" / "canaux.sqlite")
    assert second.cursor("matrix") == "s2"
    assert second.cursor("autre") is None


def test_it_is_kept_longer_than_a_platform_tries_and_then_forgotten() -> None:
    async def run() -> None:
        seconds = [0.0]
        ledger = SqliteLedger(":memory:", lambda: seconds[0])
        await _claims(Claims(ledger), "vieux")
        seconds[0] = KEPT_SECONDS - 1
        await _claims(Claims(ledger), "récent")
        assert await ledger.was_answered("vieux")
        seconds[0] = KEPT_SECONDS + 1
        await _claims(Claims(ledger), "nouveau")
        assert not await ledger.was_answered("vieux")
        assert await ledger.was_answered("récent")

    asyncio.run(run())


def test_it_is_where_the_environment_says_and_only_its_owner_may_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path / "ici"))
    SqliteLedger.of_process().close()
    assert (tmp_path / "ici" / "canaux.sqlite").exists()
    assert stat.S_IMODE((tmp_path / "ici").stat().st_mode) == 0o700
