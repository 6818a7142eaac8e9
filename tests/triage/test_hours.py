"""Opening hours, in Paris time, with public holidays."""

from datetime import date, datetime

import pytest

from boussole.clock import PARIS, now
from boussole.triage.holidays import is_holiday
from boussole.triage.hours import Hours, Span
from boussole.triage.model import Knowledge

WEEK = frozenset(range(7))
DAILY = Hours("tous les jours", (Span(WEEK, 9 * 60, 23 * 60),), "ouvert")
OFFICE = Hours("en semaine", (Span(frozenset(range(5)), 9 * 60 + 30, 17 * 60),), "ferme")
UNSURE = Hours("en semaine", OFFICE.spans, "inconnu")
ALWAYS = Hours("jour et nuit", (Span(WEEK, 0, 24 * 60),), "ouvert")


def at(text: str) -> datetime:
    """A moment in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        (DAILY, "2026-11-20T08:59", False),
        (DAILY, "2026-11-20T09:00", True),
        (DAILY, "2026-11-20T22:59", True),
        (DAILY, "2026-11-20T23:00", False),
        (DAILY, "2026-12-25T12:00", True),
        (OFFICE, "2026-11-20T12:00", True),
        (OFFICE, "2026-11-21T12:00", False),
        (OFFICE, "2026-11-11T12:00", False),
        (UNSURE, "2026-11-11T12:00", None),
        (ALWAYS, "2026-11-20T23:59", True),
        (ALWAYS, "2026-11-20T00:00", True),
        (Hours("inconnus"), "2026-11-20T12:00", None),
    ],
)
def test_open_or_not(hours: Hours, moment: str, expected: bool | None) -> None:
    assert hours.is_open(at(moment), is_holiday) is expected


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        (DAILY, "2026-11-20T12:00", "ouvert maintenant"),
        (DAILY, "2026-11-20T07:00", "ouvre à 9 h"),
        (DAILY, "2026-11-20T23:30", "ouvre demain à 9 h"),
        (OFFICE, "2026-11-20T18:00", "ouvre lundi à 9 h 30"),
        (OFFICE, "2026-11-10T18:00", "ouvre jeudi à 9 h 30"),
        (UNSURE, "2026-11-11T12:00", ""),
        (Hours("inconnus"), "2026-11-20T12:00", ""),
    ],
)
def test_what_is_said_of_the_hours(hours: Hours, moment: str, expected: str) -> None:
    assert hours.describe(at(moment), is_holiday) == expected


def test_summer_time_is_paris_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-07-01T07:30:00+00:00")
    assert DAILY.is_open(now(), is_holiday)


def test_the_clock_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-11-22T10:00:00")
    assert now() == at("2026-11-22T10:00:00")
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "demain")
    with pytest.raises(ValueError, match="demain"):
        now()


def test_french_public_holidays() -> None:
    assert is_holiday(date(2026, 7, 14))
    assert is_holiday(date(2027, 3, 29))  # Easter Monday
    assert not is_holiday(date(2026, 7, 15))


def test_3018_answers_every_day_until_23(knowledge: Knowledge) -> None:
    hours = knowledge.services["3018"].hours
    assert hours.is_open(at("2026-11-22T22:30"), is_holiday)
    assert hours.is_open(at("2026-12-25T10:00"), is_holiday)
    assert hours.describe(at("2026-11-22T23:30"), is_holiday) == "ouvre demain à 9 h"


@pytest.mark.parametrize("service", ["17", "112", "114", "15", "3114", "119"])
def test_emergency_numbers_answer_day_and_night(knowledge: Knowledge, service: str) -> None:
    hours = knowledge.services[service].hours
    assert all(hours.is_open(at(f"2026-12-25T{hour:02}:30"), is_holiday) for hour in range(24))
