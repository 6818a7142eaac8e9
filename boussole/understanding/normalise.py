"""Spelling: from what people type to plain words that can be compared."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from boussole.triage.knowledge import PROJECT

# No message is read beyond this many characters (contract.md, section 4).
READ_LIMIT = 5_000

# What nobody sees: soft hyphens, zero-width signs, an emoji's skin and gender.
_INVISIBLE = re.compile("\u200d[♀♂]|[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_TAG = re.compile(r"<[^<>]{0,200}>")
_ELONGATION = re.compile(r"([a-z])\1{2,}")
_WORD = re.compile(r"[a-z0-9_.@#+-]*[a-z0-9]|[^\sa-z0-9]")
_ELISION = re.compile(r"([a-z])'")
_PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "ʼ": "'", "–": "-", "—": "-", "«": '"', "»": '"'})
_SPACES = re.compile(r"\s+")
_SPELLED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True)
class Spelling:
    """Typed word -> plain words, and emoji -> words; all lower case, without accents."""

    words: Mapping[str, str]
    emojis: Mapping[str, str]


@cache
def load_spelling(path: Path | None = None) -> Spelling:
    """Return the lexicon of `knowledge/sms.yml`.

    Raises:
        ValueError: an entry is not a text, or a typed word has an accent or a capital.
    """
    data = yaml.safe_load((path or PROJECT / "knowledge" / "sms.yml").read_text(encoding="utf-8"))
    for typed, plain in data["mots"].items():
        if not isinstance(typed, str) or not isinstance(plain, str) or typed != fold(typed):
            raise ValueError(f"sms.yml: mots.{typed}: write both sides as text, without accent or capital")
    emojis = {_INVISIBLE.sub("", emoji): words for emoji, words in data["emojis"].items()}
    return Spelling(words=dict(data["mots"]), emojis=emojis)


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents, with plain quotes, dashes and spaces."""
    # Twice: some capitals come out of the first decomposition, some accents out of the small letters.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).lower())
    text = "".join(char for char in text if not unicodedata.combining(char)).translate(_PLAIN)
    return _SPACES.sub(" ", text).strip()


def normalise(text: str, spelling: Spelling | None = None) -> str:
    """Return ``text`` folded, with SMS spelling written out and elongated letters cut to one or two.

    HTML tags are dropped, emojis that carry a meaning become words, apostrophes become spaces.
    Only the first ``READ_LIMIT`` characters are read.
    """
    spelling = spelling or load_spelling()
    text = _TAG.sub(" ", _INVISIBLE.sub("", text[:READ_LIMIT]))
    for emoji, words in spelling.emojis.items():
        text = text.replace(emoji, f" {words} ")
    text = _ELONGATION.sub(r"\1", fold(text))
    tokens = _WORD.findall(_ELISION.sub(r"\1' ", text))
    return " ".join(
        _plain(token, follower, spelling)
        for token, follower in zip(tokens, [*tokens[1:], ""], strict=False)
        if token != "'"
    )


def _plain(token: str, follower: str, spelling: Spelling) -> str:
    # « c' » and « c est » are already plain; only a lone « c » stands for « c'est ».
    if follower == "'" or follower.startswith(("est", "etai")):
        return token
    return spelling.words.get(token, token)


def spelled_words(text: str, spelling: Spelling | None = None) -> list[str]:
    """Return the words of ``text`` in lower case with their accents, SMS spelling written out.

    Word vectors know « élève », not « eleve »: this is the form to look them up with.
    """
    spelling = spelling or load_spelling()
    typed = _SPELLED.findall(_INVISIBLE.sub("", text[:READ_LIMIT]).lower())
    folded = [fold(word) for word in typed]
    words: list[str] = []
    for word, token, follower in zip(typed, folded, [*folded[1:], ""], strict=False):
        plain = _plain(token, follower, spelling)
        words.extend([word] if plain == token else plain.split())
    return words
