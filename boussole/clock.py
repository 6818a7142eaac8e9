"""The current time in Paris, or the one that a test asks for."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
VARIABLE = "BOUSSOLE_MAINTENANT"


def now() -> datetime:
    """Return the current time, aware, in Europe/Paris.

    The environment variable ``BOUSSOLE_MAINTENANT`` (ISO 8601; naive values are taken as Paris
    time) replaces the clock, so that hours and deadlines can be tested (contract.md, section 4).

    Raises:
        ValueError: the variable is set to something that is not an ISO 8601 date and time.
    """
    fixed = os.environ.get(VARIABLE)
    if not fixed:
        return datetime.now(PARIS)
    moment = datetime.fromisoformat(fixed)
    return moment.astimezone(PARIS) if moment.tzinfo else moment.replace(tzinfo=PARIS)
