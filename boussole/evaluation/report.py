"""The report: a table with the difference to the previous run, and the two files of `results/`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from boussole.evaluation.figures import Failure, Figure, Result

FIGURES = "figures.json"
FAILURES = "failures.yml"


@dataclass(frozen=True)
class Run:
    """When and on what figures were measured.

    ``date`` and ``clock`` are ISO 8601 (the clock is the bot's), ``bot`` the model's name or the server's
    address, ``files`` the names of the files.
    """

    date: str
    clock: str
    bot: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Previous:
    """An earlier run and its figures: id -> value."""

    run: Run
    values: Mapping[str, float | None]


def read_previous(folder: Path) -> Previous | None:
    """Return the run whose figures ``folder`` holds, or None.

    Raises:
        OSError: the file is there and cannot be read.
        ValueError: it is not one that :func:`save` wrote.
    """
    path = folder / FIGURES
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        run = Run(raw["date"], raw["clock"], raw["bot"], tuple(raw["files"]))
        return Previous(run, {name: figure["value"] for name, figure in raw["figures"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not the figures of a run; remove the file, or choose other --results") from error


def save(folder: Path, run: Run, results: Sequence[Result]) -> None:
    """Write the figures and the failures to ``folder``, which is made if need be.

    Raises:
        OSError: the files cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {figure.id: _figure(figure) for result in results for figure in result.figures}
    content = {"date": run.date, "clock": run.clock, "bot": run.bot, "files": list(run.files), "figures": figures}
    (folder / FIGURES).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    failures = {result.title: [_failure(failure) for failure in result.failures] for result in results}
    text = yaml.dump(failures, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=120)
    (folder / FAILURES).write_text(f"# What went wrong on {run.date}, with {run.bot}.\n{text}", encoding="utf-8")


class _Readable(yaml.SafeDumper):
    """Writes a message of several lines as it was typed."""


def _typed(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _typed)


def _figure(figure: Figure) -> dict[str, Any]:
    value = None if figure.value is None else round(figure.value, 4)
    described: dict[str, Any] = {"label": figure.label, "value": value, "unit": figure.unit}
    if figure.counts:
        described |= {"counted": figure.counts[0], "total": figure.counts[1]}
    return described


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "file": failure.place.file,
        "entry": failure.place.entry,
        "said": failure.said,
        "expected": dict(failure.expected),
        "got": dict(failure.got),
    }


def table(results: Sequence[Result], previous: Previous | None) -> str:
    """Return the figures as aligned text, each with its difference to the ``previous`` run."""
    before = previous.values if previous else {}
    rows: list[tuple[str, ...]] = []
    for result in results:
        rows += [(result.title,), *(_row(figure, before) for figure in result.figures), ()]
    widths = [max((len(row[column]) for row in rows if len(row) > 1), default=0) for column in range(4)]
    return "\n".join(_aligned(row, widths) for row in rows).strip("\n")


def _row(figure: Figure, before: Mapping[str, float | None]) -> tuple[str, ...]:
    counts = f"{figure.counts[0]}/{figure.counts[1]}" if figure.counts else ""
    unit = " %" if figure.unit == "%" else ""
    value = "-" if figure.value is None else f"{figure.value:.{figure.decimals}f}{unit}"
    return f"  {figure.label}", value, counts, difference(figure, before)


def difference(figure: Figure, before: Mapping[str, float | None]) -> str:
    """Return an arrow, the difference and whether it is for the better; « = » for none, empty if not known."""
    earlier = before.get(figure.id)
    if figure.value is None or earlier is None:
        return ""
    change = round(figure.value - earlier, figure.decimals)
    if not change:
        return "="
    arrow = "↑" if change > 0 else "↓"
    return f"{arrow} {change:+.{figure.decimals}f} {'better' if (change > 0) == figure.rising else 'worse'}"


def _aligned(row: tuple[str, ...], widths: Sequence[int]) -> str:
    if len(row) < len(widths):
        return "".join(row)
    label, value, counts, change = row
    return f"{label:<{widths[0]}}  {value:>{widths[1]}}  {counts:>{widths[2]}}  {change}".rstrip()


def compared_with(run: Run, previous: Previous | None) -> str:
    """Return a line that says what the table's differences are to."""
    if previous is None:
        return "No previous run to compare with."
    others = "" if previous.run.files == run.files else f", on other files ({', '.join(previous.run.files)})"
    return f"Compared with the run of {previous.run.date}, with {previous.run.bot}{others}."
