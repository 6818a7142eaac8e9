"""Loading `knowledge/lexicon.yml`: the words and turns of phrase of exact extraction, compiled once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.understanding.normalise import fold

Pattern = re.Pattern[str]

_REFERENCE = re.compile(r"\{([a-z_]+\d?)\}")
# Expressions read right before, or right after, something already found.
_BEFORE = r"(?<!\w)(?:{}) $"
_AFTER = r"^ (?:{})(?!\w)"
_UNIT = re.compile(r"(\d+)([hm])")


@dataclass(frozen=True)
class Rule:
    """``value`` of a slot when ``said`` is found (None: the slot stays empty), and what forbids it.

    ``unless`` is looked for in the same sentence, ``unless_message`` and ``needs`` in the whole message.
    ``after_report``: holds only once a report to the platform has been said or asked about.
    ``about_writer``: said of the person who writes, true of the victim only when it is the same person.
    """

    value: str | None
    said: Pattern
    unless: Pattern | None
    unless_message: Pattern | None
    needs: Pattern | None
    after_report: bool
    about_writer: bool


@dataclass(frozen=True)
class Person:
    """How a person is mentioned.

    ``role`` is enfant, proche, adulte or tiers; ``gender`` is f, m, x (either) or p (several).
    """

    role: str
    gender: str
    said: Pattern


@dataclass(frozen=True)
class Frame:
    """What comes right before an age or a school year and says whose it is; each ends with the text."""

    writer: Pattern
    pronoun: Pattern
    plural: Pattern
    link: Pattern


@dataclass(frozen=True)
class AgeWords:
    """Expressions around ages (``years``) and school years (``grades``)."""

    age: Pattern
    bare_age: Pattern
    born: Pattern
    grade: Pattern
    bare_grade: Pattern
    filler: Pattern
    soon: Pattern
    not_before: Pattern
    not_after: Pattern
    doubt: Pattern
    involved: Pattern
    years: Frame
    grades: Frame


@dataclass(frozen=True)
class Season:
    """A time of the year, from (day, month) to (day, month)."""

    said: Pattern
    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True)
class Vague:
    """An imprecise time, between ``nearest`` and ``farthest`` days ago."""

    said: Pattern
    nearest: int
    farthest: int


@dataclass(frozen=True)
class TimeWords:
    """Expressions of time. ``units`` maps a word to (hours, months), ``relative`` to days ago, ``ranks`` to a number.

    ``size`` is the pattern of what may stand between a number and its unit, « deux bons mois ».
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    units: Mapping[str, tuple[int, int]]
    rough: Mapping[str, int]
    size: str
    ranks: Mapping[str, int]
    relative: Mapping[str, int]
    vague: tuple[Vague, ...]
    seasons: tuple[Season, ...]
    more_before: Pattern
    less_before: Pattern
    nearly_before: Pattern
    more_after: Pattern
    doubt: Pattern
    since: Pattern
    opening: Pattern
    other_subject: Pattern
    report: Pattern


@dataclass(frozen=True)
class Lexicon:
    """Everything that `lexicon.yml` holds. ``rules`` maps a slot to its rules, in order."""

    numbers: Mapping[str, int]
    persons: tuple[Person, ...]
    lovers: Pattern
    ages: AgeWords
    times: TimeWords
    rules: Mapping[str, tuple[Rule, ...]]


@cache
def load_lexicon(path: Path | None = None) -> Lexicon:
    """Return the lexicon, by default that of `knowledge/lexicon.yml`.

    Raises:
        ValueError: an expression is not a valid regular expression or names an unknown fragment.
    """
    raw = yaml.safe_load((path or PROJECT / "knowledge" / "lexicon.yml").read_text(encoding="utf-8"))
    fragments = {**raw["morceaux"], "plateforme": _platform_names(), "nombre": _number(raw["nombres"])}
    return Lexicon(
        numbers=dict(raw["nombres"]),
        persons=tuple(
            Person(entry["role"], entry["genre"], _compile(entry["dit"], fragments)) for entry in raw["personnes"]
        ),
        lovers=_compile(raw["amoureux"], fragments),
        ages=_age_words(raw, fragments),
        times=_time_words(raw["temps"], fragments),
        rules={slot: tuple(_rule(entry, fragments) for entry in entries) for slot, entries in raw["regles"].items()},
    )


def _platform_names() -> str:
    aliases = {
        " ".join(fold(alias).replace("'", " ").split())
        for platform in load_knowledge().platforms.values()
        for alias in platform.aliases
    }
    return f"(?:{'|'.join(re.escape(alias) for alias in sorted(aliases, key=len, reverse=True))})"


