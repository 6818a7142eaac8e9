"""Conversations in PostgreSQL, for several processes or machines."""

import asyncio
from typing import Any

import psycopg
from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain

from boussole.serving.memory import IDLE_MINUTES
from boussole.serving.stores.private import PrivateTrackerStore

# A person who waits longer is better served by the numbers.
TIMEOUT_SECONDS = 3.0
# Any number that no other program takes: two processes that start together must not make the table twice.
_SCHEMA_LOCK = 0x626F7573


class PostgresqlShelf:
    """Sealed states in one table. Time is the database server's, the same for every process."""

    def __init__(self, url: str, idle_seconds: float, durable: bool) -> None:
        """Connect at the first use."""
        self._url = url
        self._idle = idle_seconds
        self._durable = durable
        # One connection is enough: the turns of a process share one core, and a query takes a tenth of a turn.
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._connecting = asyncio.Lock()

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under ``key``, or None."""
        rows = await self._run(
            "SELECT state FROM boussole_conversations WHERE key = %s AND seen > now() - make_interval(secs => %s)",
            key, self._idle,
        )  # fmt: skip
        return bytes(rows[0][0]) if rows else None

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep ``sealed`` under ``key``."""
        await self._run(
            "INSERT INTO boussole_conversations VALUES (%s, %s, now()) "
            "ON CONFLICT (key) DO UPDATE SET state = excluded.state, seen = excluded.seen",
            key, sealed,
        )  # fmt: skip

    async def erase(self, key: str) -> None:
        """Erase ``key``. The server overwrites its pages later; what is in them is sealed."""
        await self._run("DELETE FROM boussole_conversations WHERE key = %s", key)

    async def forget_idle(self) -> None:
        """Erase whatever was silent for too long."""
        await self._run(
            "DELETE FROM boussole_conversations WHERE seen <= now() - make_interval(secs => %s)", self._idle
        )

    async def ping(self) -> None:
        """Fail when the server does not answer."""
        await self._run("SELECT 1")

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _run(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return await self._try(query, values)
        except (psycopg.OperationalError, TimeoutError):
            # The server may have gone away and come back since the last query; each query may be said twice.
            await self.close()
            return await self._try(query, values)

    async def _try(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            connection = await self._connected()
            cursor = await connection.execute(query, values)
            return await cursor.fetchall() if cursor.description else []

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                await self._make_table(connection)
                self._connection = connection
            return self._connection

    async def _make_table(self, connection: psycopg.AsyncConnection[Any]) -> None:
        # Unlogged: neither the write-ahead log nor its archives and replicas ever have a conversation.
        kind = "TABLE" if self._durable else "UNLOGGED TABLE"
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
            await connection.execute(
                f"CREATE {kind} IF NOT EXISTS boussole_conversations "
                "(key text PRIMARY KEY, state bytea NOT NULL, seen timestamptz NOT NULL)"
            )
            await connection.execute(
                "CREATE INDEX IF NOT EXISTS boussole_conversations_seen ON boussole_conversations (seen)"
            )


class PostgresqlTrackerStore(PrivateTrackerStore):
    """The tracker store in PostgreSQL; endpoints.yml names it by its path in Python."""

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        idle_minutes: float = IDLE_MINUTES,
        durable: bool = False,
        **kwargs: Any,
    ) -> None:
        """Connect at the first use.

        Args:
            domain: Rasa's domain.
            host: ``url`` of endpoints.yml, ``postgresql://...``.
            event_broker: Rasa's event broker, if any.
            idle_minutes: how long a silent conversation is kept.
            durable: keep conversations over a crash of the database server too; they then go through its write-ahead
                log, its archives and its replicas (sealed).
            kwargs: what else Rasa gives; unused.
        """
        super().__init__(domain, event_broker, PostgresqlShelf(host or "", float(idle_minutes) * 60, bool(durable)))
