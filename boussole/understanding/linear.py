"""Linear classifiers over one description of a text: words, pieces of words and the question."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from boussole.understanding.heads import Array, Head, Task, width
from boussole.understanding.normalise import normalise

REGULARISATION = 10.0
TOLERANCE = 0.1
# In how many texts one to three words in a row, and pieces of words of four letters, must stand to count. Pieces of
# other lengths doubled the training and changed nothing (docs/adr/0010).
RAREST = 3
# No question is pending.
NO_QUESTION = ""

Matrix = Any


class LinearModel:
    """One logistic regression for each class of each head (docs/adr/0005)."""

    def __init__(
        self,
        words: TfidfVectorizer,
        pieces: TfidfVectorizer,
        questions: Sequence[str],
        heads: Mapping[str, Head],
        weights: Array,
        biases: Array,
    ) -> None:
        """Keep the fitted parts; use :meth:`train` or :meth:`load` to make one."""
        self._words = words
        self._pieces = pieces
        self._questions = list(questions)
        self._heads = heads
        self._weights = weights
        self._biases = biases

    @classmethod
    def train(
        cls, texts: Sequence[str], questions: Sequence[str | None], tasks: Mapping[str, Task], heads: Mapping[str, Head]
    ) -> "LinearModel":
        """Fit the classifiers.

        Args:
            texts: as people typed them.
            questions: the question that stands before each text, or None.
            tasks: what to learn.
            heads: the columns of the tasks' classes.
        """
        words, pieces = _new_vectorizers()
        plain = [normalise(text) for text in texts]
        words.fit(plain)
        pieces.fit(plain)
        known = sorted({question or NO_QUESTION for question in questions})
        model = cls(words, pieces, known, heads, None, None)
        features = model._describe(texts, questions)
        weights = np.zeros((features.shape[1], width(heads)), dtype=np.float32)
        biases = np.zeros(width(heads), dtype=np.float32)
        for name, task in tasks.items():
            head, rows = heads[name], features[list(task.rows)]
            truths = [np.array([one in classes for classes in task.truths]) for one in head.classes]
            # Of two classes that exclude each other, one says all of the other.
            mirrored = head.exclusive and len(truths) == 2
            fitted = Parallel(n_jobs=-1)(delayed(_fit)(rows, truth) for truth in truths[: 1 if mirrored else None])
            if mirrored:
                [(weight, bias)] = fitted
                fitted.append((-weight, -bias))
            for column, (weight, bias) in enumerate(fitted, head.start):
                weights[:, column], biases[column] = weight, bias
        model._weights, model._biases = weights, biases
        return model

    def predict(self, texts: Sequence[str], question: str | None) -> Array:
        """Return the probability of each class (texts x columns)."""
        scores = np.asarray(self._describe(texts, [question] * len(texts)) @ self._weights) + self._biases
        probabilities = 1.0 / (1.0 + np.exp(-scores))
        for head in self._heads.values():
            if head.exclusive:
                share = probabilities[:, head.columns]
                probabilities[:, head.columns] = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
        return probabilities

    def save(self, folder: Path) -> None:
        """Write the model to ``folder`` as JSON and numpy arrays: nothing in it is code."""
        vocabularies = {
            name: {term: int(column) for term, column in part.vocabulary_.items()}
            for name, part in (("words", self._words), ("pieces", self._pieces))
        }
        described = json.dumps({"questions": self._questions, "vocabularies": vocabularies}, ensure_ascii=False)
        (folder / "linear.json").write_text(described, encoding="utf-8")
        np.savez(
            folder / "linear.npz",
            weights=self._weights,
            biases=self._biases,
            words=self._words.idf_,
            pieces=self._pieces.idf_,
        )

    @classmethod
    def load(cls, folder: Path, heads: Mapping[str, Head]) -> "LinearModel":
        """Read a model that :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: the files are missing or damaged.
        """
        described = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        with np.load(folder / "linear.npz", allow_pickle=False) as arrays:
            words, pieces = _new_vectorizers()
            for name, part in (("words", words), ("pieces", pieces)):
                part.vocabulary_ = described["vocabularies"][name]
                part.idf_ = arrays[name]
            return cls(words, pieces, described["questions"], heads, arrays["weights"], arrays["biases"])

    def _describe(self, texts: Sequence[str], questions: Iterable[str | None]) -> Matrix:
        plain = [normalise(text) for text in texts]
        asked = np.array(
            [[one == (question or NO_QUESTION) for one in self._questions] for question in questions], dtype=np.float32
        )
        parts = (self._words.transform(plain), self._pieces.transform(plain), sparse.csr_matrix(asked))
        # Of the weights' own type: else each product would first copy all of them into a wider one.
        return sparse.hstack(parts).tocsr().astype(np.float32)


def _new_vectorizers() -> tuple[TfidfVectorizer, TfidfVectorizer]:
    words = TfidfVectorizer(
        ngram_range=(1, 3), token_pattern=r"\S+", min_df=RAREST, sublinear_tf=True, dtype=np.float32
    )
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), min_df=RAREST, sublinear_tf=True, dtype=np.float32)
    return words, pieces


def _fit(features: Matrix, truth: Array) -> tuple[Array, float]:
    if truth.all():
        # A task with a single class: always that one.
        return np.zeros(features.shape[1]), 10.0
    model = LogisticRegression(
        C=REGULARISATION, solver="liblinear", tol=TOLERANCE, class_weight="balanced", random_state=0
    )
    model.fit(features, truth)
    return model.coef_[0], float(model.intercept_[0])
