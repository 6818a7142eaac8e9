"""Which message a turn answers: the one place where a message's id is known (docs/adr/0013, 0020).

A message comes again when its answer was lost on the way, when a proxy repeats it on another process because the first
one died, or when a platform presents it again. It then has the same id, and whoever keeps conversations or answers
asks here which one that is.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TURN: ContextVar[str | None] = ContextVar("boussole_turn", default=None)


@contextmanager
def answering(message_id: str | None) -> Iterator[None]:
    """Say that what happens inside is the turn of the message ``message_id``; None when it has no id."""
    # A digest: whatever somebody gave as an id, no word of theirs is kept.
    token = _TURN.set(hashlib.sha256(message_id.encode()).hexdigest()[:32] if message_id else None)
    try:
        yield
    finally:
        _TURN.reset(token)


def current_turn() -> str | None:
    """Return the digest of the id of the message under way, or None when it has none."""
    return _TURN.get()
