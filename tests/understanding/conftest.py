"""What makes small models quick to train."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import ClassVar

import joblib
import numpy as np
import pytest

from boussole.understanding import linear, network_training, vectors


class Vocabulary:
    """A few words with vectors, in the place of spaCy's half million."""

    vectors_length = 3
    words: ClassVar = {
        "mère": (1.0, 0.1, 0.0), "maman": (1.0, 0.0, 0.0), "père": (0.9, 0.2, 0.0),
        "insulte": (0.0, 1.0, 0.0), "injurie": (0.0, 1.0, 0.1), "rien": (0.0, 0.0, 0.0),
    }  # fmt: skip

    def has_vector(self, word: str) -> bool:
        """Tell whether a word has a vector."""
        return word in self.words

    def __getitem__(self, word: str) -> SimpleNamespace:
        """Return a word with its vector."""
        return SimpleNamespace(vector=np.array(self.words[word], dtype=np.float32))


def use_small_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put :class:`Vocabulary` in the place of spaCy's, and keep the words that are seen only once."""
    for module in (vectors, network_training):
        monkeypatch.setattr(module, "load_vectors", Vocabulary)
    monkeypatch.setattr(linear, "RAREST", 1)


@pytest.fixture
def small_vectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Train on :class:`Vocabulary`, in this process."""
    use_small_vectors(monkeypatch)
    with joblib.parallel_backend("threading"):
        yield
