"""Sentences of `data/` that contradict each other: the same words, or nearly, with two meanings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from boussole.triage.conditions import UNKNOWN
from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge
from boussole.understanding.examples import Example, read_examples
from boussole.understanding.normalise import normalise
from boussole.understanding.training import FIXED_INTENTS

DATA = PROJECT / "data"
# Cosine of character n-grams: under this, two sentences rarely say the same thing.
NEAR = 0.9
# Rows compared at once: bounds memory, a few hundred megabytes at most.
BLOCK = 500

Label = tuple[object, ...]


@dataclass(frozen=True)
class Conflict:
    """Two sentences with different labels; ``similarity`` goes up to 1, the very same words."""

    first: Example
    second: Example
    similarity: float


def load_corpus(folder: Path = DATA) -> list[Example]:
    """Return every training example, in the order of the files.

    Raises:
        ValueError: a file is not a Rasa NLU file.
    """
    return list(read_examples([*sorted(folder.glob("nlu*.yml")), *sorted((folder / "nlu").glob("*.yml"))]))


def label(example: Example) -> Label:
    """Return all that a model learns from ``example``, in a form that can be compared."""
    facts = frozenset((slot, frozenset(v) if isinstance(v, tuple) else v) for slot, v in example.facts.items())
    withdrawn = frozenset(example.withdrawn)
    return example.intent, facts, example.alerts, example.topic, withdrawn, bool(example.another_case)


def exact_conflicts(examples: Iterable[Example]) -> list[Conflict]:
    """Return the sentences that say the same words, as an answer to the same question, with two labels."""
    seen: dict[tuple[str, str | None], dict[Label, Example]] = {}
    for example in examples:
        seen.setdefault((normalise(example.text), example.question), {}).setdefault(label(example), example)
    return [Conflict(one, other, 1.0) for same in seen.values() for one, other in combinations(same.values(), 2)]


def overruled(knowledge: Knowledge, examples: Sequence[Example]) -> list[Conflict]:
    """Return the answers that will never be read as such: elsewhere their very words have a fixed, other meaning."""
    fixed = {normalise(one.text): one for one in examples if one.intent in FIXED_INTENTS and not one.question}
    pairs = [(fixed[plain], one) for one in examples if (plain := normalise(one.text)) in fixed and one.question]
    return [Conflict(rule, answer, 1.0) for rule, answer in pairs if not _agree(knowledge, rule, answer)]


def _agree(knowledge: Knowledge, rule: Example, answer: Example) -> bool:
    question = knowledge.questions[answer.question or ""]
    values = {"affirmer": question.yes, "nier": question.no, "ne_sait_pas": UNKNOWN, "passer": UNKNOWN}
    meant = values.get(rule.intent)
    return rule.intent == answer.intent or (meant is not None and answer.facts.get(question.id) == meant)


def near_conflicts(examples: Iterable[Example], least: float = NEAR) -> list[Conflict]:
    """Return the sentences that nearly say the same words with two labels, the closest first.

    Many are right: a negation is a few letters. They are for a person to read.

    Args:
        examples: compared only with those that answer the same question.
        least: the lowest cosine of the sentences' character n-grams, over 0 and under 1.
    """
    groups: dict[str | None, dict[str, Example]] = {}
    for example in examples:
        if plain := normalise(example.text):
            groups.setdefault(example.question, {}).setdefault(plain, example)
    found = [conflict for group in groups.values() for conflict in _near(group, least)]
    return sorted(found, key=lambda conflict: -conflict.similarity)


def describe(conflict: Conflict) -> str:
    """Return a conflict as one line: how similar, then each sentence with its labels."""
    sides = (f"« {one.text} » = {_labels(one)}" for one in (conflict.first, conflict.second))
    return f"{conflict.similarity:.2f}  {'  |  '.join(sides)}"


def _labels(example: Example) -> str:
    facts = [f"{slot}={'+'.join(v) if isinstance(v, tuple) else v}" for slot, v in example.facts.items()]
    question = f"[{example.question}]" if example.question else ""
    words = [question, example.intent, *facts, *sorted(example.alerts), example.topic, *example.withdrawn]
    return " ".join(word for word in words if word)


def _near(group: dict[str, Example], least: float) -> Iterator[Conflict]:
    examples, labels = list(group.values()), [label(example) for example in group.values()]
    for row, column, similarity in _similar(list(group), least):
        if labels[row] != labels[column]:
            yield Conflict(examples[row], examples[column], similarity)


def _similar(texts: Sequence[str], least: float) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of positions, the lower first, whose texts are similar, and how much."""
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), dtype=np.float32).fit_transform(texts)
    for start in range(0, len(texts), BLOCK):
        products = (grams[start : start + BLOCK] @ grams.T).tocoo()
        close = products.data >= least
        for row, column, similarity in zip(products.row[close], products.col[close], products.data[close], strict=True):
            if start + row < column:
                yield start + int(row), int(column), float(similarity)
