"""Who writes, without knowing who: secrets of the environment, and keyed hashes."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

KEY = "BOUSSOLE_CLE"
# As many characters as a random key of 128 bits has in hexadecimal.
_SHORTEST_KEY = 32


class MissingSecretError(ValueError):
    """A secret is not in the environment, or is too short; the message names the variable, never its value."""


def secret(variable: str) -> str:
    """Return the secret that the environment variable holds.

    Raises:
        MissingSecretError: it is not set, or is empty.
    """
    value = os.environ.get(variable, "")
    if not value:
        raise MissingSecretError(f"the environment variable {variable} is not set (docs/canaux.md)")
    return value


def hashing_key() -> bytes:
    """Return the key that conversation ids are derived with.

    Raises:
        MissingSecretError: it is not set, or has fewer than 32 characters.
    """
    value = secret(KEY)
    if len(value) < _SHORTEST_KEY:
        raise MissingSecretError(f"the environment variable {KEY} needs {_SHORTEST_KEY} characters or more")
    return value.encode()


def keyed_hash(key: bytes, *parts: str) -> str:
    """Return 43 characters of ``[A-Za-z0-9_-]`` that stand for ``parts``; without the key nobody can tell which.

    A conversation id (contract.md, section 4) is the hash of the channel and the account.
    """
    # The length of each part goes with it: ("ab", "c") and ("a", "bc") are two different people.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def required(channel: str, credentials: Mapping[str, Any] | None, *names: str) -> tuple[str, ...]:
    """Return the settings of `credentials.yml` that a channel cannot do without, in the order of ``names``.

    Raises:
        ValueError: one is missing: anybody could pass for the platform.
    """
    given = credentials or {}
    missing = [name for name in names if not given.get(name)]
    if missing:
        raise ValueError(f"credentials.yml: {channel} needs « {' » and « '.join(missing)} » (docs/canaux.md)")
    return tuple(str(given[name]) for name in names)
