"""What the bot is measured on: the entries of `evaluation/*.yml`, checked, in one of four kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from boussole.triage.conditions import Facts, FactValue
from boussole.triage.facts import read_slots
from boussole.triage.model import Fact, Knowledge
from boussole.understanding.crisis import LEVELS


class MaterialError(ValueError):
    """A file cannot be used; ``problems`` holds one line per thing to mend: file, entry, problem and fix."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep ``problems``."""
        self.problems = tuple(problems)
        super().__init__("\n".join(("the bot cannot be measured on this:", *self.problems)))


@dataclass(frozen=True)
class Place:
    """Where an entry stands: its file's name, and its id or else its position."""

    file: str
    entry: str


@dataclass(frozen=True)
class Scenario:
    """A person's whole case: the true ``facts``, those ``said`` in the ``opening``, and ``answers`` in their words."""

    place: Place
    opening: str
    facts: Facts
    said: frozenset[str]
    answers: Mapping[str, str]


@dataclass(frozen=True)
class SingleAnswer:
    """A text that answers ``question``; ``value`` is what it means (for ``nature``: the true ones)."""

    place: Place
    question: str
    text: str
    value: FactValue


@dataclass(frozen=True)
class CrisisText:
    """A first message with the alert ``levels`` that it must raise: none for a hard negative."""

    place: Place
    text: str
    levels: frozenset[str]


@dataclass(frozen=True)
class Dialogue:
    """Messages that try the bot's patience, and what is expected after the last one.

    ``facts`` are those known at the end and ``question`` the one pending then; ``objects`` says which
    objects (``plan``, ``hors_sujet``) the last turn has or lacks; ``alert`` is a level raised at some turn.
    """

    place: Place
    turns: tuple[str, ...]
    facts: Facts = field(default_factory=dict)
    question: str | None = None
    objects: Mapping[str, bool] = field(default_factory=dict)
    alert: str | None = None


Entry = Scenario | SingleAnswer | CrisisText | Dialogue

# The key that tells the kind of an entry.
SCENARIO, ANSWER, CRISIS, DIALOGUE = "opening", "question", "levels", "turns"
KINDS = (SCENARIO, ANSWER, CRISIS, DIALOGUE)

SHAPES = {"array": "a list", "object": "keys with their values", "boolean": "true or false"}


def load_material(knowledge: Knowledge, path: Path) -> tuple[Entry, ...]:
    """Return the entries of the file at ``path``, all of one kind.

    Raises:
        OSError: the file cannot be read.
        MaterialError: it is not a YAML list of entries of a known kind, or an entry is malformed.
    """
    raw = _read_list(path)
    kind = _kind(path.name, raw)
    validator = Draft202012Validator(_schema(kind, knowledge))
    problems = [
        f"{path.name}: {_name(entry, position)}: {_explain(error)}"
        for position, entry in enumerate(raw, start=1)
        for error in validator.iter_errors(entry)
    ]
    if problems:
        # Two keys that are missing from one entry make the same line.
        raise MaterialError(dict.fromkeys(problems))
    return tuple(
        _build(kind, knowledge, Place(path.name, _name(entry, position)), entry)
        for position, entry in enumerate(raw, start=1)
    )


