"""Deadlines: one month for the platform, three months for insults, six years for harassment."""

from datetime import date

import pytest

from boussole.triage.deadlines import (
    add_months,
    harassment_deadline,
    month_has_passed,
    platform_answer_due,
    public_insult_deadline,
)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_months_are_calendar_months(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_the_platform_has_one_month() -> None:
    assert platform_answer_due(date(2026, 10, 22)) == date(2026, 11, 22)
    assert month_has_passed(date(2026, 10, 22), date(2026, 11, 22))
    assert not month_has_passed(date(2026, 10, 23), date(2026, 11, 22))


def test_insults_and_harassment_have_their_own_deadlines() -> None:
    assert public_insult_deadline(date(2026, 11, 22)) == date(2027, 2, 22)
    assert harassment_deadline(date(2026, 11, 22)) == date(2032, 11, 22)
