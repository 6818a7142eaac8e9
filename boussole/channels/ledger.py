"""What a messaging channel must know again after a restart, on one machine; several machines share Redis."""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from boussole.channels.claims import KEPT_SECONDS, LEASE
from boussole.triage.knowledge import PROJECT

FOLDER = "BOUSSOLE_ETAT"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    message TEXT PRIMARY KEY, holder TEXT, held_until REAL, sent INTEGER, answered INTEGER, at REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (channel TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
-- Version 0.2.0's, which nothing would empty any more.
DROP TABLE IF EXISTS answered;
"""


class SqliteLedger:
    """A small SQLite file: keyed hashes of message ids, and Matrix's sync token. No words, no account, no number."""

    def __init__(self, path: Path | str, clock: Callable[[], float] = time.time) -> None:
        """Open the file, and make it when it is missing.

        Args:
            path: the file, or ``:memory:``.
            clock: seconds since 1970.

        Raises:
            OSError: the folder cannot be made.
            sqlite3.Error: the file cannot be opened or is no database.
        """
        if path != ":memory:":
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clock = clock
        # Several processes of a machine may share the file: each waits for the others' short writes.
        self._base = sqlite3.connect(path, timeout=5, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.executescript(_SCHEMA)

    @classmethod
    def of_process(cls) -> Self:
        """Return the ledger in the folder that ``BOUSSOLE_ETAT`` names, by default `.boussole/` in the project.

        Raises:
            OSError: the folder cannot be made.
            sqlite3.Error: the file cannot be opened or is no database.
        """
        return cls(ledger_folder() / "canaux.sqlite")

    async def was_answered(self, message: str) -> bool:
        """Tell whether ``message``, the hash of an id, was answered in the last eight days."""
        found = self._base.execute("SELECT answered FROM messages WHERE message = ?", (message,)).fetchone()
        return bool(found and found[0])

    async def hold(self, message: str) -> "SqliteHold | None":
        """Return the message to answer, or None when it was answered or another holds it; forget what is too old."""
        now = self._clock()
        self._base.execute("DELETE FROM messages WHERE at < ?", (now - KEPT_SECONDS,))
        holder = secrets.token_hex(16)
        known = self._base.execute("SELECT 1 FROM messages WHERE message = ?", (message,)).fetchone()
        taken = self._base.execute(
            "INSERT INTO messages VALUES (?, ?, ?, 0, 0, ?) ON CONFLICT (message) DO UPDATE "
            "SET holder = excluded.holder, held_until = excluded.held_until WHERE NOT answered AND held_until <= ?",
            (message, holder, now + LEASE, now, now),
        ).rowcount
        if not taken:
            return None
        [sent] = self._base.execute("SELECT sent FROM messages WHERE message = ?", (message,)).fetchone()
        return SqliteHold(self, message, holder, sent, known is not None)

    def update(self, hold: "SqliteHold", answered: bool, seconds: float) -> None:
        """Write what is known of a message that is still held, and for how many seconds more it is."""
        now = self._clock()
        self._base.execute(
            "UPDATE messages SET sent = ?, answered = ?, held_until = ?, at = ? WHERE message = ? AND holder = ?",
            (hold.sent, answered, now + seconds, now, hold.message, hold.holder),
        )

    def cursor(self, channel: str) -> str | None:
        """Return where ``channel`` had got to, or None."""
        found = self._base.execute("SELECT value FROM cursor WHERE channel = ?", (channel,)).fetchone()
        return str(found[0]) if found else None

    def set_cursor(self, channel: str, value: str) -> None:
        """Remember where ``channel`` has got to."""
        self._base.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", (channel, value))

    def close(self) -> None:
        """Close the file."""
        self._base.close()


@dataclass
class SqliteHold:
    """A message held in the file (`claims.Hold`)."""

    ledger: SqliteLedger
    message: str
    holder: str
    sent: int
    again: bool

    async def keep(self) -> None:
        """Hold it for some time more, and remember ``sent``."""
        self.ledger.update(self, answered=False, seconds=LEASE)

    async def end(self, answered: bool) -> None:
        """Remember that it was answered, or let anybody answer it."""
        self.ledger.update(self, answered, seconds=0)


def ledger_folder() -> Path:
    """Return the folder of the ledger."""
    return Path(os.environ.get(FOLDER) or PROJECT / ".boussole")
