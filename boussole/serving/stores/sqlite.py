"""Conversations in one SQLite file, for one machine: the default."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain

from boussole.serving.memory import IDLE_MINUTES
from boussole.serving.stores import PATH_VARIABLE
from boussole.serving.stores.private import PrivateTrackerStore
from boussole.triage.knowledge import PROJECT

DEFAULT_PATH = "var/conversations.sqlite"
# Beyond this many conversations the longest silent go first: a flood must not fill the disk. 2 kB each, or so.
MOST_CONVERSATIONS = 500_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (key TEXT PRIMARY KEY, state BLOB NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_seen ON conversations (seen);
"""


class StoreFileError(RuntimeError):
    """The file cannot hold conversations; the message says which and why."""


def steady_clock() -> Callable[[], float]:
    """Return a clock of seconds since 1970 that does not follow when the machine's clock is set.

    Time that the machine sleeps counts.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    offset = time.time() - time.clock_gettime(boot)
    return lambda: offset + time.clock_gettime(boot)


class SqliteShelf:
    """Sealed states in one file, readable by its owner only, from which what is erased leaves at once."""

    def __init__(self, path: Path, idle_seconds: float, most: int, clock: Callable[[], float]) -> None:
        """Open or make the file.

        Raises:
            StoreFileError: it cannot be made, or is something else than our database.
        """
        self._path = path
        self._idle_seconds = idle_seconds
        self._most = most
        self._clock = clock
        try:
            self._open()
            self._forget_idle()
        except (OSError, sqlite3.Error) as error:
            raise StoreFileError(f"{path} cannot hold the conversations: {error}") from error

    async def read(self, key: str) -> bytes | None:
        """Return what is kept under ``key``, or None."""
        since = self._clock() - self._idle_seconds
        row = self._file().execute("SELECT state FROM conversations WHERE key = ? AND seen > ?", (key, since))
        found = row.fetchone()
        return None if found is None else bytes(found[0])

    async def write(self, key: str, sealed: bytes) -> None:
        """Keep ``sealed`` under ``key``."""
        with self._file() as database:
            database.execute("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)", (key, sealed, self._clock()))

    async def erase(self, key: str) -> None:
        """Erase ``key`` from the file and from its journal."""
        with self._file() as database:
            erased = database.execute("DELETE FROM conversations WHERE key = ?", (key,)).rowcount
        if erased:
            self._empty_journal()

    async def forget_idle(self) -> None:
        """Erase whatever was silent for too long, and the longest silent beyond the limit."""
        self._forget_idle()

    async def ping(self) -> None:
        """Fail when the file cannot be read."""
        self._file().execute("SELECT 1 FROM conversations LIMIT 1").fetchone()

    async def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite does, so that nobody else can read it at any moment; its journals take the same rights.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._database = sqlite3.connect(self._path, timeout=5)
        for pragma in (
            # A process that is killed loses nothing that it answered, and a write costs no wait for the disk.
            "journal_mode = WAL", "synchronous = NORMAL",
            # What is deleted is overwritten, and nothing goes to temporary files.
            "secure_delete = ON", "temp_store = MEMORY",
        ):  # fmt: skip
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)
        self._inode = self._path.stat().st_ino

    def _file(self) -> sqlite3.Connection:
        """Return the open file; one that was removed under the process is made anew."""
        try:
            same = self._path.stat().st_ino == self._inode
        except FileNotFoundError:
            same = False
        if not same:
            self._database.close()
            self._open()
        return self._database

    def _forget_idle(self) -> None:
        now = self._clock()
        with self._file() as database:
            # A clock that was ahead before a restart must not keep anything longer.
            database.execute("UPDATE conversations SET seen = ? WHERE seen > ?", (now, now))
            gone = database.execute("DELETE FROM conversations WHERE seen <= ?", (now - self._idle_seconds,)).rowcount
            gone += database.execute(
                "DELETE FROM conversations WHERE key IN "
                "(SELECT key FROM conversations ORDER BY seen DESC LIMIT -1 OFFSET ?)",
                (self._most,),
            ).rowcount
        if gone:
            self._empty_journal()

    def _empty_journal(self) -> None:
        # Deleted pages are zeroed in the file only when the journal reaches it, and the journal has them until then.
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class SqliteTrackerStore(PrivateTrackerStore):
    """The tracker store for one machine; endpoints.yml names it by its path in Python."""

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        path: str = DEFAULT_PATH,
        idle_minutes: float = IDLE_MINUTES,
        most_conversations: int = MOST_CONVERSATIONS,
        clock: Callable[[], float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Open or make the file.

        Args:
            domain: Rasa's domain.
            host: ``url`` of endpoints.yml; a file has none.
            event_broker: Rasa's event broker, if any.
            path: the file; from the project's folder when it is relative. ``BOUSSOLE_CONVERSATIONS`` goes before it.
            idle_minutes: how long a silent conversation is kept.
            most_conversations: how many are kept at most.
            clock: seconds since 1970; by default one that does not follow when the machine's clock is set.
            kwargs: what else Rasa gives; unused.

        Raises:
            StoreFileError: the file cannot be made, or is something else.
        """
        file = PROJECT / (os.environ.get(PATH_VARIABLE) or path)
        shelf = SqliteShelf(file, float(idle_minutes) * 60, int(most_conversations), clock or steady_clock())
        super().__init__(domain, event_broker, shelf)
        if _in_a_loop():
            self.sweep_later()


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
