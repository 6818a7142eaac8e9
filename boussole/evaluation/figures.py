"""What an evaluation gives: figures, which can be compared from run to run, and failures to read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from boussole.evaluation.material import Place


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    ``value`` is in per cent when ``unit`` is ``%``; None when there was nothing to measure. ``counts`` is what
    it was computed from, such as (right, all). ``rising`` is True when more is better.
    """

    id: str
    label: str
    value: float | None
    unit: str
    rising: bool
    counts: tuple[int, int] | None = None

    @property
    def decimals(self) -> int:
        """How many decimals the figure means something to."""
        return {"%": 1, "count": 0}.get(self.unit, 3)


@dataclass(frozen=True)
class Failure:
    """An entry that did not go as it should: what was ``said``, and the two sides of the difference."""

    place: Place
    said: Any
    expected: Mapping[str, Any]
    got: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """The figures and failures of one kind of entries, under a ``title``."""

    title: str
    figures: tuple[Figure, ...]
    failures: tuple[Failure, ...]


def share(name: str, label: str, counted: int, total: int, rising: bool = True) -> Figure:
    """Return ``counted`` out of ``total`` in per cent."""
    value = 100 * counted / total if total else None
    return Figure(name, label, value, "%", rising, (counted, total))


def mean(name: str, label: str, numbers: Iterable[int], rising: bool = False) -> Figure:
    """Return the mean of ``numbers``, with their sum and how many there are."""
    all_numbers = tuple(numbers)
    total, size = sum(all_numbers), len(all_numbers)
    return Figure(name, label, total / size if size else None, "mean", rising, (total, size))


def ratio(name: str, label: str, counted: int, total: int) -> Figure:
    """Return ``counted`` out of ``total``, from 0 to 1."""
    return Figure(name, label, counted / total if total else None, "ratio", True, (counted, total))


def count(name: str, label: str, number: int) -> Figure:
    """Return a number of things that should not have happened."""
    return Figure(name, label, number, "count", rising=False)
