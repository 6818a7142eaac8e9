"""Each message of a platform is answered once, whichever process it reaches and whichever one dies."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Protocol

from redis.exceptions import RedisError

from boussole.channels.delivery import Sleep

logger = logging.getLogger(__name__)

# Seconds. A process that dies keeps a message from the others this long; it says this often that it lives.
LEASE, RENEWAL = 15.0, 5.0
# How often a process looks whether another one is done.
LOOK = 1.0
# WhatsApp, the most patient, presents an unacknowledged message again for up to seven days.
KEPT_SECONDS = 8 * 24 * 3600.0

_OUT_OF_ORDER = (sqlite3.Error, RedisError, OSError)


class Hold(Protocol):
    """A message that this process alone may answer, for ``LEASE`` seconds.

    ``sent`` is how many messages of the answer the person has; ``again`` tells whether it was held before.
    """

    sent: int
    again: bool

    async def keep(self) -> None:
        """Hold it for ``LEASE`` seconds more, and remember ``sent``."""

    async def end(self, answered: bool) -> None:
        """Remember for ``KEPT_SECONDS`` that it was answered, or let anybody answer it."""


class Ledger(Protocol):
    """Where it is noted who answers which message. Messages are keyed hashes; nothing else is known of them."""

    async def was_answered(self, message: str) -> bool:
        """Tell whether the message was answered."""

    async def hold(self, message: str) -> Hold | None:
        """Return the message to answer, or None when it was answered or another holds it."""


class Claim:
    """A message that is ours to answer."""

    def __init__(self, hold: Hold | None) -> None:
        """Answer what is held; None when the ledger is out of order: twice is better than not at all."""
        self._hold = hold
        self.sent = hold.sent if hold else 0
        self.again = hold.again if hold else False

    async def note_sent(self) -> None:
        """Remember that one more message of the answer was sent: it is not sent again, whoever goes on."""
        self.sent += 1
        if self._hold:
            self._hold.sent = self.sent
            with _written():
                await self._hold.keep()

    async def renew(self) -> None:
        """Hold the message until cancelled."""
        while self._hold:
            await asyncio.sleep(RENEWAL)
            with _written():
                await self._hold.keep()

    async def end(self, answered: bool) -> None:
        """Let go of the message."""
        if self._hold:
            with _written():
                await self._hold.end(answered)


class Claims:
    """Gives each message to one process at a time, until it is answered."""

    def __init__(self, ledger: Ledger, sleep: Sleep = asyncio.sleep) -> None:
        """Use ``ledger``; ``sleep`` waits so many seconds."""
        self._ledger = ledger
        self._sleep = sleep

    @asynccontextmanager
    async def claim(self, message: str) -> AsyncIterator[Claim | None]:
        """Give the message, the hash of an id, to answer; None when it was answered.

        While another process answers it, this waits for that answer, or takes over when that process dies. At the end
        of the block the message is answered, unless the block raised: then it can be claimed again.
        """
        claim = await self._wait(message)
        if claim is None:
            yield None
            return
        renewal = asyncio.create_task(claim.renew())
        answered = False
        try:
            yield claim
            answered = True
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
            await claim.end(answered)

    async def _wait(self, message: str) -> Claim | None:
        try:
            while not await self._ledger.was_answered(message):
                hold = await self._ledger.hold(message)
                if hold:
                    return Claim(hold)
                await self._sleep(LOOK)
        except _OUT_OF_ORDER as error:
            logger.error("the ledger of answered messages cannot be read: %s", type(error).__name__)
            return Claim(None)
        return None


@contextmanager
def _written() -> Iterator[None]:
    """Log that the ledger cannot be written, and go on: the person must not pay for it."""
    try:
        yield
    except _OUT_OF_ORDER as error:
        logger.error("the ledger of answered messages cannot be written: %s", type(error).__name__)
