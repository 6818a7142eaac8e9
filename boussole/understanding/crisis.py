"""Signs of crisis in a message, from the expressions of `knowledge/crisis.yml`: no model is needed."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from boussole.triage.knowledge import PROJECT
from boussole.understanding.normalise import READ_LIMIT, fold, normalise

LEVELS = ("suicide", "danger", "enfance")
# The value of the fact `danger` that a level stands for; a child in danger has none (contract.md, section 1).
LEVEL_FACT = {"suicide": "suicide", "danger": "immediat"}

_SENTENCE_END = " . "
_FRAGMENT = re.compile(r"<([a-z_0-9]+)>")
_OPENING = re.compile(r"(?:<[a-z_0-9]+>|\(\?:[^()]*\)) (?![?*+{])")
_ELLIPSIS = re.compile(r"\.{2,}|…")
_ELONGATION = re.compile(r"([a-z])\1{2,}")
_TOKEN = re.compile(r"[a-z0-9]+|[.,!?;()]")
_STOPS = {".": ".", "!": ".", "?": ".", ";": ".", ",": ",", "(": ",", ")": ","}
# « jveux », « mfrappe »: no French word starts with a j or an m and a consonant.
_GLUED = re.compile(r"j(?=[bcdfghklmnpqrstvwxz]\w)|m(?=[bcdfghjklnpqrstvwxz]\w{3})")
# « ne » is left out of negations, not out of « je suis né ».
_BORN = frozenset({"suis", "est", "es", "etre", "etais", "etait", "sois", "soit", "serais"})


@dataclass(frozen=True)
class Signs:
    """What a message shows: a set of ``LEVELS``, and whether it only quotes violent words of a harasser.

    ``quoted`` is never true together with a level.
    """

    levels: frozenset[str]
    quoted: bool


@dataclass(frozen=True)
class _Group:
    """Expressions of one meaning; ``unless``, in the same sentence, says that the meaning is another one."""

    found: re.Pattern[str]
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class _Level:
    """One level: its groups, and what calms a sentence or a whole message unless ``serious`` is there too."""

    groups: tuple[_Group, ...]
    calm: re.Pattern[str]
    calm_message: re.Pattern[str]
    serious: re.Pattern[str]


@dataclass(frozen=True)
class _Eraser:
    """An expression that gives way to ``mark``, one word, before anything else is read."""

    found: re.Pattern[str]
    mark: str
    quote: bool


@dataclass(frozen=True)
class _Lexicon:
    misspelt: re.Pattern[str]
    # What the n-th group of `misspelt` stands for; the groups count from 1.
    spelt: tuple[str, ...]
    words: Mapping[str, str]
    fillers: frozenset[str]
    erasers: tuple[_Eraser, ...]
    levels: Mapping[str, _Level]


def detect(text: str) -> Signs:
    """Return the signs of crisis in ``text``, of which the first ``READ_LIMIT`` characters are read."""
    lexicon = _load()
    levels: set[str] = set()
    quoted = False
    for form in _forms(text[:READ_LIMIT], lexicon):
        for eraser in lexicon.erasers:
            form, count = eraser.found.subn(eraser.mark, form)
            quoted = quoted or (eraser.quote and count > 0)
        levels |= {name for name, level in lexicon.levels.items() if name not in levels and _shows(form, level)}
    return Signs(frozenset(levels), quoted and not levels)


def _shows(form: str, level: _Level) -> bool:
    matches = ((group, match) for group in level.groups for match in group.found.finditer(form))
    first = next(matches, None)
    if first is None:
        return False
    serious = level.serious.search(form)
    if not serious and level.calm_message.search(form):
        return False
    for group, match in chain((first,), matches):
        sentence = _sentence(form, match.start())
        if not (group.unless and group.unless.search(sentence)) and (serious or not level.calm.search(sentence)):
            return True
    return False


def _sentence(form: str, position: int) -> str:
    """Return the sentence of ``form`` that holds ``position``."""
    start = form.rfind(_SENTENCE_END, 0, position) + 1
    end = form.find(_SENTENCE_END, position)
    return form[start:end] if end >= 0 else form[start:]


def _forms(text: str, lexicon: _Lexicon) -> Iterator[str]:
    """Yield the text as typed and with SMS spelling written out: each can hide what the other shows."""
    text = _ELLIPSIS.sub(" ", text.replace("\n", " . "))
    typed = _plain(fold(text), lexicon)
    yield typed
    if (written_out := _plain(normalise(text), lexicon)) != typed:
        yield written_out


def _plain(folded: str, lexicon: _Lexicon) -> str:
    """Return words and stops (« , » and « . ») one space apart, without elision, « ne » or filler."""
    folded = lexicon.misspelt.sub(lambda match: lexicon.spelt[match.lastindex or 0], folded)
    kept: list[str] = []
    for token in _TOKEN.findall(_ELONGATION.sub(r"\1", folded)):
        if token in _STOPS:
            kept.append(_STOPS[token])
            continue
        glued = _GLUED.match(token) and token not in lexicon.words
        words = (f"{token[0]}e", token[1:]) if glued else (token,)
        for word in " ".join(lexicon.words.get(word, word) for word in words).split():
            negation = word == "n" or (word == "ne" and not (kept and kept[-1] in _BORN))
            if not negation and word not in lexicon.fillers:
                kept.append(word)
    return " ".join(kept).strip(" .,")


@cache
def _load(path: Path | None = None) -> _Lexicon:
    """Return the expressions of `knowledge/crisis.yml`, compiled.

    Raises:
        ValueError: a fragment is not defined, or an expression is not a regular expression.
    """
    data = yaml.safe_load((path or PROJECT / "knowledge" / "crisis.yml").read_text(encoding="utf-8"))
    compiled = _compiler(data["fragments"])
    return _Lexicon(
        misspelt=compiled("graphies", [f"({'|'.join(typed)})" for typed in data["graphies"].values()]),
        spelt=("", *data["graphies"]),
        words={typed: plain for typed, plain in data["mots"].items()},
        fillers=frozenset(data["mots_vides"]),
        erasers=tuple(
            _Eraser(
                found=compiled(f"efface.{group['nom']}", group["expressions"]),
                mark=group.get("marque", "_"),
                quote="marque" in group,
            )
            for group in data["efface"]
        ),
        levels={name: _level(name, data["niveaux"][name], compiled) for name in LEVELS},
    )


def _level(name: str, data: dict[str, Any], compiled: Callable[[str, list[str]], re.Pattern[str]]) -> _Level:
    groups = []
    for group in data["groupes"]:
        where = f"{name}.{group['nom']}"
        unless = compiled(f"{where}.sauf", group["sauf"]) if "sauf" in group else None
        groups.append(_Group(compiled(where, group["expressions"]), unless))
    return _Level(
        groups=tuple(groups),
        calm=compiled(f"{name}.calme", data["calme"]),
        calm_message=compiled(f"{name}.calme_message", data["calme_message"]),
        serious=compiled(f"{name}.serieux", data["serieux"]),
    )


def _compiler(fragments: Mapping[str, str | list[str]]) -> Callable[[str, list[str]], re.Pattern[str]]:
    """Return a function from (place, expressions) to one pattern of whole words, fragments written out."""

    def expand(where: str, expression: str) -> str:
        def fragment(match: re.Match[str]) -> str:
            value = fragments.get(match[1])
            if value is None:
                raise ValueError(f"crisis.yml: {where}: no fragment <{match[1]}>; define it under `fragments`")
            return expand(where, value if isinstance(value, str) else f"(?:{'|'.join(value)})")

        return _FRAGMENT.sub(fragment, expression)

    def compiled(where: str, expressions: list[str]) -> re.Pattern[str]:
        for expression in expressions:
            try:
                re.compile(expand(where, expression))
            except re.error as error:
                raise ValueError(f"crisis.yml: {where}: « {expression} »: {error}; mend the expression") from error
        # For speed: (?=\w), since the end of a word is no place to try hundreds of expressions, and
        # each fragment that expressions begin with is tried once for all of them.
        by_opening: dict[str, list[str]] = {}
        for expression in expressions:
            opening = _OPENING.match(expression)
            prefix = opening[0] if opening else ""
            by_opening.setdefault(prefix, []).append(expression.removeprefix(prefix))
        joined = "|".join(f"{prefix}(?:{'|'.join(rests)})" for prefix, rests in by_opening.items())
        return re.compile(rf"\b(?=\w)(?:{expand(where, joined)})\b")

    return compiled
