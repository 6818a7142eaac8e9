"""Training examples: the sentences of `data/` with the facts that a careful reader finds in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Example:
    """One labelled sentence.

    ``question`` is the pending question that it answers (None in an opening), ``facts`` slot -> value
    (``nature`` is a tuple), ``alerts`` the crisis levels that it must raise, ``topic`` the frequent
    question that it asks, ``withdrawn`` the slots whose answer it takes back, ``another_case`` whether it
    speaks of a second case (None where nobody looked), ``looked_at`` whether somebody asked of this very
    sentence if it is a sign of crisis, ``signs_only`` whether nothing else about it is known.
    """

    text: str
    intent: str
    question: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    alerts: frozenset[str] = frozenset()
    topic: str | None = None
    withdrawn: tuple[str, ...] = ()
    another_case: bool | None = None
    looked_at: bool = False
    signs_only: bool = False


def make_example(text: str, intent: str, metadata: Mapping[str, Any]) -> Example:
    """Return an example from Rasa's ``metadata`` of an intent and of an example, already merged."""
    facts = dict(metadata.get("faits") or {})
    if "nature" in facts:
        nature = facts["nature"]
        facts["nature"] = (nature,) if isinstance(nature, str) else tuple(nature)
    alerts = frozenset(metadata.get("alerte") or ())
    if not alerts and facts.get("danger") in ("suicide", "immediat"):
        alerts = frozenset({"suicide" if facts["danger"] == "suicide" else "danger"})
    return Example(
        text=text.strip(),
        intent=intent,
        question=metadata.get("question"),
        facts=facts,
        alerts=alerts,
        topic=metadata.get("sujet"),
        withdrawn=tuple(metadata.get("oublie") or ()),
        another_case=metadata["autre_cas"] == "oui" if "autre_cas" in metadata else None,
        looked_at="alerte" in metadata,
    )


def read_examples(paths: Iterable[Path]) -> Iterator[Example]:
    """Yield the examples of Rasa NLU files (YAML), in order.

    Raises:
        ValueError: a file is not a Rasa NLU file.
    """
    for path in paths:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if not isinstance(data, dict) or not isinstance(data.get("nlu"), list):
            raise ValueError(f"{path.name}: expected a Rasa NLU file, with a list under « nlu »")
        for block in data["nlu"]:
            if "intent" not in block:
                continue
            shared = block.get("metadata") or {}
            examples = block["examples"]
            if isinstance(examples, str):
                for line in examples.strip().splitlines():
                    yield make_example(line.strip().removeprefix("-"), block["intent"], shared)
            else:
                for example in examples:
                    yield make_example(example["text"], block["intent"], {**shared, **(example.get("metadata") or {})})
