"""Showing how far the evaluation is."""

from collections.abc import Iterator, Sequence
from typing import TextIO, TypeVar

Item = TypeVar("Item")


def counted(items: Sequence[Item], label: str, stream: TextIO) -> Iterator[Item]:
    """Yield ``items``; meanwhile show a counter on a terminal, elsewhere one line."""
    if not stream.isatty():
        print(f"{label}: {len(items)} entries…", file=stream, flush=True)
        yield from items
        return
    for done, item in enumerate(items):
        print(f"\r\x1b[K{label}: {done}/{len(items)}", end="", file=stream, flush=True)
        yield item
    print("\r\x1b[K", end="", file=stream, flush=True)
