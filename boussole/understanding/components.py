"""The Rasa graph component that puts a :class:`Reading` on each message, as an intent and entities."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_EXAMPLE, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from boussole.clock import now
from boussole.triage.facts import read_slots
from boussole.triage.knowledge import load_knowledge
from boussole.understanding.classify import KINDS, TextModel
from boussole.understanding.examples import Example, make_example
from boussole.understanding.reader import Context, Reader, Reading
from boussole.understanding.training import fixed_sentences, train_model

FORM = "triage_form"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class Understanding(GraphComponent):
    """Reads each message in the context of the conversation (see :mod:`boussole.understanding.reader`).

    The facts become entities named like their slots, so that ordinary ``from_entity`` mappings fill
    them. An answer can only be read against its question: Rasa hands the tracker to components that
    ask for it.
    """

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        reader: Reader | None = None,
        kinds: Sequence[str] = KINDS,
        every: int = 1,
    ) -> None:
        """Keep where the model is stored; ``reader`` is None until trained or loaded."""
        self._storage = storage
        self._resource = resource
        self._reader = reader
        self._kinds = kinds
        self._every = every

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options that `config.yml` may set, for comparisons.

        ``kinds``: which models learn the texts; ``every``: one text in so many is learned.
        """
        return {"kinds": list(KINDS), "every": 1}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Understanding:
        """Create an untrained component (Rasa calls this before training)."""
        return cls(model_storage, resource, kinds=config["kinds"], every=config["every"])

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Understanding:
        """Load the trained component.

        Raises:
            ValueError, OSError, KeyError: the stored model is missing or damaged: a bot that understands
                nothing must not start.
        """
        return cls(model_storage, resource, stored_reader(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples of `data/` and store the result."""
        examples = list(_examples(training_data))[:: self._every]
        model = train_model(load_knowledge(), examples, self._kinds)
        fixed = fixed_sentences(examples)
        with self._storage.write_to(self._resource) as folder:
            model.save(folder)
            (folder / "fixed.json").write_text(json.dumps(fixed, ensure_ascii=False), encoding="utf-8")
        self._reader = Reader(load_knowledge(), model, fixed)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: no later component learns from the readings."""
        return training_data

    def process(
        self,
        messages: list[Message],
        tracker: Optional[DialogueStateTracker] = None,  # noqa: UP045 - Rasa's graph validation knows no « X | None »
    ) -> list[Message]:
        """Add the intent and the entities to each message; button payloads are left to Rasa."""
        context = _context(tracker)
        for message in messages:
            text = message.get(TEXT) or ""
            if self._reader is None or text.startswith("/"):
                continue
            reading = self._reader.read(text, context)
            message.set(INTENT, {"name": reading.intent, "confidence": reading.confidence}, add_to_output=True)
            message.set(ENTITIES, list(_entities(reading, len(text))), add_to_output=True)
        return messages


def stored_reader(storage: ModelStorage, resource: Resource) -> Reader:
    """Return the reader that a trained component stored.

    Raises:
        ValueError, OSError, KeyError: the stored model is missing or damaged.
    """
    with storage.read_from(resource) as folder:
        model = TextModel.load(folder)
        fixed = {
            plain: tuple(meant)
            for plain, meant in json.loads((folder / "fixed.json").read_text(encoding="utf-8")).items()
        }
    return Reader(load_knowledge(), model, fixed)


def _examples(training_data: TrainingData) -> Iterator[Example]:
    for message in training_data.intent_examples:
        labels = message.get(METADATA) or {}
        merged = {**(labels.get(METADATA_INTENT) or {}), **(labels.get(METADATA_EXAMPLE) or {})}
        yield make_example(message.get(TEXT), message.get(INTENT), merged)


def _context(tracker: DialogueStateTracker | None) -> Context:
    today = now().date()
    if tracker is None:
        return Context(today)
    pending = tracker.get_slot("requested_slot") if tracker.active_loop_name == FORM else None
    return Context(today, pending, read_slots(load_knowledge(), tracker.current_slot_values()))


def _entities(reading: Reading, length: int) -> Iterator[dict[str, Any]]:
    values: list[tuple[str, str]] = []
    for slot, value in reading.facts.items():
        values += [(slot, one) for one in ((value,) if isinstance(value, str) else value)]
    values += [("alerte", level) for level in reading.alerts]
    values += [("oublie", slot) for slot in reading.withdrawn]
    if reading.topic:
        values.append(("sujet", reading.topic))
    if reading.minor_writer:
        values.append(("redacteur_mineur", "oui"))
    if reading.quoted:
        values.append(("citation", "oui"))
    if reading.another_case:
        values.append(("autre_cas", "oui"))
    if reading.language:
        values.append(("langue", reading.language))
    for entity, value in values:
        yield {"entity": entity, "value": value, "start": 0, "end": length, "extractor": "Understanding"}
