"""Conversations in Redis, for several processes or machines."""

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from boussole.serving.memory import IDLE_MINUTES
from boussole.serving.stores.private import PrivateTrackerStore

DEFAULT_URL = "redis://127.0.0.1:6379/0"
# A person who waits longer is better served by the numbers.
TIMEOUT_SECONDS = 2.0


def connect(url: str) -> Any:
    """Return a client of the Redis server at ``url``, which tries again once when a connection was lost."""
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )


class RedisShelf:
    """Sealed states in Redis, which itself drops those that are silent for too long."""

    def __init__(self, client: Any, idle_seconds: float, prefix: str) -> None:
        """Use ``client``; every key begins with ``prefix``."""
        self._redis = client
        self._idle_milliseconds = int(idle_seconds * 1000)
        self._prefix = prefix

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under ``key``, or None."""
        sealed: bytes | None = await self._redis.get(self._prefix + key)
        return sealed

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep ``sealed`` under ``key``."""
        await self._redis.set(self._prefix + key, sealed, px=self._idle_milliseconds)

    async def erase(self, key: str) -> None:
        """Erase ``key``."""
        await self._redis.delete(self._prefix + key)

    async def forget_idle(self) -> None:
        """Do nothing: every key has its own time to live."""

    async def ping(self) -> None:
        """Fail when the server does not answer."""
        await self._redis.ping()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()


class RedisTrackerStore(PrivateTrackerStore):
    """The tracker store in Redis; endpoints.yml names it by its path in Python."""

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        idle_minutes: float = IDLE_MINUTES,
        prefix: str = "boussole:conversation:",
        **kwargs: Any,
    ) -> None:
        """Connect at the first use.

        Args:
            domain: Rasa's domain.
            host: ``url`` of endpoints.yml, ``redis://...`` or ``rediss://...``.
            event_broker: Rasa's event broker, if any.
            idle_minutes: how long a silent conversation is kept.
            prefix: what every key begins with.
            kwargs: what else Rasa gives; unused.
        """
        shelf = RedisShelf(connect(host or DEFAULT_URL), float(idle_minutes) * 60, prefix)
        super().__init__(domain, event_broker, shelf)
