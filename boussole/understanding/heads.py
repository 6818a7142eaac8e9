"""The decisions taken on a text, as columns that every model shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True)
class Task:
    """What a head is trained on: the positions of its texts and the labels of each (one, or a set).

    ``exclusive`` says that exactly one class holds.
    """

    rows: Sequence[int]
    labels: Sequence[Any]
    exclusive: bool = True

    @property
    def truths(self) -> list[frozenset[str]]:
        """The classes that hold for each row."""
        return [frozenset({label}) if self.exclusive else frozenset(label) for label in self.labels]


@dataclass(frozen=True)
class Head:
    """One decision: its ``classes`` and the column of the first of them.

    ``exclusive`` heads give one class (probabilities sum to 1); the others give each class on its own.
    """

    classes: tuple[str, ...]
    start: int
    exclusive: bool

    @property
    def columns(self) -> slice:
        """The columns of the classes."""
        return slice(self.start, self.start + len(self.classes))


def lay_out(tasks: Mapping[str, Task]) -> dict[str, Head]:
    """Return one head for each task, their columns one after the other."""
    heads: dict[str, Head] = {}
    start = 0
    for name, task in tasks.items():
        classes = tuple(sorted(frozenset().union(*task.truths)))
        heads[name] = Head(classes, start, task.exclusive)
        start += len(classes)
    return heads


def width(heads: Mapping[str, Head]) -> int:
    """Return the number of columns of all ``heads``."""
    return sum(len(head.classes) for head in heads.values())


def targets(tasks: Mapping[str, Task], heads: Mapping[str, Head], texts: int) -> tuple[Array, Array]:
    """Return two matrices of 0 and 1 (float32, texts x columns): what holds, and what is labelled at all."""
    truth = np.zeros((texts, width(heads)), dtype=np.float32)
    known = np.zeros_like(truth)
    for name, task in tasks.items():
        head = heads[name]
        column = {one: head.start + index for index, one in enumerate(head.classes)}
        for row, classes in zip(task.rows, task.truths, strict=True):
            known[row, head.columns] = 1.0
            for one in classes:
                truth[row, column[one]] = 1.0
    return truth, known
