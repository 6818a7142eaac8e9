"""Sending to a platform that may be busy or broken for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

# Seconds before each new try: some twelve minutes in all, within which a platform is mostly back.
WAITS = (1, 2, 4, 8, 16, 32, 60, 120, 240, 240)
# What a platform asks to wait is believed up to here.
LONGEST_WAIT = 300.0


class BusyError(Exception):
    """The platform cannot take the message now.

    ``retry_after`` is the number of seconds that it asks to wait, or None; ``reason`` says what happened, without
    anybody's words.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        """Keep the reason and the wait."""
        super().__init__(reason)
        self.retry_after = retry_after


class RefusedError(Exception):
    """The platform will never take the message; the message of the error says why, without anybody's words."""


class UndeliveredError(Exception):
    """The platform could not be reached for so long that the message was given up for now; the log says why."""


async def deliver(channel: str, send: Callable[[], Awaitable[None]], sleep: Sleep = asyncio.sleep) -> bool:
    """Send one message, again and again while the platform is busy.

    Args:
        channel: for the log.
        send: sends it; raises BusyError, RefusedError, or a network error of aiohttp.
        sleep: waits so many seconds.

    Returns:
        Whether it was sent. When the platform refuses it for ever, the log says why.

    Raises:
        UndeliveredError: the platform is still busy after the last try; the log says why.
    """
    for wait in (*WAITS, None):
        try:
            await send()
            return True
        except RefusedError as error:
            logger.error("%s refused a message: %s", channel, error)
            return False
        except (BusyError, aiohttp.ClientError, TimeoutError, OSError) as error:
            if wait is None:
                logger.error("%s could not be reached, a message is given up for now: %s", channel, _reason(error))
                raise UndeliveredError(channel) from error
            asked = error.retry_after if isinstance(error, BusyError) else None
            delay = float(wait) if asked is None else min(max(asked, 0.0), LONGEST_WAIT)
            logger.warning("%s is busy, trying again in %g s: %s", channel, delay, _reason(error))
            await sleep(delay)
    return False


def _reason(error: Exception) -> str:
    # The text of a network error may hold an address with a token in it.
    return str(error) if isinstance(error, BusyError) else type(error).__name__


def retry_after(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, or None when it does not say."""
    if not header:
        return None
    try:
        return float(header)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        # No date, or one that does not say in which zone.
        return None
