"""From measures to the table and the ratios."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

CONVERSATIONS = 100_000


@dataclass(frozen=True)
class Measure:
    """One deployment's figures: seconds, bytes, turns per second; ``training`` is None when it was not measured."""

    name: str
    cold_start: float
    memory: int
    one_client: tuple[float, float, float]
    many_clients: tuple[float, float, float]
    turns_per_second: float
    errors: int
    cpu_per_conversation: float
    training: float | None = None

    @property
    def core_hours(self) -> float:
        """The cost of 100,000 conversations in hours of one core."""
        return self.cpu_per_conversation * CONVERSATIONS / 3600


# What `rasa init` writes.
STOCK_EPOCHS = 100


@dataclass(frozen=True)
class Reduction:
    """What was left out of the stock training: ``epochs`` on ``sentences``, one in ``every``.

    ``epoch_seconds`` is what each epoch more would have cost; None when it is not known.
    """

    epochs: int
    every: int
    sentences: int
    epoch_seconds: float | None

    def whole(self, seconds: float) -> float | None:
        """Return how long a training that took ``seconds`` would have taken with Rasa's own number of epochs.

        The sentences are still those that were learned, so that the true figure is higher.
        """
        if self.epoch_seconds is None:
            return None
        return seconds + max(STOCK_EPOCHS - self.epochs, 0) * self.epoch_seconds


# The goals of ours / stock: at least for throughput, at most for the others.
GOALS = {
    "turns_per_second": 10.0, "p95_32_clients": 1 / 8, "memory": 1 / 4, "cold_start": 1 / 5, "training": 1 / 5,
}  # fmt: skip


def ratios(ours: Measure, stock: Measure) -> dict[str, float | None]:
    """Return ours / stock for each goal; None where one of the two was not measured."""
    pairs = {
        "turns_per_second": (ours.turns_per_second, stock.turns_per_second),
        "p95_32_clients": (ours.many_clients[1], stock.many_clients[1]),
        "memory": (ours.memory, stock.memory),
        "cold_start": (ours.cold_start, stock.cold_start),
        "training": (ours.training, stock.training),
    }
    return {name: one / other if one and other else None for name, (one, other) in pairs.items()}


def reached(name: str, ratio: float) -> bool:
    """Tell whether a ratio meets its goal."""
    return ratio >= GOALS[name] if name == "turns_per_second" else ratio <= GOALS[name]


def as_json(
    measures: Sequence[Measure], install_bytes: int, growth: Mapping[int, float], reduction: Reduction | None = None
) -> dict[str, Any]:
    """Return the figures for machines; ``ratios`` are there when ours and the stock deployment were measured.

    The ratio of the trainings is that of the seconds measured, however little the stock one learned;
    ``stock_training`` tells how little, and what Rasa's own number of epochs would have given.
    """
    made: dict[str, Any] = {
        "install_bytes": install_bytes,
        "measures": [asdict(measure) | {"core_hours_100000": measure.core_hours} for measure in measures],
        "turns_per_second_by_processes": {str(count): rate for count, rate in growth.items()},
    }
    by_name = {measure.name: measure for measure in measures}
    if {"ours", "stock"} <= by_name.keys():
        made["ratios"] = ratios(by_name["ours"], by_name["stock"])
    stock = by_name.get("stock")
    if reduction and stock and stock.training:
        whole, ours = reduction.whole(stock.training), by_name.get("ours")
        made["stock_training"] = asdict(reduction) | {
            "seconds_at_100_epochs": whole,
            "ratio_at_100_epochs": ours.training / whole if whole and ours and ours.training else None,
        }
    return made


def table(figures: Mapping[str, Any]) -> str:
    """Return the figures of :func:`as_json` as a text table."""
    rows = [["", *(measure["name"] for measure in figures["measures"])]]
    for label, cells in _rows(figures["measures"]):
        rows.append([label, *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.append(f"installed: {figures['install_bytes'] / 2**20:.0f} MiB (one environment for both)")
    for count, rate in figures["turns_per_second_by_processes"].items():
        lines.append(f"{count} process(es): {rate:.1f} turns per second")
    lines += _reduction(figures.get("stock_training"))
    for name, ratio in figures.get("ratios", {}).items():
        goal = f"goal {'>=' if name == 'turns_per_second' else '<='} {GOALS[name]:.3g}"
        state = "not measured" if ratio is None else f"{ratio:.3g} ({goal}{'' if reached(name, ratio) else ', missed'})"
        lines.append(f"ours / stock, {name}: {state}")
    return "\n".join(lines)


def _reduction(training: Mapping[str, Any] | None) -> Iterator[str]:
    if training is None:
        return
    yield (
        f"reduced: the stock model learned {training['sentences']} sentences, one in {training['every']}, for "
        f"{training['epochs']} epochs in place of {STOCK_EPOCHS}; ours learned everything"
    )
    if training["seconds_at_100_epochs"]:
        ratio = training["ratio_at_100_epochs"]
        yield (
            f"the same sentences at {STOCK_EPOCHS} epochs, extrapolated: {training['seconds_at_100_epochs']:.0f} s"
            + (f"; ours / stock, training: {ratio:.3g}" if ratio else "")
        )


def _rows(measures: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    yield "cold start to first answer", [f"{m['cold_start']:.1f} s" for m in measures]
    yield "memory (PSS, all processes)", [f"{m['memory'] / 2**20:.0f} MiB" for m in measures]
    yield "1 client, p50 / p95 / p99", [_milliseconds(m["one_client"]) for m in measures]
    yield "many clients, p50 / p95 / p99", [_milliseconds(m["many_clients"]) for m in measures]
    yield "turns per second", [f"{m['turns_per_second']:.1f}" for m in measures]
    yield "errors", [str(m["errors"]) for m in measures]
    yield "100,000 conversations", [f"{m['core_hours_100000']:.1f} core-hours" for m in measures]
    yield "training", [f"{m['training']:.0f} s" if m["training"] else "not measured" for m in measures]


def _milliseconds(latencies: Sequence[float]) -> str:
    return " / ".join(f"{1000 * latency:.0f}" for latency in latencies) + " ms"
