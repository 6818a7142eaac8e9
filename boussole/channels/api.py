"""Calling a platform's API over HTTP: its answers become those of `delivery.deliver`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from boussole.channels.delivery import BusyError, RefusedError, retry_after

# A platform that does not answer within this many seconds is tried again later.
TIMEOUT = 30.0


@dataclass(frozen=True)
class Answer:
    """What the platform answered; ``body`` is its JSON, or None."""

    status: int
    body: Any
    headers: Mapping[str, str]

    def check(self, reason: str = "", busy: bool = False, wait: float | None = None) -> None:
        """Do nothing when the platform said yes.

        Args:
            reason: what else the log may say of it: a platform's own code.
            busy: the platform says in its own way that it could be tried again.
            wait: the seconds that it asks to wait, when it does not say so in ``Retry-After``.

        Raises:
            BusyError: it cannot take the message now.
            RefusedError: it will never take it.
        """
        said = f"status {self.status}" + (f", {reason}" if reason else "")
        if busy or self.status == 429 or self.status >= 500:
            asked = retry_after(self.headers.get("Retry-After"))
            raise BusyError(said, wait if asked is None else asked)
        if self.status >= 300 or reason:
            raise RefusedError(said)


class Api:
    """A platform's API, over connections that are kept."""

    def __init__(
        self, url: str, headers: Mapping[str, str] | None = None, auth: aiohttp.BasicAuth | None = None
    ) -> None:
        """Connect at the first call.

        Args:
            url: what every address begins with.
            headers: sent with every call.
            auth: a name and a password, sent with every call.
        """
        self._url = url.rstrip("/")
        self._headers = headers
        self._auth = auth
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any], form: bool = False) -> Answer:
        """POST ``body`` as JSON, or as a form, and return the answer.

        Raises:
            aiohttp.ClientError: the network.
            TimeoutError: no answer in time.
        """
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=timeout, headers=self._headers, auth=self._auth)
        content: dict[str, Any] = {"data": body} if form else {"json": body}
        # A redirection could take the token and the words elsewhere.
        async with self._session.post(f"{self._url}/{path}", allow_redirects=False, **content) as answer:
            try:
                said = json.loads(await answer.read())
            except ValueError:
                said = None
            return Answer(answer.status, said, answer.headers)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
