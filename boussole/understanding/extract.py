"""Exact extraction: the facts that language says regularly and with near certainty.

A trained classifier deals with everything else; the words are in `knowledge/lexicon.yml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from boussole.triage.knowledge import load_knowledge
from boussole.understanding.ages import AgeClue, Mention, find_ages, find_mentions
from boussole.understanding.lexicon import Lexicon, Rule, load_lexicon
from boussole.understanding.moments import Moment, find_moments
from boussole.understanding.normalise import READ_LIMIT, fold, normalise

# Questions about the report to the platform: a lone date or duration answers them.
REPORT_QUESTIONS = frozenset({"plateforme_alertee", "reponse_plateforme", "un_mois_passe"})

# How far from the report, in words, its date may stand, after it and before it.
_WORDS_AFTER, _WORDS_BEFORE = 9, 5
# An answer that is a date or a duration has hardly anything after it, in words.
_WORDS_BEYOND = 4

_SENTENCE_END = re.compile(r"[.!?;]")
_TOKEN = re.compile(r"\S+")
_NOT_ON = re.compile(r"(?:pas|ni|jamais) (?:sur |dans |via )?(?:l )?$")


@dataclass(frozen=True)
class Found:
    """``value`` of ``slot`` (contract.md, section 1), read between two offsets of the normalised text."""

    slot: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class _Message:
    """A message being read: its texts, who is named in it, and the question that it answers.

    ``lover``: the person says « ma meuf » or « mon mec », which SMS spelling turns into a girl or a boy.
    """

    raw: str
    text: str
    today: date
    pending: str | None
    lexicon: Lexicon
    mentions: tuple[Mention, ...]
    lover: bool

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the sentence that holds the span."""
        first = max((match.end() for match in _SENTENCE_END.finditer(self.text, 0, start)), default=0)
        after = _SENTENCE_END.search(self.text, end)
        return first, after.start() if after else len(self.text)


def extract(text: str, today: date, pending: str | None = None) -> tuple[Found, ...]:
    """Return the facts that a message says with near certainty, in the order in which it says them.

    Args:
        text: what the person wrote, as typed; it is normalised here, and read up to ``READ_LIMIT`` characters.
        today: the day that durations and ages are counted from.
        pending: the slot of the question that the message answers, or None.

    Returns:
        For each slot one value at most, except ``plateforme`` (every platform named). ``date_signalement`` is an
        ISO date, never after ``today``. ``redacteur_mineur`` (``oui``) says that the person who writes is under 18.
    """
    if not text.strip():
        return ()
    lexicon = load_lexicon()
    plain = normalise(text)
    lover = lexicon.lovers.search(fold(text[:READ_LIMIT])) is not None
    message = _Message(text[:READ_LIMIT], plain, today, pending, lexicon, _mentions(plain, lexicon, lover), lover)
    return tuple(sorted(_read(message), key=lambda found: (found.start, found.slot)))


def _mentions(text: str, lexicon: Lexicon, lover: bool) -> tuple[Mention, ...]:
    mentions = find_mentions(text, lexicon)
    if not lover:
        return mentions
    return tuple(Mention("proche", one.gender, one.start, one.end) if one.role == "enfant" else one for one in mentions)


def _read(message: _Message) -> Iterator[Found]:
    yield from _platforms(message)
    profile = _first(message, "profil")
    if profile and message.lover and profile.value == "parent":
        profile = None
    if profile:
        yield profile
    yield from _ages(message, profile.value if profile else None)
    alerted = _agreed(message, "plateforme_alertee")
    yield from alerted
    said = any(one.value == "oui" for one in alerted)
    reported = said or message.pending in ("reponse_plateforme", "un_mois_passe")
    for slot in ("cadre_scolaire", "contenu_public", "auteur_connu", "moteur_recherche"):
        yield from _agreed(message, slot)
    yield from _agreed(message, "reponse_plateforme", reported=reported)
    if said or not alerted:
        yield from _report_date(message)


# --- Rules -----------------------------------------------------------------------------------------------------------


