"""Models of different kinds that read the same text: what they believe together is taken."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from boussole.understanding.heads import Array, Head, Task, lay_out
from boussole.understanding.linear import LinearModel
from boussole.understanding.network import Network
from boussole.understanding.normalise import normalise

# Good at words, and good at turns of phrase (docs/adr/0010).
KINDS = ("linear", "network")


class Model(Protocol):
    """One model, on its own."""

    def predict(self, texts: Sequence[str], question: str | None) -> Array:
        """Return the probability of each class (texts x columns)."""

    def save(self, folder: Path) -> None:
        """Write the model to ``folder``: nothing in it is code."""


class TextModel:
    """The mean of a :class:`LinearModel` and a :class:`Network`, or one of them alone."""

    def __init__(self, heads: Mapping[str, Head], words: Sequence[str], models: Mapping[str, Model]) -> None:
        """Keep the trained parts; use :meth:`train` or :meth:`load` to make one.

        Args:
            heads: the columns of the classes.
            words: those of the training texts, normalised.
            models: by their kind, one or several of ``KINDS``.
        """
        self.heads = dict(heads)
        self._words = frozenset(words)
        self._models = dict(models)

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        questions: Sequence[str | None],
        tasks: Mapping[str, Task],
        kinds: Sequence[str] = KINDS,
    ) -> "TextModel":
        """Fit one head for each task.

        Args:
            texts: as people typed them.
            questions: the question that stands before each text, or None.
            tasks: what to learn.
            kinds: which models, of ``KINDS``.
        """
        # TensorFlow is needed here only.
        from boussole.understanding.network_training import train_network

        heads = lay_out(tasks)
        trainers: dict[str, Callable[..., Model]] = {"linear": LinearModel.train, "network": train_network}
        models = {kind: trainers[kind](texts, questions, tasks, heads) for kind in kinds}
        return cls(heads, sorted({word for text in texts for word in normalise(text).split()}), models)

    def predict(self, texts: Sequence[str], question: str | None = None) -> list[dict[str, dict[str, float]]]:
        """Return, for each text, head -> class -> probability.

        Args:
            texts: as people typed them.
            question: the slot of the pending question, or None.
        """
        probabilities = sum(model.predict(texts, question) for model in self._models.values()) / len(self._models)
        return [{name: _of_head(head, row) for name, head in self.heads.items()} for row in probabilities]

    def familiar(self, plain: str) -> float:
        """Return which share of the words of a normalised text was seen in training, from 0 to 1.

        Single letters and punctuation do not count; a text without any other word gives 0.
        """
        words = [word for word in plain.split() if len(word) > 1 and word.isalpha()]
        return sum(word in self._words for word in words) / len(words) if words else 0.0

    def save(self, folder: Path) -> None:
        """Write the model to ``folder`` as JSON and numpy arrays: nothing in it is code."""
        heads = {name: [list(head.classes), head.start, head.exclusive] for name, head in self.heads.items()}
        described = {"heads": heads, "kinds": list(self._models), "words": sorted(self._words)}
        (folder / "model.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        for model in self._models.values():
            model.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "TextModel":
        """Read a model that :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: the files are missing or damaged.
        """
        described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        heads = {
            name: Head(tuple(classes), start, exclusive)
            for name, (classes, start, exclusive) in described["heads"].items()
        }
        loaders: dict[str, Callable[..., Model]] = {"linear": LinearModel.load, "network": Network.load}
        models = {kind: loaders[kind](folder, heads) for kind in described["kinds"]}
        return cls(heads, described["words"], models)


def _of_head(head: Head, row: Array) -> dict[str, float]:
    return dict(zip(head.classes, map(float, row[head.columns]), strict=True))
