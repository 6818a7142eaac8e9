"""Rasa's default pipeline, in French and on our data, in the place of ours: to be measured the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Optional

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from boussole.evaluation.default_pipeline import CLASSIFIER, DEFAULT_PIPELINE
from boussole.triage.conditions import UNKNOWN
from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.understanding.components import FORM
from boussole.understanding.corpus import load_corpus
from boussole.understanding.examples import Example
from boussole.understanding.training import POLARITY

# Rasa keeps « / » for retrieval intents.
SEPARATOR = "+"
CRISIS = "crise"
TOPIC = "question"
DIALOGUE = ("rules", "stories")
# There are no entities, synonyms or retrieval intents to learn here.
UNUSED = ("EntitySynonymMapper", "ResponseSelector")


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class StockAdapter(GraphComponent):
    """Turns the intents of :func:`stock_intent` into the intents and entities that our dialogue reads."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StockAdapter:
        """Create the component, which keeps nothing."""
        return cls()

    def process(
        self,
        messages: list[Message],
        tracker: Optional[DialogueStateTracker] = None,  # noqa: UP045 - Rasa's graph validation knows no « X | None »
    ) -> list[Message]:
        """Replace the intent of each message; button payloads are left to Rasa."""
        pending = tracker.get_slot("requested_slot") if tracker and tracker.active_loop_name == FORM else None
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/"):
                continue
            found = message.get(INTENT) or {}
            intent, entities = meaning(str(found.get("name") or ""), pending)
            message.set(INTENT, {**found, "name": intent}, add_to_output=True)
            whole = {"start": 0, "end": len(text), "extractor": type(self).__name__}
            made = [{"entity": name, "value": value, **whole} for name, value in entities.items()]
            message.set(ENTITIES, made, add_to_output=True)
        return messages


def stock_intent(example: Example) -> str:
    """Return the one intent that stands for an example's labels: a plain classifier gives no more."""
    if example.alerts:
        return SEPARATOR.join((CRISIS, min(example.alerts)))
    if example.question and example.question in example.facts:
        value = example.facts[example.question]
        return SEPARATOR.join((example.question, value[0] if isinstance(value, tuple) else value))
    if example.topic:
        return SEPARATOR.join((TOPIC, example.topic))
    return example.intent


def meaning(intent: str, pending: str | None) -> tuple[str, dict[str, str]]:
    """Return our intent, and entity -> value, for one of :func:`stock_intent`'s, given the ``pending`` question."""
    knowledge = load_knowledge()
    kind, _, value = intent.partition(SEPARATOR)
    if kind == CRISIS:
        return "detresse", {"alerte": value}
    if kind == TOPIC and value:
        return "question", {"sujet": value}
    if value:
        return "repondre", {kind: value}
    if intent in knowledge.facts["nature"].labels:
        return intent, {"nature": intent}
    if intent in POLARITY and pending and pending in knowledge.questions:
        question = knowledge.questions[pending]
        said = {"oui": question.yes, "non": question.no, "inconnu": UNKNOWN}[POLARITY[intent]]
        return intent, {pending: said} if said else {}
    return ("incompris" if intent in ("", "nlu_fallback") else intent), {}


def train_stock(output: Path, epochs: int, every: int = 1) -> Path:
    """Train Rasa's default pipeline on our sentences and return the model archive.

    Args:
        output: the archive to write.
        epochs: of DIET; `rasa init` has 100.
        every: learn one sentence in so many, for a machine that has no hours to spare.

    Raises:
        RuntimeError: Rasa could not train; its own messages say why.
    """
    import rasa.model_training

    with TemporaryDirectory() as folder:
        config = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))
        adapter = {"name": f"{StockAdapter.__module__}.{StockAdapter.__name__}"}
        parts = [part for part in DEFAULT_PIPELINE if part["name"] not in UNUSED]
        trained = {"epochs": epochs, "entity_recognition": False}
        config["pipeline"] = [*({**part, **trained} if part["name"] == CLASSIFIER else part for part in parts), adapter]
        _write(Path(folder) / "config.yml", config)
        _write(Path(folder) / "nlu.yml", {"version": "3.1", "nlu": _blocks(load_corpus()[::every])})
        result = rasa.model_training.train(
            domain=str(PROJECT / "domain.yml"),
            config=str(Path(folder) / "config.yml"),
            training_files=[
                str(path) for path in (Path(folder) / "nlu.yml", *(PROJECT / "data" / f"{n}.yml" for n in DIALOGUE))
            ],
            output=str(output.parent),
            fixed_model_name=output.name.removesuffix(".tar.gz"),
            force_training=True,
        )
    if result.code or not result.model:
        raise RuntimeError("the training of the default pipeline failed")
    return Path(result.model)


def _blocks(examples: Sequence[Example]) -> list[dict[str, Any]]:
    texts: dict[str, list[dict[str, str]]] = defaultdict(list)
    for example in examples:
        texts[stock_intent(example)].append({"text": example.text})
    # DIET needs two sentences of an intent.
    return [{"intent": intent, "examples": found} for intent, found in texts.items() if len(found) > 1]


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
