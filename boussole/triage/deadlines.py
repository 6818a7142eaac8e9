"""Deadlines counted in calendar months and years."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month when it is shorter.

    This is how French procedure counts a delay in months (code de procédure civile, art. 641).
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def platform_answer_due(reported: date) -> date:
    """Return the day on which the platform's month ends (GDPR art. 12(3); facts.md, section 3)."""
    return add_months(reported, 1)


def month_has_passed(reported: date, today: date) -> bool:
    """Tell whether the platform's month is over on ``today``."""
    return today >= platform_answer_due(reported)


def public_insult_deadline(published: date) -> date:
    """Return the last day to act on a public insult or defamation: three months (facts.md, section 6)."""
    return add_months(published, 3)


def harassment_deadline(last_act: date) -> date:
    """Return the last day to file a complaint for harassment: six years after the last act (facts.md, section 6)."""
    return add_months(last_act, 72)
