"""Loading `knowledge/*.yml`: read once, checked whole, every problem named with its file, key and fix."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from boussole.triage.conditions import ALWAYS, NEVER, Condition
from boussole.triage.hours import DAYS, Hours, Span
from boussole.triage.model import (
    Answer,
    Detail,
    Fact,
    Knowledge,
    Message,
    Operator,
    OwnHelp,
    Passage,
    Platform,
    Question,
    Service,
    ServiceRef,
    Step,
    Wording,
)

PROJECT = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "BOUSSOLE_KNOWLEDGE"
SCHEMA = Path(__file__).with_name("schema.yml")


class KnowledgeError(ValueError):
    """The data is not usable; ``problems`` holds one line per thing to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep ``problems``, each of the form « file: key: what is wrong, and the fix »."""
        self.problems = tuple(problems)
        super().__init__("\n".join(("knowledge/ cannot be used:", *self.problems)))


@cache
def load_knowledge(folder: Path | None = None) -> Knowledge:
    """Return what the YAML files of ``folder`` hold, checked.

    Args:
        folder: by default the one that the environment variable ``BOUSSOLE_KNOWLEDGE`` names, else
            the project's `knowledge/`.

    Raises:
        KnowledgeError: a file is missing or not YAML, a key is missing, misspelt or of the wrong
            shape, an id is used twice or names nothing, a question depends on a later one.
    """
    folder = folder or Path(os.environ.get(FOLDER_VARIABLE) or PROJECT / "knowledge")
    raw = _read_files(folder)
    problems = list(_cross_check(raw))
    if problems:
        raise KnowledgeError(problems)
    return _build(raw)


def _read_files(folder: Path) -> dict[str, Any]:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    raw: dict[str, Any] = {}
    problems = []
    for name, shape in schema["files"].items():
        try:
            raw[name] = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            problems.append(f"{name}: the file is missing from {folder}")
            continue
        except yaml.YAMLError as error:
            problems.append(f"{name}: not valid YAML: {' '.join(str(error).split())}")
            continue
        validator = Draft202012Validator({**shape, "$defs": schema["$defs"]})
        problems += [
            f"{name}: {_key(raw[name], error.absolute_path)}: {error.message}"
            for error in sorted(validator.iter_errors(raw[name]), key=str)
        ]
    if problems:
        raise KnowledgeError(problems)
    return raw


def _key(data: Any, path: Iterable[Any]) -> str:
    """Return a path such as « pharos.si.contenu_public », with ids in place of list positions."""
    parts: list[str] = []
    for key in path:
        data = data[key]
        named = isinstance(key, int) and isinstance(data, dict) and "id" in data
        parts.append(str(data["id"]) if named else str(key))
    return ".".join(parts) or "(the whole file)"


def _cross_check(raw: dict[str, Any]) -> Iterator[str]:
    facts = raw["facts.yml"]["faits"]
    services = {entry["id"] for entry in raw["services.yml"]}
    steps = [entry["id"] for entry in raw["steps.yml"]]
    for name, data in raw.items():
        if isinstance(data, list):
            yield from _duplicates(name, [entry["id"] for entry in data])
    for where, condition in _conditions(raw):
        yield from _check_condition(where, condition, facts)
    for entry in raw["questions.yml"]:
        yield from _check_question(entry, facts)
    yield from _check_order(raw["questions.yml"])
    for position, entry in enumerate(raw["steps.yml"]):
        where = f"steps.yml: {entry['id']}"
        for parent in entry.get("avec_etape", ()):
            if parent not in steps[:position]:
                yield f"{where}.avec_etape: « {parent} » is not the id of an earlier step"
        for ref in entry.get("services", ()):
            name = ref if isinstance(ref, str) else ref["id"]
            if name not in services:
                yield f"{where}.services: no service « {name} » in services.yml"
    for entry in raw["faq.yml"]:
        for name in entry["services"]:
            if name not in services:
                yield f"faq.yml: {entry['id']}.services: no service « {name} » in services.yml"
    messages = raw["messages.yml"]
    texts = {**messages["alertes"], **{k: v for k, v in messages.items() if k not in ("alertes", "boutons")}}
    for key, message in texts.items():
        for name in message.get("services", ()):
            if name not in services:
                yield f"messages.yml: {key}.services: no service « {name} » in services.yml"
    yield from _check_aliases(raw["platforms.yml"])
    yield from _check_places(raw)


def _duplicates(name: str, ids: list[str]) -> Iterator[str]:
    for one in dict.fromkeys(ids):
        if ids.count(one) > 1:
            yield f"{name}: {one}: the id is used {ids.count(one)} times; rename or remove one"


def _conditions(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("questions.yml", "steps.yml"):
        for entry in raw[name]:
            for key in ("si", "peut_etre", "sauf"):
                if key in entry:
                    yield f"{name}: {entry['id']}.{key}", entry[key]
            for position, detail in enumerate(entry.get("precisions", ())):
                yield f"{name}: {entry['id']}.precisions.{position}.si", detail["si"]
            for ref in entry.get("services", ()):
                if isinstance(ref, dict):
                    yield f"{name}: {entry['id']}.services.{ref['id']}.si", ref["si"]
    for position, rule in enumerate(raw["facts.yml"]["implications"]):
        yield f"facts.yml: implications.{position}.si", rule["si"]
        yield f"facts.yml: implications.{position}.alors", {k: [v] for k, v in rule["alors"].items()}
    for position, own in enumerate(raw["operateur.yml"]["aides"]):
        yield f"operateur.yml: aides.{position}.pour", own["pour"]


def _check_condition(where: str, condition: Any, facts: Mapping[str, Any]) -> Iterator[str]:
    for alternative in condition if isinstance(condition, list) else [condition]:
        for slot, allowed in alternative.items():
            if slot not in facts:
                yield f"{where}: no fact « {slot} » in facts.yml; expected one of {', '.join(facts)}"
                continue
            known = facts[slot]["valeurs"]
            for value in allowed:
                if known and value not in known:
                    yield f"{where}.{slot}: unknown value « {value} »; expected one of {', '.join(known)}"


def _check_question(entry: dict[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    where = f"questions.yml: {entry['id']}"
    if entry["id"] not in facts:
        yield f"{where}: a question's id is a fact; expected one of {', '.join(facts)}"
        return
    values = facts[entry["id"]]["valeurs"]
    for value in (*entry["boutons"], *(entry[key] for key in ("oui", "non") if key in entry)):
        if value not in values:
            yield f"{where}.boutons: unknown value « {value} »; expected one of {', '.join(values)}"
    for value in values:
        if value not in entry["boutons"] and value != "inconnu":
            yield f"{where}.boutons: no button gives « {value} »; add one"


def _check_order(questions: list[dict[str, Any]]) -> Iterator[str]:
    # facts.prune() reads the questions once, in order.
    ids = [entry["id"] for entry in questions]
    for position, entry in enumerate(questions):
        for key in ("si", "sauf"):
            for slot in sorted(_condition(entry.get(key)).slots.intersection(ids[position:])):
                yield f"questions.yml: {entry['id']}.{key}: « {slot} » is asked later; move that question before"


def _check_aliases(platforms: list[dict[str, Any]]) -> Iterator[str]:
    owner: dict[str, str] = {}
    for entry in platforms:
        for alias in (*entry["alias"], *entry.get("alias_exacts", ())):
            if owner.setdefault(alias, entry["id"]) != entry["id"]:
                yield f"platforms.yml: {entry['id']}.alias: « {alias} » already leads to {owner[alias]}; keep one"


def _check_places(raw: dict[str, Any]) -> Iterator[str]:
    known = {
        f"{name.removesuffix('.yml')}/{entry['id']}"
        for name in ("steps.yml", "services.yml", "faq.yml", "questions.yml", "platforms.yml")
        for entry in raw[name]
    } | {"operateur", "platforms"}
    for passage in raw["article.yml"]:
        for place in passage["ou"]:
            if place not in known:
                where = f"article.yml: {passage['id']}.ou"
                yield f"{where}: « {place} » names nothing; expected file/id, such as steps/pharos"


def _condition(value: Any, default: Condition = ALWAYS) -> Condition:
    if value is None:
        return default
    alternatives = value if isinstance(value, list) else [value]
    return Condition(tuple({slot: frozenset(allowed) for slot, allowed in one.items()} for one in alternatives))


def _wording(value: str | Mapping[str, str]) -> Wording:
    return Wording({"vous": value, "tu": value} if isinstance(value, str) else dict(value))


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _hours(entry: dict[str, Any]) -> Hours:
    spans = tuple(
        Span(frozenset(DAYS.index(day) for day in span["jours"]), _minutes(span["de"]), _minutes(span["a"]))
        for span in entry["plages"]
    )
    return Hours(text=entry["texte"], spans=spans, holidays=entry["feries"])


def _question(entry: dict[str, Any]) -> Question:
    return Question(
        id=entry["id"],
        condition=_condition(entry.get("si")),
        excluded=_condition(entry.get("sauf"), NEVER),
        text=_wording(entry["texte"]),
        retry=_wording(entry["relance"]),
        why=_wording(entry["pourquoi"]),
        buttons={value: _wording(text) for value, text in entry["boutons"].items()},
        yes=entry.get("oui"),
        no=entry.get("non"),
        kept=entry.get("conserver", False),
    )


def _step(entry: dict[str, Any]) -> Step:
    return Step(
        id=entry["id"],
        # A step that has only `peut_etre` beside it must not hold always.
        condition=_condition(entry.get("si"), NEVER if "peut_etre" in entry else ALWAYS),
        maybe=_condition(entry.get("peut_etre"), NEVER),
        excluded=_condition(entry.get("sauf"), NEVER),
        with_steps=frozenset(entry.get("avec_etape", ())),
        title=_wording(entry["titre"]),
        text=_wording(entry["texte"]),
        dated_text=_wording(entry["texte_date"]) if "texte_date" in entry else None,
        details=tuple(
            Detail(_condition(detail["si"]), _wording(detail["texte"]), detail.get("avant", False))
            for detail in entry.get("precisions", ())
        ),
        services=tuple(
            ServiceRef(ref, ALWAYS) if isinstance(ref, str) else ServiceRef(ref["id"], _condition(ref["si"]))
            for ref in entry.get("services", ())
        ),
        deadline=entry.get("echeance"),
        sources=tuple(entry["source"]),
        article=entry.get("article"),
    )


def _service(entry: dict[str, Any]) -> Service:
    return Service(
        id=entry["id"],
        name=entry["nom"],
        phone=entry["tel"],
        sms=entry["sms"],
        url=entry["url"],
        human=entry["humain"],
        audience=entry["pour"],
        presentation=entry["presentation"],
        hours=_hours(entry["horaires"]),
        source=entry["source"],
        source_date=entry["source_date"],
        checked_on=entry["verifie_le"],
        article=entry.get("article"),
    )


def _platform(entry: dict[str, Any]) -> Platform:
    return Platform(
        id=entry["id"],
        name=entry["nom"],
        aliases=tuple(entry["alias"]),
        exact_aliases=tuple(entry.get("alias_exacts", ())),
        link=entry["lien"],
        path=entry["chemin"],
        note=entry.get("note"),
        source=entry.get("source"),
        checked_on=entry.get("verifie_le"),
    )


def _message(entry: dict[str, Any]) -> Message:
    return Message(_wording({"vous": entry["vous"], "tu": entry["tu"]}), tuple(entry.get("services", ())))


def _build(raw: dict[str, Any]) -> Knowledge:
    facts = raw["facts.yml"]
    messages = raw["messages.yml"]
    operator = raw["operateur.yml"]
    return Knowledge(
        facts={
            name: Fact(name, entry["forme"], entry["nom"], dict(entry["valeurs"]))
            for name, entry in facts["faits"].items()
        },
        implications=tuple((_condition(rule["si"]), dict(rule["alors"])) for rule in facts["implications"]),
        questions={entry["id"]: _question(entry) for entry in raw["questions.yml"]},
        steps={entry["id"]: _step(entry) for entry in raw["steps.yml"]},
        services={entry["id"]: _service(entry) for entry in raw["services.yml"]},
        platforms={entry["id"]: _platform(entry) for entry in raw["platforms.yml"]},
        faq={
            entry["id"]: Answer(
                id=entry["id"],
                title=entry["titre"],
                examples=tuple(entry["questions"]),
                text=_wording(entry["texte"]),
                services=tuple(entry["services"]),
                sources=tuple(entry["source"]),
            )
            for entry in raw["faq.yml"]
        },
        messages={name: _message(entry) for name, entry in messages.items() if name not in ("alertes", "boutons")},
        alerts={level: _message(entry) for level, entry in messages["alertes"].items()},
        common_buttons=dict(messages["boutons"]),
        operator=Operator(
            name=operator["nom"],
            description=operator["description"],
            url=operator["url"],
            contact=operator["contact"],
            helps=tuple(
                OwnHelp(own["titre"], _wording(own["texte"]), _condition(own["pour"]), own.get("url"))
                for own in operator["aides"]
            ),
        ),
        article=tuple(
            Passage(entry["id"], entry["passage"], tuple(entry["ou"]), entry.get("divergence"), entry.get("source"))
            for entry in raw["article.yml"]
        ),
    )
