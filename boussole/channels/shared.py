"""The ledger of answered messages in Redis, for several processes or machines."""

from dataclasses import dataclass
from typing import Any

from boussole.channels.claims import KEPT_SECONDS, LEASE
from boussole.serving.locks import RedisLockStore

PREFIX = "boussole:message:"
_ANSWERED = b"answered"


class RedisLedger:
    """For each message a lock while it is being answered, and a record: how much was sent, then that it is answered."""

    def __init__(self, client: Any, prefix: str = PREFIX) -> None:
        """Use ``client``, of redis.asyncio; every key begins with ``prefix``."""
        self._redis = client
        self._prefix = prefix

    async def was_answered(self, message: str) -> bool:
        """Tell whether ``message``, the hash of an id, was answered in the last eight days."""
        return bool(await self._redis.get(self._prefix + message) == _ANSWERED)

    async def hold(self, message: str) -> "RedisHold | None":
        """Return the message to answer, or None when it was answered or another holds it."""
        key = self._prefix + message
        lock = self._redis.lock(f"{key}:lock", timeout=LEASE)
        if not await lock.acquire(blocking=False):
            return None
        record = await self._redis.get(key)
        if record == _ANSWERED:
            # By whoever held it until a moment ago.
            await lock.release()
            return None
        hold = RedisHold(self._redis, key, lock, int(record or 0), record is not None)
        await hold.write(str(hold.sent).encode())
        return hold


@dataclass
class RedisHold:
    """A message held in Redis (`claims.Hold`)."""

    client: Any
    key: str
    lock: Any
    sent: int
    again: bool

    async def write(self, record: bytes) -> None:
        """Write what is known of the message."""
        await self.client.set(self.key, record, px=int(KEPT_SECONDS * 1000))

    async def keep(self) -> None:
        """Hold it for some time more, and remember ``sent``.

        Raises:
            LockError: this process was held up for longer than the lease; somebody else may have the message.
        """
        await self.lock.reacquire()
        await self.write(str(self.sent).encode())

    async def end(self, answered: bool) -> None:
        """Remember that it was answered, or let anybody answer it.

        Raises:
            LockError: this process was held up for longer than the lease; somebody else may have the message.
        """
        if answered:
            await self.write(_ANSWERED)
        await self.lock.release()


def shared_ledger(agent: Any) -> RedisLedger | None:
    """Return the ledger in the Redis server with the locks of ``agent``'s processes; None when it is alone."""
    locks = getattr(agent, "lock_store", None)
    return RedisLedger(locks.client) if isinstance(locks, RedisLockStore) else None