def _read_list(path: Path) -> list[Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MaterialError([f"{path.name}: not YAML in UTF-8: {' '.join(str(error).split())}"]) from error
    if not isinstance(raw, list) or not raw:
        raise MaterialError([f"{path.name}: expected a YAML list of entries, each beginning with « - »"])
    return raw


def _kind(file: str, raw: Iterable[Any]) -> str:
    """Return the kind of the first entry that has one: a malformed entry must not hide the others."""
    for entry in raw:
        for kind in KINDS:
            if isinstance(entry, dict) and kind in entry:
                return kind
    raise MaterialError([f"{file}: no entry has one of the keys {', '.join(KINDS)}, which tell what is measured"])


def _name(entry: Any, position: int) -> str:
    return str(entry["id"]) if isinstance(entry, dict) and "id" in entry else f"entry {position}"


def _schema(kind: str, knowledge: Knowledge) -> dict[str, Any]:
    """Return the JSON schema of one entry; keys that it does not name are notes of the file's author."""
    text = {"type": "string"}
    facts = {name: _value_schema(fact) for name, fact in knowledge.facts.items()}
    case = {"type": "object", "properties": facts, "additionalProperties": False}
    answers = {"type": "object", "properties": dict.fromkeys(facts, text), "additionalProperties": False}
    said = {"type": "array", "items": {"enum": list(facts)}}
    level = {"enum": list(LEVELS)}
    expected = {
        "facts": case,
        "question": {"enum": list(knowledge.questions)},
        "plan": {"type": "boolean"},
        "hors_sujet": {"type": "boolean"},
        "alerte": level,
    }
    properties: dict[str, dict[str, Any]] = {
        SCENARIO: {"opening": text, "facts": case, "said": said, "answers": answers},
        ANSWER: {"question": {"enum": list(knowledge.questions)}, "text": text, "value": {}},
        CRISIS: {"text": text, "levels": {"type": "array", "items": level}},
        DIALOGUE: {
            "turns": {"type": "array", "items": text, "minItems": 1},
            "expect": {"type": "object", "properties": expected, "additionalProperties": False},
        },
    }
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties[kind],
        "required": [key for key in properties[kind] if key not in ("answers", "expect")],
    }
    if kind == ANSWER:
        schema["allOf"] = [
            {
                "if": {"properties": {"question": {"const": name}}, "required": ["question"]},
                "then": {"properties": {"value": facts[name]}},
            }
            for name in knowledge.questions
        ]
    return schema


def _value_schema(fact: Fact) -> dict[str, Any]:
    if fact.form == "choix":
        return {"enum": list(fact.labels)}
    if fact.form == "liste":
        # One value alone may stand without brackets.
        one = {"enum": list(fact.labels)}
        return {"if": {"type": "string"}, "then": one, "else": {"type": "array", "items": one, "minItems": 1}}
    return {"type": "string"}


def _explain(error: ValidationError) -> str:
    """Return what is wrong and how to mend it."""
    where = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{where}: " if where else ""
    schema: Any = error.schema
    match error.validator:
        case "required":
            missing = [key for key in schema["required"] if key not in error.instance]
            return f"{prefix}without {', '.join(f'« {key} »' for key in missing)}; add what is missing"
        case "additionalProperties":
            unknown = [key for key in error.instance if key not in schema["properties"]]
            known = ", ".join(schema["properties"])
            return f"{prefix}unknown {', '.join(f'« {key} »' for key in unknown)}; expected one of {known}"
        case "enum":
            return f"{prefix}unknown value « {error.instance} »; expected one of {', '.join(schema['enum'])}"
        case "type" if schema["type"] == "string":
            return f"{prefix}expected a text, not « {error.instance} »; put it between quotes"
        case "type":
            return f"{prefix}expected {SHAPES[schema['type']]}, not « {error.instance} »"
        case _:
            return f"{prefix}is empty; give at least one"


def _build(kind: str, knowledge: Knowledge, place: Place, entry: Mapping[str, Any]) -> Entry:
    if kind == SCENARIO:
        return Scenario(
            place=place,
            opening=entry["opening"].strip(),
            facts=read_slots(knowledge, entry["facts"]),
            said=frozenset(entry["said"]),
            answers=entry.get("answers", {}),
        )
    if kind == ANSWER:
        question = entry["question"]
        value = read_slots(knowledge, {question: entry["value"]})[question]
        return SingleAnswer(place, question, entry["text"], value)
    if kind == CRISIS:
        return CrisisText(place, entry["text"], frozenset(entry["levels"]))
    expect = entry.get("expect", {})
    return Dialogue(
        place=place,
        turns=tuple(entry["turns"]),
        facts=read_slots(knowledge, expect.get("facts", {})),
        question=expect.get("question"),
        objects={name: expect[name] for name in ("plan", "hors_sujet") if name in expect},
        alert=expect.get("alerte"),
    )
