"""One turn at a time in each conversation, on a real Redis."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import RedisError

from boussole.channels.gate import new_sender
from boussole.serving.locks import RedisLockStore
from tests.engines import Engine, redis_server


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with redis_server(tmp_path_factory.mktemp("redis")) as engine:
        yield engine


def locks(url: str, **settings: Any) -> RedisLockStore:
    return RedisLockStore(EndpointConfig(url, **settings))


def test_two_messages_of_a_conversation_are_answered_one_after_the_other(redis: Engine) -> None:
    async def play() -> list[str]:
        one, other, sender, seen = locks(redis.url), locks(redis.url), new_sender(), []

        async def turn(store: RedisLockStore, name: str) -> None:
            async with store.lock(sender):
                seen.append(f"{name} begins")
                # The other one gets every chance to come in between.
                for _ in range(50):
                    await store.ping()
                seen.append(f"{name} ends")

        await asyncio.gather(turn(one, "a"), turn(other, "b"))
        return seen

    seen = asyncio.run(play())
    assert seen in (["a begins", "a ends", "b begins", "b ends"], ["b begins", "b ends", "a begins", "a ends"])


def test_two_conversations_do_not_wait_for_each_other(redis: Engine) -> None:
    async def play() -> None:
        store = locks(redis.url, wait_seconds=0)
        async with store.lock(new_sender()), store.lock(new_sender()):
            pass

    asyncio.run(play())


def add(url: str, path: str, times: int) -> None:
    """What a process does: read a number, add one, write it back, under the lock."""

    async def play() -> None:
        store = locks(url)
        for _ in range(times):
            async with store.lock("c" * 32, wait_time_in_seconds=0.001):
                number = int(Path(path).read_text())
                await store.ping()
                Path(path).write_text(str(number + 1))

    asyncio.run(play())


def test_four_processes_that_want_the_same_lock_lose_nothing(redis: Engine, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=add, args=(redis.url, str(counter), 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert counter.read_text() == "200"


def test_the_lock_of_a_process_that_died_is_free_again_after_its_lifetime(redis: Engine) -> None:
    async def play() -> None:
        sender = new_sender()
        dead = locks(redis.url, lifetime_seconds=0.2)
        await dead.lock(sender).__aenter__()
        async with locks(redis.url).lock(sender):
            pass

    asyncio.run(play())


def test_who_comes_late_does_not_release_the_lock_of_another(redis: Engine, caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        sender = new_sender()
        slow, other = locks(redis.url, lifetime_seconds=0.1), locks(redis.url)
        late = slow.lock(sender)
        await late.__aenter__()
        async with other.lock(sender):
            await late.__aexit__(None, None, None)
            with pytest.raises(LockError):
                async with locks(redis.url, wait_seconds=0).lock(sender):
                    pytest.fail("two turns at once")

    asyncio.run(play())
    assert "longer than its lock's lifetime" in caplog.text


def test_a_conversation_that_stays_busy_is_an_error_after_a_while(redis: Engine) -> None:
    async def play() -> None:
        sender = new_sender()
        async with locks(redis.url).lock(sender):
            with pytest.raises(LockError, match="busy"):
                async with locks(redis.url, wait_seconds=0.1).lock(sender):
                    pytest.fail("two turns at once")

    asyncio.run(play())


def test_without_redis_the_error_is_not_hidden(redis: Engine) -> None:
    async def play() -> None:
        async with locks(redis.url).lock(new_sender()):
            pytest.fail("no lock was held")

    redis.stop()
    try:
        with pytest.raises(RedisError):
            asyncio.run(play())
    finally:
        redis.start()


def test_no_conversation_id_is_written_to_redis(redis: Engine) -> None:
    async def play() -> list[bytes]:
        store, sender = locks(redis.url), new_sender()
        async with store.lock(sender):
            keys: list[bytes] = await store._redis.keys("*")
        return [key for key in keys if sender.encode() in key]

    assert not asyncio.run(play())
