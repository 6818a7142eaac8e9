"""French public holidays."""

from datetime import date
from functools import cache

import holidays


@cache
def _calendar(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_holiday(day: date) -> bool:
    """Tell whether ``day`` is a public holiday in metropolitan France."""
    return day in _calendar(day.year)
