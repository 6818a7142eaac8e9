"""Opening hours: is a service open now, and if not, when does it open."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAYS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
DAY_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

IsHoliday = Callable[[date], bool]


@dataclass(frozen=True)
class Span:
    """One daily span: ``days`` are 0 (Monday) to 6; minutes count from midnight, up to 1,440."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True)
class Hours:
    """A service's hours as its source gives them.

    ``spans`` is empty when they are not known. ``holidays`` is ``ouvert``, ``ferme`` or ``inconnu``:
    what the source says of public holidays; on a holiday an ``inconnu`` service is neither open
    nor closed.
    """

    text: str
    spans: tuple[Span, ...] = ()
    holidays: str = "inconnu"

    def is_open(self, moment: datetime, is_holiday: IsHoliday) -> bool | None:
        """Tell whether the service answers at ``moment`` (Paris time); None when it is not known."""
        if not self.spans:
            return None
        if is_holiday(moment.date()) and self.holidays != "ouvert":
            return None if self.holidays == "inconnu" else False
        minute = moment.hour * 60 + moment.minute
        return any(moment.weekday() in span.days and span.start <= minute < span.end for span in self.spans)

    def opens_at(self, moment: datetime, is_holiday: IsHoliday) -> datetime | None:
        """Return when the service next opens, within eight days; None when open now or not known."""
        if self.is_open(moment, is_holiday) is not False:
            return None
        for ahead in range(9):
            day = moment.date() + timedelta(days=ahead)
            if is_holiday(day) and self.holidays != "ouvert":
                continue
            starts = sorted(span.start for span in self.spans if day.weekday() in span.days)
            for start in starts:
                opening = datetime.combine(day, time(start // 60, start % 60), tzinfo=moment.tzinfo)
                if opening > moment:
                    return opening
        return None

    def describe(self, moment: datetime, is_holiday: IsHoliday) -> str:
        """Return « ouvert maintenant », « ouvre à 9 h », « ouvre lundi à 9 h »… or an empty text."""
        if self.is_open(moment, is_holiday):
            return "ouvert maintenant"
        opening = self.opens_at(moment, is_holiday)
        if opening is None:
            return ""
        clock = f"{opening.hour} h" + (f" {opening.minute:02}" if opening.minute else "")
        days = (opening.date() - moment.date()).days
        when = {0: "", 1: "demain "}.get(days, f"{DAY_NAMES[opening.weekday()]} ")
        return f"ouvre {when}à {clock}"
