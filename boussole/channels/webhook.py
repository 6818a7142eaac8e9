"""What every webhook does with a request: check before believing, read, and bring its messages to the desk."""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.api import Api
from boussole.channels.delivery import UndeliveredError
from boussole.channels.desk import Desk, Received, Send
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import OnNewMessage

logger = logging.getLogger(__name__)

# Bytes. A message of 5,000 characters, with all that a platform says around it, takes some tens of thousands.
BODY_LIMIT = 512 * 1024
# Of a reasonable length, and nothing else that « isdigit » takes for one.
_NUMBER = re.compile(r"[0-9]{1,15}")


class TooLongError(ValueError):
    """The body is longer than any message."""


class MalformedError(ValueError):
    """The body is not what the platform sends."""


class WebhookInput(InputChannel):
    """``POST /webhooks/NAME/webhook``, for one platform alone.

    A subclass says whether a request is the platform's (:meth:`is_genuine`), which messages it holds (:meth:`read`),
    and how to send one (:meth:`send`). The platform gets 200 once all of them have their answer; it presents them again
    otherwise. ``body_limit`` is in bytes.
    """

    body_limit: ClassVar[int] = BODY_LIMIT

    def __init__(self, desk: Desk, api: Api) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            api: what they are sent with.
        """
        self.desk = desk
        self.api = api

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether the platform itself sends this."""
        raise NotImplementedError

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterable[Received]:
        """Return what the request says to the bot: nothing for receipts and unknown events.

        Raises:
            MalformedError: the body is not what the platform sends.
        """
        raise NotImplementedError

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message of the answer to ``received``.

        Raises:
            BusyError: the platform cannot take it now.
            RefusedError: the platform will never take it.
            aiohttp.ClientError: the network.
            TimeoutError: no answer in time.
        """
        raise NotImplementedError

    async def begin(self, received: Received) -> None:
        """Do what the platform wants before the answer; by default nothing."""

    def greet(self, headers: Mapping[str, str], body: bytes) -> HTTPResponse | None:
        """Return the answer to a genuine request that only tries the address; None for any other."""
        return None

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the two routes: the webhook, and a health check at its root."""
        webhook = Blueprint(f"boussole_{self.name()}", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"], stream=True)
        async def receive(request: Request) -> HTTPResponse:
            self.desk.join(getattr(request.app.ctx, "agent", None))
            try:
                body = await read_body(request, self.body_limit)
                if not self.is_genuine(request.headers, body):
                    return self._refuse(403, "that is not the platform's")
                greeting = self.greet(request.headers, body)
                messages = [] if greeting else list(self.read(request.headers, body))
            except TooLongError:
                return self._refuse(413, "that is too long")
            except MalformedError:
                return self._refuse(400, "that cannot be read")
            return greeting or await self._take(messages, on_new_message)

        @webhook.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            await self.desk.finish()
            await self.api.close()

        return webhook

    def _refuse(self, status: int, why: str) -> HTTPResponse:
        logger.warning("%s: a request %s was refused", self.name(), why)
        return response.empty(status)

    async def _take(self, messages: list[Received], on_new_message: OnNewMessage) -> HTTPResponse:
        if not messages:
            logger.info("%s: a request that needs no answer", self.name())
        # All at once: the desk keeps the order of each person's, and nobody waits for somebody else's answer.
        ends = await asyncio.gather(*(self._answer(m, on_new_message) for m in messages), return_exceptions=True)
        for end in ends:
            if isinstance(end, UndeliveredError):
                return response.empty(503)
            if isinstance(end, BaseException):
                raise end
        return response.empty(200)

    async def _answer(self, received: Received, on_new_message: OnNewMessage) -> None:
        await self.begin(received)
        await self.desk.handle(received, on_new_message, self._sender(received))

    def _sender(self, received: Received) -> Send:
        async def send(outgoing: Outgoing, _: int) -> None:
            await self.send(received, outgoing)

        return send


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request whose route is declared with ``stream=True``; never more than ``limit`` is held.

    Raises:
        TooLongError: it is longer.
    """
    announced = str(request.headers.get("content-length") or "")
    if _NUMBER.fullmatch(announced) and int(announced) > limit:
        raise TooLongError
    body = b""
    while (chunk := await request.stream.read()) is not None:
        body += chunk
        if len(body) > limit:
            raise TooLongError
    return body


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that ``body`` is.

    Raises:
        MalformedError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedError from error
    if not isinstance(value, dict):
        raise MalformedError
    return value


def same_secret(given: str | None, expected: str) -> bool:
    """Compare secrets in a time that tells nothing of where they differ."""
    return hmac.compare_digest((given or "").encode(), expected.encode())


def signature_holds(header: str | None, body: bytes, key: str) -> bool:
    """Check a header ``sha256=HEX``: the HMAC of the body, as Meta signs its webhooks."""
    expected = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return same_secret(header, f"sha256={expected}")


def value_at(value: Any, *path: str | int) -> Any:
    """Return what stands at ``path`` in parsed JSON; None when something on the way is missing or of another kind."""
    for key in path:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def text_at(value: Any, *path: str | int) -> str:
    """Return the text at ``path``, or an empty one when there is no text there."""
    found = value_at(value, *path)
    return found if isinstance(found, str) else ""


def objects_at(value: Any, *path: str | int) -> list[dict[str, Any]]:
    """Return the objects of the list at ``path``; none when there is no list there."""
    found = value_at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
