"""What a platform's answer means: yes, later, or never."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from boussole.channels.api import Answer
from boussole.channels.delivery import BusyError, RefusedError, retry_after


@pytest.mark.parametrize("status", [200, 201, 204])
def test_yes(status: int) -> None:
    Answer(status, None, {}).check()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_later(status: int) -> None:
    with pytest.raises(BusyError, match=f"status {status}"):
        Answer(status, None, {}).check()


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404])
def test_never(status: int) -> None:
    with pytest.raises(RefusedError, match=f"status {status}"):
        Answer(status, None, {}).check()


def test_a_header_that_says_how_long_to_wait_goes_before_the_platform_s_own_way() -> None:
    with pytest.raises(BusyError) as error:
        Answer(429, None, {"Retry-After": "7"}).check(wait=3.0)
    assert error.value.retry_after == 7.0
    with pytest.raises(BusyError) as error:
        Answer(429, None, {}).check(wait=3.0)
    assert error.value.retry_after == 3.0


@pytest.mark.parametrize("header", [None, "", "bientôt", "Mon, 99 Jan 2026 00:00:00 GMT"])
def test_a_header_that_says_nothing(header: str | None) -> None:
    assert retry_after(header) is None


def test_a_header_may_be_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(minutes=2)
    assert 110 < (retry_after(format_datetime(moment, usegmt=True)) or 0) <= 120
