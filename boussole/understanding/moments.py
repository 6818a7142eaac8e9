"""Dates and durations, as people say them: when was that?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from boussole.triage.deadlines import add_months, month_has_passed
from boussole.understanding.ages import read_number
from boussole.understanding.lexicon import Season, Vague, load_lexicon

# « Plus de deux mois » has no far end: this one is far enough.
_LONG_AGO = timedelta(days=3_650)
_MONTH_HOURS = 720
# How far before a duration, in characters, the words that change it are looked for.
_REACH = 40

# The first and last days that an expression can mean; None when it means no day.
Reading = tuple[date, date] | None
Reader = tuple[re.Pattern[str], Callable[[re.Match[str], date], Reading]]


@dataclass(frozen=True)
class Moment:
    """A time in the past, between the days ``first`` and ``last``; the day is known when they are equal."""

    first: date
    last: date
    start: int
    end: int

    @property
    def day(self) -> date | None:
        """The day, when it is known."""
        return self.first if self.first == self.last else None

    def month_has_passed(self, today: date) -> bool | None:
        """Tell whether a month has passed since then, or None when it depends on the day."""
        early, late = month_has_passed(self.first, today), month_has_passed(self.last, today)
        return early if early == late else None


def find_moments(text: str, today: date) -> tuple[Moment, ...]:
    """Return the times that the normalised ``text`` names, in order, without overlap; none is after ``today``."""
    taken: list[tuple[int, int]] = []
    moments = []
    for pattern, read in _readers():
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            reading = read(match, today)
            if reading is not None and reading[1] <= today:
                moments.append(Moment(*reading, start, end))
    return tuple(sorted(moments, key=lambda moment: moment.start))


@cache
def _readers() -> tuple[Reader, ...]:
    """Return the patterns of time, the most precise first: what one has read is not read again."""
    lexicon = load_lexicon()
    words = lexicon.times
    number = rf"(?:{'|'.join(lexicon.numbers)})"
    number = rf"(?:\d{{1,3}}|{number}(?:[ -](?:et[ -])?{number})*)"
    month = "|".join(words.months)
    # « sept » is a number, « mai » and « mars » are rarely alone: a month alone needs its whole name.
    long_month = "|".join(name for name in words.months if len(name) > 4 or name in ("mars", "mai", "juin", "aout"))
    unit = "|".join(words.units)
    rough = rf"(?:une? )?(?:bonne |petite )?(?P<rough>{'|'.join(words.rough)}) (?:de |d )"
    amount = rf"(?P<n>(?:{number}(?: {words.size})?)|{rough}|une? (?:{words.size} )?)"
    weekday = rf"(?:ce )?(?:{'|'.join(words.weekdays)})(?: prochain)?"
    rank = rf"(?P<rank>{'|'.join(words.ranks)}|\d{{1,2}} ?e(?:me)?)"
    sources: tuple[tuple[str, Callable[[re.Match[str], date], Reading]], ...] = (
        (r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)", _read_day),
        (r"(?P<d>\d{1,2})(?: / |[/.-])(?P<m>\d{1,2})(?:(?: / |[/.-])(?P<y>\d{4}|\d\d))?(?! /)", _read_day),
        (rf"(?P<d>1 ?er|premier|\d{{1,2}}|{number}) (?P<m>{month})(?: (?P<y>20\d\d))?", _read_day),
        *((vague.said.pattern, _vague(vague)) for vague in words.vague),
        (
            rf"{amount} ?(?P<unit>{unit})(?P<half> et demie?)?"
            rf"(?: et (?P<n2>{number}) ?(?P<unit2>{unit}))?(?! d (?:avance|ecart)| de (?:cours|prison|suite))"
            # « Cinq semaines vendredi » are five weeks; the day only says when they will be whole.
            rf"(?: {weekday}(?= ?[.,!?;]|$))?",
            _read_duration,
        ),
        (rf"(?:la|ma|notre|en|cette) {rank} (?P<unit>semaine|mois)", _read_rank),
        (rf"(?:le|mon|notre|ce) {rank} (?P<unit>mois)", _read_rank),
        ("|".join(words.relative), _read_relative),
        (r"(?:le |au )?mois (?:dernier|passe|d avant)", _read_last_month),
        (r"ce mois(?:-ci| ci)?", _read_this_month),
        (r"(?:l an|l annee|annee) (?:dernier|derniere|passee?|scolaire derniere)", _read_last_year),
        (
            rf"(?<!tous les )(?<!chaque )(?<!jusqu a )(?<!d ici )(?<!avant )(?<!pour )"
            rf"(?P<w>{'|'.join(words.weekdays)})(?! prochain)(?! en )",
            _read_weekday,
        ),
        *((season.said.pattern, _season(season)) for season in words.seasons),
        (
            rf"(?:(?P<part>debut|mi|milieu|fin|courant)[ -]|en |depuis |au mois de |du mois de |mois de |^)"
            rf"(?:de |d |du mois de )?(?P<m>{long_month})(?: (?P<y>20\d\d))?",
            _read_month,
        ),
        (r"(?:le|du) (?P<d>1er|\d{1,2})(?: du mois)?(?P<before> dernier)?(?= [.,!?;]|$)", _read_day_of_month),
    )
    return tuple((re.compile(rf"(?<!\w)(?:{source})(?!\w)"), read) for source, read in sources)


def _vague(vague: Vague) -> Callable[[re.Match[str], date], Reading]:
    def read(match: re.Match[str], today: date) -> Reading:
        # The far end of « la semaine dernière » is a bound, not a day that somebody said.
        return today - timedelta(days=vague.farthest), today - timedelta(days=vague.nearest)

    return read


def _season(season: Season) -> Callable[[re.Match[str], date], Reading]:
    def read(match: re.Match[str], today: date) -> Reading:
        for year in (today.year, today.year - 1):
            first = date(year, season.first[1], season.first[0])
            last = date(
                year + (season.last < season.first and season.last[1] < season.first[1]), season.last[1], season.last[0]
            )
            if first <= today:
                return first, min(last, today)
        return None

    return read


def _read_day(match: re.Match[str], today: date) -> Reading:
    day = _day_number(match["d"])
    month = load_lexicon().times.months.get(match["m"]) or (int(match["m"]) if match["m"].isdigit() else 0)
    said_year = match["y"]
    year = today.year if said_year is None else int(said_year) % 100 + 2000
    try:
        found = date(year, month, day)
        if said_year is None and found > today:
            found = date(year - 1, month, day)
    except ValueError:
        return None
    return found, found


def _day_number(word: str) -> int:
    if word.replace(" ", "") in ("1er", "premier"):
        return 1
    return read_number(word, load_lexicon().numbers) or 0


def _read_duration(match: re.Match[str], today: date) -> Reading:
    ago = _ago(match, today)
    if ago is None:
        return None
    words = load_lexicon().times
    before = match.string[max(0, match.start() - _REACH) : match.start()]
    if match["unit"].startswith("an") and before and not words.since.search(before):
        return None
    doubt = bool(match["rough"] or words.doubt.search(match.string))
    if words.nearly_before.search(before) and not words.doubt.search(match.string):
        return ago + timedelta(days=1), today - (today - ago) * 3 // 5
    more = words.more_before.search(before) or words.more_after.match(match.string[match.end() :])
    if more or words.less_before.search(before):
        if words.doubt.search(match.string):
            return None
        return (ago - _LONG_AGO, ago - timedelta(days=1)) if more else (ago + timedelta(days=1), today)
    if doubt:
        margin = timedelta(days=max(2, (today - ago).days // 4))
        return ago - margin, min(ago + margin, today)
    return ago, ago


def _ago(match: re.Match[str], today: date) -> date | None:
    """Return the day that is the matched duration before ``today``."""
    lexicon = load_lexicon()
    if match["rough"]:
        count: int | None = lexicon.times.rough[match["rough"]]
    elif match["n"].startswith("un"):
        count = 1 if match["n"].split()[0] in ("un", "une") else None
    else:
        count = read_number(re.sub(rf" {lexicon.times.size}$", "", match["n"].strip()), lexicon.numbers)
    if not count:
        return None
    hours, months = lexicon.times.units[match["unit"]]
    ago = add_months(today, -months * count) - timedelta(days=hours * count // 24)
    if match["half"]:
        ago -= timedelta(days=(hours + months * _MONTH_HOURS) // 48)
    if match["n2"]:
        hours2, months2 = lexicon.times.units[match["unit2"]]
        more = read_number(match["n2"], lexicon.numbers)
        # « Entre deux semaines et deux mois » is not a sum.
        if more is None or hours2 + months2 * _MONTH_HOURS >= hours + months * _MONTH_HOURS:
            return None
        ago = add_months(ago, -months2 * more) - timedelta(days=hours2 * more // 24)
    return ago


def _read_rank(match: re.Match[str], today: date) -> Reading:
    words = load_lexicon().times
    said = match["rank"]
    count = words.ranks.get(said) or int(re.sub(r"\D", "", said))
    hours, months = words.units[match["unit"]]
    first, last = (
        add_months(today, -months * whole) - timedelta(days=hours * whole // 24) for whole in (count, count - 1)
    )
    return first + timedelta(days=1), last


def _read_relative(match: re.Match[str], today: date) -> Reading:
    day = today - timedelta(days=load_lexicon().times.relative[match[0]])
    return day, day


def _read_last_month(match: re.Match[str], today: date) -> Reading:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _read_this_month(match: re.Match[str], today: date) -> Reading:
    return today.replace(day=1), today


def _read_last_year(match: re.Match[str], today: date) -> Reading:
    return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)


def _read_weekday(match: re.Match[str], today: date) -> Reading:
    gap = (today.weekday() - load_lexicon().times.weekdays[match["w"]]) % 7 or 7
    return today - timedelta(days=gap), today - timedelta(days=gap)


def _read_month(match: re.Match[str], today: date) -> Reading:
    month = load_lexicon().times.months[match["m"]]
    year = int(match["y"] or today.year - (month > today.month))
    end = (add_months(date(year, month, 1), 1) - timedelta(days=1)).day
    first, last = {"debut": (1, 12), "mi": (10, 20), "milieu": (10, 20), "fin": (20, end)}.get(match["part"], (1, end))
    start = date(year, month, first)
    # « Fin novembre » said on the 15th means nothing yet, or last year: it stays unread.
    return (start, min(date(year, month, last), today)) if start <= today else None


def _read_day_of_month(match: re.Match[str], today: date) -> Reading:
    day = _day_number(match["d"])
    month = today.replace(day=1)
    if match["before"] or day > today.day:
        month = add_months(month, -1)
    try:
        found = month.replace(day=day)
    except ValueError:
        return None
    return found, found
