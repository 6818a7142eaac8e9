"""Telling that a message is not in French: by its little words, which every language has of its own."""

import re
from functools import cache
from importlib import import_module

from boussole.understanding.normalise import READ_LIMIT

# The languages of messages.yml (`incompris_…`) that are written in Latin letters.
LATIN = ("en", "es", "de")
FRENCH = "fr"
# Under this many words nothing is sure: « stop », « help me » may come from anybody.
FEWEST_WORDS = 4
# Which share of the words must be little words of the language, and how many times those of French.
LEAST_SHARE = 0.3
LEAD = 1.5

_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile(r"[\u0600-\u06ff]")


def foreign_language(text: str) -> str | None:
    """Return the code of the language of ``text`` when it is surely not French: « en », « es », « ar »... or None."""
    words = _WORD.findall(text[:READ_LIMIT].lower())
    if len(words) < FEWEST_WORDS:
        return None
    if sum(bool(_ARABIC.search(word)) for word in words) > len(words) / 2:
        return "ar"
    shares = {code: sum(word in _little_words(code) for word in words) / len(words) for code in (FRENCH, *LATIN)}
    best = max(LATIN, key=lambda code: shares[code])
    return best if shares[best] >= max(LEAST_SHARE, LEAD * shares[FRENCH]) else None


@cache
def _little_words(code: str) -> frozenset[str]:
    words = frozenset(import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS)
    return words if code == FRENCH else words - _little_words(FRENCH)