def _match(message: _Message, rule: Rule) -> re.Match[str] | None:
    """Return where ``rule`` holds in the message, or None."""
    found = next(_matches(message, rule), None)
    if found is None:
        return None
    if rule.unless_message and rule.unless_message.search(message.text):
        return None
    if rule.needs and not rule.needs.search(message.text):
        return None
    return found


def _matches(message: _Message, rule: Rule) -> Iterator[re.Match[str]]:
    for match in rule.said.finditer(message.text):
        if not rule.unless or not rule.unless.search(message.text, *message.sentence(*match.span())):
            yield match


def _first(message: _Message, slot: str) -> Found | None:
    """Return what the first rule that holds says: the rules are in order of confidence."""
    for rule in message.lexicon.rules[slot]:
        match = _match(message, rule)
        if match:
            return Found(slot, rule.value, *match.span()) if rule.value else None
    return None


def _agreed(message: _Message, slot: str, *, reported: bool = False, writer: bool = False) -> list[Found]:
    """Return what the rules say when all those that hold say the same.

    Args:
        message: the message.
        slot: the slot to fill.
        reported: a report to the platform is what the message is about.
        writer: the person who writes is the one that the slot is about.
    """
    found = []
    for rule in message.lexicon.rules[slot]:
        if (rule.after_report and not reported) or (rule.about_writer and not writer):
            continue
        match = _match(message, rule)
        if match and rule.value:
            found.append(Found(slot, rule.value, *match.span()))
    return found[:1] if len({one.value for one in found}) == 1 else []


# --- Ages ------------------------------------------------------------------------------------------------------------


def _ages(message: _Message, profile: str | None) -> Iterator[Found]:
    asked = message.pending == "victime_mineure"
    clues = find_ages(message.text, message.mentions, message.lexicon, message.today, asked)
    if profile not in ("parent", "professionnel"):
        yield from _minor_writer(message, [clue for clue in clues if clue.owner == "soi"])
    if asked and message.lexicon.ages.doubt.search(message.text):
        return
    named = any(one.role in ("enfant", "proche", "adulte") for one in message.mentions)
    writer = asked or profile == "victime" or (profile is None and not named)
    owners = {"soi", "enfant", "proche", "adulte", "il", "seul"} if asked else _victims(message, profile, writer)
    victims = [clue for clue in clues if clue.owner in owners]
    if profile is None and any(clue.owner == "tiers" and clue.minor for clue in clues):
        # « J'ai 19 ans, une fille de 15 ans m'a envoyé… »: the writer may be the one who did it.
        victims = [clue for clue in victims if clue.owner != "soi" or clue.minor]
    if len({clue.owner for clue in victims}) > 1:
        # « Il a 28 ans et moi 12 »: « il » is somebody else.
        victims = [clue for clue in victims if clue.owner != "il"]
    if victims:
        if len({clue.minor for clue in victims}) == 1:
            yield Found("victime_mineure", "oui" if victims[0].minor else "non", victims[0].start, victims[0].end)
    elif profile != "auteur":
        yield from _agreed(message, "victime_mineure", writer=writer)


def _minor_writer(message: _Message, own: list[AgeClue]) -> Iterator[Found]:
    if any(one.role == "enfant" for one in message.mentions):
        return
    if not own:
        yield from _agreed(message, "redacteur_mineur")
    elif all(clue.minor for clue in own):
        yield Found("redacteur_mineur", "oui", own[0].start, own[0].end)


def _victims(message: _Message, profile: str | None, writer: bool) -> set[str]:
    """Return whose ages are the victim's, among the owners of an age clue."""
    if profile == "auteur":
        return set()
    owners = {"enfant"}
    if writer:
        owners.add("soi")
    involved = message.lexicon.ages.involved.search(message.text)
    if profile in ("temoin", "professionnel") or (profile is None and not involved):
        owners |= {"proche", "adulte"}
    if profile in ("victime", "parent") or (profile is None and not message.mentions):
        owners.add("seul")
    if profile != "victime":
        owners.add("il")
    return owners


# --- Platforms -------------------------------------------------------------------------------------------------------


