"""``boussole pace``: how long a message takes to be understood, over the texts of `evaluation/`."""

from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from time import perf_counter

from boussole.clock import now
from boussole.evaluation.material import CrisisText, Dialogue, Entry, Scenario, SingleAnswer
from boussole.understanding.reader import Context, Reader


def texts(entries: Sequence[Entry]) -> Iterator[tuple[str | None, str]]:
    """Yield every message of ``entries`` with the question that it answers, if any."""
    for entry in entries:
        match entry:
            case Scenario():
                yield None, entry.opening
                yield from entry.answers.items()
            case SingleAnswer():
                yield entry.question, entry.text
            case CrisisText():
                yield None, entry.text
            case Dialogue():
                yield from ((None, turn) for turn in entry.turns)


def pace(reader: Reader, entries: Sequence[Entry]) -> str:
    """Return the table of the times: milliseconds a message, median, 95th percentile and the longest."""
    today = now().date()
    messages = list(texts(entries))
    # The first reading loads the word vectors.
    reader.read("bonjour", Context(today))
    times = []
    for question, text in messages:
        start = perf_counter()
        reader.read(text, Context(today, question))
        times.append((perf_counter() - start) * 1000)
    return (
        f"{len(messages)} messages, milliseconds each: "
        f"median {median(times):.1f}, 95 % under {quantiles(times, n=20)[-1]:.1f}, longest {max(times):.0f}"
    )
