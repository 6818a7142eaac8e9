"""Rasa's REST channel, made safe: a conversation needs an id, and a failure still gives the numbers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput as RasaRestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.gate import BadSenderError, admit, check_sender
from boussole.serving.failures import watch_failures
from boussole.triage.knowledge import load_knowledge

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class BadRequestError(ValueError):
    """The request is not one that the channel can read; the message says why."""


class RestInput(RasaRestInput):
    """``POST /webhooks/rest/webhook`` with ``{"sender": "...", "message": "..."}`` (contract.md, section 4)."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the two routes: the webhook, and a health check at its root."""
        webhook = Blueprint("boussole_rest", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                message = read_request(request)
            except (BadRequestError, BadSenderError) as error:
                return response.json({"error": str(error)}, status=400)
            messages = await answer(on_new_message, message)
            return response.json(messages, headers={"Cache-Control": "no-store"})

        return webhook


def read_request(request: Request) -> UserMessage:
    """Return the message that ``request`` carries.

    Raises:
        BadRequestError: the body is not a JSON object, or ``message`` is not a text.
        BadSenderError: the conversation id is missing or malformed.
    """
    try:
        body = request.json
    except Exception as error:
        raise BadRequestError("the body must be JSON") from error
    if not isinstance(body, dict):
        raise BadRequestError("the body must be a JSON object with « sender » and « message »")
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


async def answer(on_new_message: OnNewMessage, message: UserMessage) -> list[dict[str, Any]]:
    """Return the bot's messages; if any part fails, they end with the emergency numbers and 3018."""
    collector = message.output_channel
    with watch_failures() as failures:
        try:
            await on_new_message(message)
        except (Exception, asyncio.CancelledError) as error:
            failures.add(type(error).__name__)
    messages: list[dict[str, Any]] = list(collector.messages)
    if failures or not messages:
        # The kind of error is enough to look for it; the words of the conversation stay out of the log.
        logger.error("a turn failed: %s", ", ".join(sorted(failures)) or "no reply")
        messages.append({"recipient_id": message.sender_id, "text": breakdown_text()})
    return messages


def breakdown_text() -> str:
    """Return the text for a failure; it needs no model and no action."""
    return load_knowledge().messages["panne"].text.for_reader("vous")