@cache
def _aliases() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return first word -> (all words, platform id), the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for platform in load_knowledge().platforms.values():
        for alias in platform.aliases:
            words = tuple(fold(alias).replace("'", " ").split())
            table.setdefault(words[0], []).append((words, platform.id))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in table.items()}


@cache
def _exact_aliases() -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern for all the aliases whose capitals count, and alias -> platform id."""
    owners = {
        alias: platform.id for platform in load_knowledge().platforms.values() for alias in platform.exact_aliases
    }
    longest_first = sorted(owners, key=len, reverse=True)
    # Without any such alias, a pattern that never matches.
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)"), owners


def _platforms(message: _Message) -> list[Found]:
    named = [*_plain_aliases(message.text), *_capital_aliases(message.raw)]
    seen: dict[str, Found] = {}
    for found in sorted(named, key=lambda one: one.start):
        if not _NOT_ON.search(message.text[: found.start]):
            seen.setdefault(found.value, found)
    return list(seen.values())


def _plain_aliases(text: str) -> Iterator[Found]:
    tokens = [(match[0], *match.span()) for match in _TOKEN.finditer(text)]
    position = 0
    while position < len(tokens):
        words, value = _alias_at([token[0] for token in tokens[position : position + 5]])
        if value:
            yield Found("plateforme", value, tokens[position][1], tokens[position + words - 1][2])
        position += max(words, 1)


def _alias_at(words: list[str]) -> tuple[int, str | None]:
    """Return how many of the next ``words`` name a platform, and its id."""
    # A full stop without a space sticks two words together: « sur insta.Elle ».
    for first in dict.fromkeys((words[0], words[0].removesuffix("s"), words[0].split(".")[0])):
        for alias, value in _aliases().get(first, ()):
            if (first, *words[1 : len(alias)]) == alias:
                return len(alias), value
    return 0, None


def _capital_aliases(raw: str) -> Iterator[Found]:
    pattern, owners = _exact_aliases()
    for match in pattern.finditer(raw):
        before = raw[: match.start()]
        start = len(normalise(before)) + 1 if before.strip() else 0
        yield Found("plateforme", owners[match[0]], start, start + len(normalise(match[0])))


# --- Date of the report ----------------------------------------------------------------------------------------------


def _report_date(message: _Message) -> Iterator[Found]:
    if message.pending not in REPORT_QUESTIONS and not message.lexicon.times.report.search(message.text):
        return
    attached = [one for one in find_moments(message.text, message.today) if _is_report_date(message, one)]
    verdicts = {one.month_has_passed(message.today) for one in attached}
    if len(verdicts) != 1 or None in verdicts:
        return
    for moment in attached:
        if moment.day:
            yield Found("date_signalement", moment.day.isoformat(), moment.start, moment.end)
            break
    yield Found("un_mois_passe", "oui" if True in verdicts else "non", attached[0].start, attached[0].end)


def _is_report_date(message: _Message, moment: Moment) -> bool:
    """Tell whether ``moment`` is when the platform was asked, rather than when something else happened."""
    words = message.lexicon.times
    first, last = message.sentence(moment.start, moment.end)
    before, after = message.text[first : moment.start], message.text[moment.end : last]
    reports = list(words.report.finditer(before))
    if reports:
        gap = before[reports[-1].end() :]
        if len(gap.split()) <= _WORDS_AFTER and not words.other_subject.search(gap):
            return True
    clause = before.rpartition(",")[2]
    if words.other_subject.search(clause):
        return False
    report = words.report.search(after)
    if report and len(after[: report.start()].split()) <= _WORDS_BEFORE:
        return not words.other_subject.search(after[: report.start()])
    return _answers(message, moment)


def _answers(message: _Message, moment: Moment) -> bool:
    """Tell whether ``moment`` answers the pending question about the report."""
    if message.pending == "un_mois_passe":
        return True
    alone = message.lexicon.times.opening.fullmatch(message.text, 0, moment.start) is not None
    short = len(message.text[moment.end :].split()) <= _WORDS_BEYOND
    return message.pending in REPORT_QUESTIONS and alone and short
