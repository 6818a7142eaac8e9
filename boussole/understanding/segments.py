"""Cutting a message into the pieces that may each state a fact."""

import re
from itertools import pairwise

_BREAK = re.compile(r"[.!?;:\n]+|,\s|\s(?:mais|et|donc|sauf que|alors que|par contre)\s", re.IGNORECASE)
# The longest messages are long because they digress: what follows is still read whole, not piece by piece.
LIMIT = 40


def segments(text: str) -> list[str]:
    """Return the pieces of ``text`` of two words or more, then each with its neighbour; not the text itself.

    A fact often takes two pieces: « on a signalé à Instagram, toujours rien ».
    """
    pieces = [piece.strip() for piece in _BREAK.split(text) if len(piece.split()) >= 2]
    pairs = [f"{first}, {second}" for first, second in pairwise(pieces)]
    return [piece for piece in dict.fromkeys([*pieces, *pairs]) if piece != text.strip()][:LIMIT]
