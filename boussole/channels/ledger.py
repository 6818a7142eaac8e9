"""What a messaging channel must know again after a restart: which messages were answered, and where it had got to."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from boussole.triage.knowledge import PROJECT

FOLDER = "BOUSSOLE_ETAT"
# WhatsApp, the most patient, presents an unacknowledged message again for up to seven days.
KEPT_SECONDS = 8 * 24 * 3600.0


class Ledger:
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
        # Two workers on the same machine may share the file: each waits for the other's short writes.
        self._base = sqlite3.connect(path, timeout=5, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.execute("CREATE TABLE IF NOT EXISTS answered (message TEXT PRIMARY KEY, at REAL) WITHOUT ROWID")
        self._base.execute("CREATE TABLE IF NOT EXISTS cursor (channel TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    @classmethod
    def of_process(cls) -> Self:
        """Return the ledger in the folder that ``BOUSSOLE_ETAT`` names, by default `.boussole/` in the project.

        Raises:
            OSError: the folder cannot be made.
            sqlite3.Error: the file cannot be opened or is no database.
        """
        return cls(ledger_folder() / "canaux.sqlite")

    def was_answered(self, message: str) -> bool:
        """Tell whether ``message``, the hash of an id, was answered in the last eight days."""
        found = self._base.execute("SELECT at FROM answered WHERE message = ?", (message,)).fetchone()
        return found is not None

    def note_answered(self, message: str) -> None:
        """Remember that ``message`` was answered; forget those of more than eight days ago."""
        now = self._clock()
        self._base.execute("DELETE FROM answered WHERE at < ?", (now - KEPT_SECONDS,))
        self._base.execute("INSERT OR REPLACE INTO answered VALUES (?, ?)", (message, now))

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


def ledger_folder() -> Path:
    """Return the folder of the ledger."""
    return Path(os.environ.get(FOLDER) or PROJECT / ".boussole")
