"""Ages and school years, and whose they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from boussole.understanding.lexicon import AgeWords, Frame, Lexicon, Pattern

MAJORITY = 18
AGES = range(3, 105)
# « Elle a 12 » without « ans » may be a mark or a count: read only when it can hardly be anything else.
BARE_AGES = range(8, 20)

# How far back, in characters, the owner of an age is looked for.
_REACH = 90
# What may stand between a person and their age: a name, an adjective.
_NAME = re.compile(r"(?: [a-z-]+){0,3}(?: ,| \()? ?")
_FUTURE = re.compile(r"\b(?:va|vais|vont|aura|aurai|auront|fetera) (?:avoir |ses |mes )*$")
_SENTENCE_START = re.compile(r"(?:^|[.!?;,(] )$")
_SENTENCE_END = re.compile(r" ?(?:[.!?;,)]|$)")
_GENDERS = {"il": "mx", "elle": "fx"}


@dataclass(frozen=True)
class Mention:
    """A person named in the text; roles and genders are those of `lexicon.yml`."""

    role: str
    gender: str
    start: int
    end: int


@dataclass(frozen=True)
class AgeClue:
    """Somebody's being under 18, or not.

    ``owner`` is ``soi`` (who writes), a role of `lexicon.yml` (``enfant``, ``proche``, ``adulte``, ``tiers``),
    ``il`` (he or she, nobody named before) or ``seul`` (nobody named at all).
    """

    owner: str
    minor: bool
    start: int
    end: int


def find_mentions(text: str, lexicon: Lexicon) -> tuple[Mention, ...]:
    """Return the people named in the normalised ``text``, in order, without overlap."""
    kept: list[Mention] = []
    for person in lexicon.persons:
        for match in person.said.finditer(text):
            if all(match.end() <= other.start or other.end <= match.start() for other in kept):
                kept.append(Mention(person.role, person.gender, *match.span()))
    return tuple(sorted(kept, key=lambda mention: mention.start))


def read_number(words: str, numbers: Mapping[str, int]) -> int | None:
    """Return the number that ``words`` say (« 13 », « trente-cinq », « quatre-vingt »), or None (« deux-trois »)."""
    if words.isdigit():
        return int(words)
    total = 0
    for word in re.split(r"[ -]", words):
        value = numbers.get(word, 0)
        if value == 20 and total == 4:
            total = 80
        elif total and value >= total:
            return None
        else:
            total += value
    return total


def find_ages(
    text: str, mentions: tuple[Mention, ...], lexicon: Lexicon, today: date, asked: bool
) -> tuple[AgeClue, ...]:
    """Return what the normalised ``text`` says of ages and school years, in order.

    Args:
        text: the normalised message.
        mentions: the people that it names.
        lexicon: the expressions to read.
        today: for years of birth.
        asked: the message answers the question of the age: a lone number counts.
    """
    words = lexicon.ages
    clues = [
        *_ages(text, mentions, lexicon, asked),
        *_births(text, mentions, words, today),
        *_grades(text, mentions, words, asked),
    ]
    return tuple(sorted(clues, key=lambda clue: clue.start))


def _ages(text: str, mentions: tuple[Mention, ...], lexicon: Lexicon, asked: bool) -> Iterator[AgeClue]:
    words = lexicon.ages
    for pattern, expected in ((words.age, AGES), (words.bare_age, AGES if asked else BARE_AGES)):
        for match in pattern.finditer(text):
            number = read_number(match["n"], lexicon.numbers)
            if number is None or number not in expected or words.not_after.match(text[match.end() :]):
                continue
            before, not_yet = _strip(text[: match.start()], words)
            owner = _owner(before, text[match.end() :], mentions, words.years, words.not_before)
            if asked:
                owner = owner or "seul"
            elif owner == "seul" and pattern is words.bare_age:
                continue
            if owner is not None:
                not_yet = not_yet or bool(_FUTURE.search(before[-_REACH:]))
                yield AgeClue(owner, number < MAJORITY or (number == MAJORITY and not_yet), *match.span())


def _births(text: str, mentions: tuple[Mention, ...], words: AgeWords, today: date) -> Iterator[AgeClue]:
    for match in words.born.finditer(text):
        turned = today.year - int(match["year"])
        # In the year of the eighteenth birthday, only the day would tell.
        if turned not in AGES or turned == MAJORITY:
            continue
        before, _ = _strip(text[: match.start()], words)
        owner = _owner(before, text[match.end() :], mentions, words.grades, words.not_before)
        yield AgeClue(owner or "seul", turned < MAJORITY, *match.span())


def _grades(text: str, mentions: tuple[Mention, ...], words: AgeWords, asked: bool) -> Iterator[AgeClue]:
    for pattern in (words.grade, words.bare_grade) if asked else (words.grade,):
        for match in pattern.finditer(text):
            before, _ = _strip(text[: match.start()], words)
            owner = _owner(before, text[match.end() :], mentions, words.grades, None)
            if asked:
                owner = owner or "seul"
            if owner is not None and owner != "adulte":
                yield AgeClue(owner, True, *match.span())


def _strip(before: str, words: AgeWords) -> tuple[str, bool]:
    """Return ``before`` without the small words at its end, and whether one says that the age is not reached yet."""
    end = before[-_REACH:]
    soon = words.soon.search(end)
    cut = soon or words.filler.search(end)
    return before[: len(before) - len(end) + cut.start()] if cut else before, soon is not None


def _owner(
    before: str, after: str, mentions: tuple[Mention, ...], frame: Frame, not_before: Pattern | None
) -> str | None:
    """Return whose age or year it is, from the text ``before`` and ``after`` it, or None when it cannot be told.

    Several people, and what is no age at all (« depuis 2 ans »), are a ``tiers``.
    """
    end = before[-_REACH:]
    if frame.writer.search(end):
        return "soi"
    if frame.plural.search(end):
        return "tiers"
    if pronoun := frame.pronoun.search(end):
        return _antecedent(pronoun[0], len(before) - len(end) + pronoun.start(), mentions)
    if not_before is not None and not_before.search(end):
        return "tiers"
    if link := frame.link.search(end):
        before = before[: len(before) - len(end) + link.start()]
    for mention in reversed(mentions):
        if mention.end <= len(before) and _NAME.fullmatch(before[mention.end :]):
            return mention.role
    alone = _SENTENCE_START.search(before) and _SENTENCE_END.match(after)
    return "seul" if alone else None


def _antecedent(pronoun: str, position: int, mentions: tuple[Mention, ...]) -> str:
    genders = _GENDERS.get(pronoun.split()[0], "fmx")
    for mention in reversed(mentions):
        if mention.end <= position and mention.gender in genders:
            return mention.role
    return "il"
