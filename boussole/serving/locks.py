"""One turn at a time in each conversation, across processes: a lock in Redis (docs/adr/0020).

Rasa's own RedisLockStore reads a list of tickets, changes it and writes it back: two processes that do so at once both
hold the lock.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import LockError as RedisLockError

from boussole.serving.seal import row_key
from boussole.serving.stores.redis import DEFAULT_URL, connect

logger = logging.getLogger(__name__)

# When a process dies with the lock, the others wait this long; a turn takes a hundredth of it.
LIFETIME_SECONDS = 15.0
# The next message of the same person waits for the turn under way this long, and asks this often.
WAIT_SECONDS = 30.0
ASK_SECONDS = 0.02


class RedisLockStore(LockStore):
    """A lock store over redis-py's lock: SET NX with a random token and a lifetime; its holder alone releases it."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        """Connect at the first use.

        Args:
            endpoint_config: ``lock_store`` of endpoints.yml: ``url``, and if wanted ``prefix``, ``lifetime_seconds``
                and ``wait_seconds``.
        """
        settings: dict[str, Any] = endpoint_config.kwargs if endpoint_config else {}
        self._redis = connect((endpoint_config.url if endpoint_config else None) or DEFAULT_URL)
        self._prefix = str(settings.get("prefix", "boussole:lock:"))
        self._lifetime = float(settings.get("lifetime_seconds", LIFETIME_SECONDS))
        self._wait = float(settings.get("wait_seconds", WAIT_SECONDS))
        super().__init__()

    @property
    def client(self) -> Any:
        """The client of the Redis server, for whatever else the processes must share."""
        return self._redis

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float | None = None,
        wait_time_in_seconds: float = ASK_SECONDS,
    ) -> AsyncIterator[None]:
        """Hold the conversation's lock.

        Args:
            conversation_id: the conversation; its id is not written to Redis.
            lock_lifetime: seconds after which the lock is anybody's; by default the store's setting.
            wait_time_in_seconds: how often to ask for it.

        Raises:
            LockError: the lock could not be had in time.
            redis.exceptions.RedisError: Redis does not answer.
        """
        held = self._redis.lock(
            self._prefix + row_key(conversation_id),
            timeout=lock_lifetime or self._lifetime,
            sleep=wait_time_in_seconds,
            blocking_timeout=self._wait,
        )
        if not await held.acquire():
            raise LockError("the conversation is busy on another process")
        try:
            yield
        finally:
            try:
                await held.release()
            except RedisLockError:
                # It expired under us: somebody else may have answered in between.
                logger.error("a turn took longer than its lock's lifetime")

    async def ping(self) -> None:
        """Fail when Redis does not answer."""
        await self._redis.ping()
