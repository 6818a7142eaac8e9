"""Which message a turn answers, so that one that is sent twice is answered once.

A proxy repeats a message on another process when the first one died; a client repeats one whose answer was lost. Both
repeat its id with it.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sanic.request import Request

HEADER = "x-request-id"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
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


async def note_turn(request: Request) -> None:
    """Remember the id of the message that ``request`` carries: the client's own, else the proxy's."""
    given = _own_id(request) or request.headers.get(HEADER) or ""
    # A digest: whatever somebody put into the header, no word of theirs is kept.
    _TURN.set(hashlib.sha256(given.encode()).hexdigest()[:32] if _ID.fullmatch(given) else None)


def _own_id(request: Request) -> str | None:
    if request.method != "POST":
        return None
    try:
        body = request.json
    except Exception:
        # The channel says what is wrong with the body; here it only has no id.
        return None
    given = body.get("message_id") if isinstance(body, dict) else None
    return given if isinstance(given, str) else None
