"""Rasa's REST channel, made safe: a conversation needs an id, and a failure still gives the numbers."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput as RasaRestInput
from sanic import Blueprint, response
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.gate import BadSenderError, admit, check_sender
from boussole.channels.headers import allow_origin, secure
from boussole.channels.limits import Limiter, address_key
from boussole.channels.replies import Replies
from boussole.channels.settings import WebSettings, read_settings
from boussole.serving.failures import watch_failures
from boussole.triage.knowledge import load_knowledge

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
# Nobody waits longer for the numbers. A server that all of a country writes to may need half of it.
TURN_SECONDS = 55.0
# What a proxy draws for each message, and repeats when it tries another process.
ID_HEADER = "x-request-id"
# What the client draws for each message of a conversation, so that one that is sent again is not said twice.
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class BadRequestError(ValueError):
    """The request is not one that the channel can read; the message says why."""


class RestInput(RasaRestInput):
    """``POST /webhooks/rest/webhook`` with ``{"sender": "...", "message": "..."}`` (contract.md, section 4).

    ``message_id`` may be added, or the header ``X-Request-ID``: the same one again gives the first answer again.
    ``POST /webhooks/rest/forget`` forgets a conversation.
    """

    def __init__(self, settings: WebSettings | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the settings; by default nobody else's page may call.

        Args:
            settings: origins, proxies and limits.
            clock: seconds from any fixed point, for the limits.
        """
        super().__init__()
        self._settings = settings or WebSettings()
        self._addresses = Limiter(self._settings.per_address, clock)
        self._conversations = Limiter(self._settings.per_conversation, clock)
        self._replies = Replies()

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "RestInput":
        """Return the channel with the settings of `credentials.yml` and of the environment.

        Raises:
            ValueError: a setting is not one, or has a value that cannot be.
        """
        return cls(read_settings(credentials))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes: the webhook, forgetting, and a health check at the root."""
        webhook = Blueprint("boussole_rest", __name__)

        @webhook.listener("before_server_start")
        async def prepare(app: Any, _: Any) -> None:
            secure(app)
            app.config.PROXIES_COUNT = self._settings.proxies or None

        @webhook.middleware("response")
        async def open_to_origins(request: Request, answer: HTTPResponse) -> None:
            allow_origin(self._settings, request, answer)

        @webhook.exception(PayloadTooLarge)
        async def too_large(request: Request, _: PayloadTooLarge) -> HTTPResponse:
            return response.json({"error": too_large_text()}, status=413)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["OPTIONS"], name="webhook_options")
        async def preflight(request: Request) -> HTTPResponse:
            return response.empty()

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if refusal := self._refuse(self._addresses, address_key(request.remote_addr or request.ip)):
                return refusal
            try:
                message, message_id = read_request(request), read_message_id(request)
            except (BadRequestError, BadSenderError) as error:
                return response.json({"error": str(error)}, status=400)
            if refusal := self._refuse(self._conversations, message.sender_id):
                return refusal
            turn = partial(answer, on_new_message, message)
            messages = await self._replies.once(message.sender_id, message_id, turn)
            return response.json(messages, headers={"Cache-Control": "no-store"})

        @webhook.route("/forget", methods=["POST"])
        async def forget(request: Request) -> HTTPResponse:
            # Whoever leaves in a hurry is never told to wait: neither limit applies.
            try:
                sender = check_sender(read_body(request).get("sender"))
            except (BadRequestError, BadSenderError) as error:
                return response.json({"error": str(error)}, status=400)
            # The word « effacer », said for the person: it waits for a turn under way, whatever the tracker store.
            failures = await run(on_new_message, UserMessage("/effacer", CollectingOutputChannel(), sender))
            self._replies.forget(sender)
            return response.empty(status=500 if failures else 204, headers={"Cache-Control": "no-store"})

        return webhook

    def _refuse(self, limiter: Limiter, key: str | None) -> HTTPResponse | None:
        if key is None or not (seconds := limiter.wait(key)):
            return None
        headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
        return response.json({"error": too_fast_text()}, status=429, headers=headers)


def read_body(request: Request) -> dict[str, Any]:
    """Return the JSON object that ``request`` carries, whatever its content type: beacons are plain text.

    Raises:
        BadRequestError: the body is not a JSON object.
    """
    try:
        body = request.json
    except Exception as error:
        raise BadRequestError("the body must be JSON") from error
    if not isinstance(body, dict):
        raise BadRequestError("the body must be a JSON object with « sender » and « message »")
    return body


def read_request(request: Request) -> UserMessage:
    """Return the message that ``request`` carries.

    Raises:
        BadRequestError: the body is not a JSON object, or ``message`` is not a text.
        BadSenderError: the conversation id is missing or malformed.
    """
    body = read_body(request)
    sender = check_sender(body.get("sender"))
    text = body.get("message")
    if not isinstance(text, str):
        raise BadRequestError("« message » must be a text")
    incoming = admit(text)
    return UserMessage(
        incoming.text,
        CollectingOutputChannel(),
        sender,
        input_channel=RestInput.name(),
        metadata={"tronque": incoming.truncated},
    )


def read_message_id(request: Request) -> str | None:
    """Return the id of the message: the client's own, else the proxy's; None when nobody gives one.

    Raises:
        BadRequestError: the client's is not 1 to 64 characters of ``[A-Za-z0-9_-]``. A proxy's that is not is no id.
    """
    message_id = read_body(request).get("message_id")
    if message_id is None:
        given = str(request.headers.get(ID_HEADER) or "")
        return given if _MESSAGE_ID.fullmatch(given) else None
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise BadRequestError("« message_id » must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    return message_id


async def answer(on_new_message: OnNewMessage, message: UserMessage) -> list[dict[str, Any]]:
    """Return the bot's messages; if any part fails, they end with the emergency numbers and 3018."""
    failures = await run(on_new_message, message)
    messages: list[dict[str, Any]] = list(message.output_channel.messages)
    if failures:
        messages.append({"recipient_id": message.sender_id, "text": breakdown_text()})
    return messages


async def run(on_new_message: OnNewMessage, message: UserMessage) -> set[str]:
    """Give ``message`` to the bot, and return what failed: names of errors, or that nothing was said.

    A turn that hangs is ended after :data:`TURN_SECONDS`.
    """
    with watch_failures() as failures:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await on_new_message(message)
        except (Exception, asyncio.CancelledError) as error:
            failures.add(type(error).__name__)
    failed = failures or (set() if message.output_channel.messages else {"no reply"})
    if failed:
        # The kind of error is enough to look for it; the words of the conversation stay out of the log.
        logger.error("a turn failed: %s", ", ".join(sorted(failed)))
    return failed


def breakdown_text() -> str:
    """Return the text for a failure; it needs no model and no action."""
    return load_knowledge().messages["panne"].text.for_reader("vous")


def too_fast_text() -> str:
    """Return what is said to somebody who writes faster than the limits allow."""
    return load_knowledge().messages["trop_vite"].text.for_reader("vous")


def too_large_text() -> str:
    """Return what is said to somebody whose message is too large to be read at all."""
    return load_knowledge().messages["trop_gros"].text.for_reader("vous")
