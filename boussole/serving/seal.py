"""Sealing what is kept of a conversation with the conversation's own id.

The id is drawn at random by the person's side and is not kept: whoever takes a store, its journal, its backup or its
free pages reads nothing of it (docs/adr/0019).
"""

import hashlib
import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
# States are repetitive: the cheapest level already makes them seven times smaller.
_COMPRESSION = 1


class BrokenSealError(ValueError):
    """What is kept for a conversation was damaged, or is another conversation's."""


def row_key(sender: str) -> str:
    """Return the name under which the conversation ``sender`` is kept; the id cannot be found from it."""
    return _derive(sender, b"boussole row").hex()


def seal(sender: str, clear: bytes) -> bytes:
    """Return ``clear`` compressed and encrypted for whoever knows ``sender``."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(sender).encrypt(nonce, zlib.compress(clear, _COMPRESSION), row_key(sender).encode())


def unseal(sender: str, sealed: bytes) -> bytes:
    """Return what was sealed for ``sender``.

    Raises:
        BrokenSealError: it was damaged, or sealed for another conversation.
    """
    try:
        packed = _cipher(sender).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row_key(sender).encode())
    except (InvalidTag, ValueError) as error:
        raise BrokenSealError("what is kept of this conversation cannot be read") from error
    return zlib.decompress(packed)


def _cipher(sender: str) -> AESGCM:
    return AESGCM(_derive(sender, b"boussole key"))


def _derive(sender: str, purpose: bytes) -> bytes:
    # An id has the strength of a key already (contract.md, section 4): nothing slower than a hash is needed.
    return hashlib.blake2b(sender.encode(), digest_size=32, person=purpose).digest()