def _number(numbers: Mapping[str, int]) -> str:
    word = "|".join(numbers)
    return rf"(?:\d{{1,3}}|(?:{word})(?:[ -](?:et[ -])?(?:{word}))*)"


def _expand(expression: str, fragments: Mapping[str, str]) -> str:
    def fragment(match: re.Match[str]) -> str:
        if match[1] not in fragments:
            raise ValueError(f"lexicon.yml: « {expression} »: no fragment « {match[1]} » under morceaux")
        return _expand(fragments[match[1]], fragments)

    return _REFERENCE.sub(fragment, expression)


def _compile(expression: str, fragments: Mapping[str, str], frame: str = r"(?<!\w)(?:{})(?!\w)") -> Pattern:
    try:
        return re.compile(frame.replace("{}", _expand(expression, fragments)))
    except re.error as error:
        raise ValueError(f"lexicon.yml: « {expression} »: {error}") from error


def _rule(entry: dict[str, Any], fragments: Mapping[str, str]) -> Rule:
    return Rule(
        value=entry["valeur"],
        said=_compile("|".join(entry["dit"]), fragments),
        unless=_compile("|".join(entry["sauf"]), fragments) if "sauf" in entry else None,
        unless_message=_compile("|".join(entry["sauf_message"]), fragments) if "sauf_message" in entry else None,
        needs=_compile(entry["avec"], fragments) if "avec" in entry else None,
        after_report=entry.get("apres", False),
        about_writer=entry.get("soi", False),
    )


def _age_words(raw: dict[str, Any], fragments: Mapping[str, str]) -> AgeWords:
    ages, grades = raw["ages"], raw["classes"]
    return AgeWords(
        age=_compile(rf"(?P<n>{{nombre}})(?: et demie?)? ?{ages['unite']}(?: et demie?)?", fragments),
        bare_age=_compile(rf"(?P<n>{{nombre}})(?: et demie?)?{ages['fin']}", fragments),
        born=_compile(rf"{ages['ne_en']} (?P<year>(?:19|20)\d\d)", fragments),
        grade=_compile(rf"{grades['avant']}{{classe}}{{pas_classe}}", fragments),
        bare_grade=_compile("{classe}{pas_classe}", fragments),
        filler=_compile("{petit}", fragments, r"(?<!\w){}$"),
        soon=_compile("{bientot} {petit}", fragments, r"(?<!\w){}$"),
        not_before=_compile(ages["pas_avant"], fragments, _BEFORE),
        not_after=_compile(ages["pas_apres"], fragments, _AFTER),
        doubt=_compile(ages["doute"], fragments),
        involved=_compile(ages["moi_aussi"], fragments),
        years=_frame(ages, fragments),
        grades=_frame(grades, fragments),
    )


def _frame(entry: dict[str, str], fragments: Mapping[str, str]) -> Frame:
    return Frame(*(_compile(entry[key], fragments, _BEFORE) for key in ("soi", "il", "ils", "lien")))


def _time_words(raw: dict[str, Any], fragments: Mapping[str, str]) -> TimeWords:
    before = r"(?<!\w)(?:{}) (?:un |une )?$"
    return TimeWords(
        months=raw["mois"],
        weekdays=raw["jours"],
        units={word: _unit(length) for word, length in raw["unites"].items()},
        rough=raw["environ"],
        size=raw["taille"],
        ranks=raw["rangs"],
        relative=raw["relatifs"],
        vague=tuple(Vague(_compile(v["dit"], fragments), v["de"], v["a"]) for v in raw["vagues"]),
        seasons=tuple(
            Season(_compile(s["dit"], fragments), (s["du"][0], s["du"][1]), (s["au"][0], s["au"][1]))
            for s in raw["saisons"]
        ),
        more_before=_compile(raw["avant_plus"], fragments, before),
        less_before=_compile(raw["avant_moins"], fragments, before),
        nearly_before=_compile(raw["avant_presque"], fragments, before),
        more_after=_compile(raw["apres_plus"], fragments, _AFTER),
        doubt=re.compile(raw["doute"]),
        since=_compile(raw["depuis"], fragments, before),
        opening=_compile(raw["entree"], fragments),
        other_subject=re.compile(_expand(raw["autre_chose"], fragments)),
        report=_compile(raw["demarche"], fragments),
    )


def _unit(length: str) -> tuple[int, int]:
    match = _UNIT.fullmatch(length)
    if match is None:
        raise ValueError(f"lexicon.yml: temps.unites: « {length} »: write hours as « 24h » or months as « 3m »")
    return (int(match[1]), 0) if match[2] == "h" else (0, int(match[1]))
