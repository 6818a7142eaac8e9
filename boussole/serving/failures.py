"""Noticing what fails inside a turn.

Rasa catches the errors of custom actions and goes on in silence; whoever answers the person must know.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from boussole.serving import metrics

_FAILURES: ContextVar[set[str] | None] = ContextVar("boussole_failures", default=None)


@contextmanager
def watch_failures() -> Iterator[set[str]]:
    """Give a set to which the failures of the turn under way are added, by the name of their error.

    The turn is counted when it ends, with what failed in it (:mod:`boussole.serving.metrics`).
    """
    failures: set[str] = set()
    token = _FAILURES.set(failures)
    start = time.perf_counter()
    try:
        yield failures
    finally:
        _FAILURES.reset(token)
        metrics.count_turn(time.perf_counter() - start, failures)


def report_failure(error: BaseException) -> None:
    """Add ``error`` to the failures of the turn under way, if one is watched."""
    failures = _FAILURES.get()
    if failures is not None:
        failures.add(type(error).__name__)
