"""What every webhook checks before it believes a request."""

import hashlib
import hmac
import json
import re
from typing import Any

from sanic.request import Request

# Bytes. A message of 5,000 characters, with all that a platform says around it, takes some tens of thousands.
BODY_LIMIT = 512 * 1024
# Of a reasonable length, and nothing else that « isdigit » takes for one.
_NUMBER = re.compile(r"[0-9]{1,15}")


class TooLongError(ValueError):
    """The body is longer than any message."""


class MalformedError(ValueError):
    """The body is not a JSON object."""


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """Return the body of a request whose route is declared with ``stream=True``; never more than ``limit`` is held.

    Raises:
        TooLongError: it is longer.
    """
    announced = str(request.headers.get("content-length") or "")
    if _NUMBER.fullmatch(announced) and int(announced) > limit:
        raise TooLongError
    body = b""
    while (chunk := await request.stream.read()) is not None:
        body += chunk
        if len(body) > limit:
            raise TooLongError
    return body


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that ``body`` is.

    Raises:
        MalformedError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedError from error
    if not isinstance(value, dict):
        raise MalformedError
    return value


def same_secret(given: str | None, expected: str) -> bool:
    """Compare secrets in a time that tells nothing of where they differ."""
    return hmac.compare_digest((given or "").encode(), expected.encode())


def signature_holds(header: str | None, body: bytes, key: str) -> bool:
    """Check a header ``sha256=HEX``: the HMAC of the body, as Meta signs its webhooks."""
    expected = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return same_secret(header, f"sha256={expected}")


def value_at(value: Any, *path: str | int) -> Any:
    """Return what stands at ``path`` in parsed JSON; None when something on the way is missing or of another kind."""
    for key in path:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def text_at(value: Any, *path: str | int) -> str:
    """Return the text at ``path``, or an empty one when there is no text there."""
    found = value_at(value, *path)
    return found if isinstance(found, str) else ""


def objects_at(value: Any, *path: str | int) -> list[dict[str, Any]]:
    """Return the objects of the list at ``path``; none when there is no list there."""
    found = value_at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
