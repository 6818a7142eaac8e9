"""WhatsApp Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api, by webhook."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import aiohttp
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import BusyError, RefusedError, retry_after
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import hashing_key, secret
from boussole.channels.ledger import Ledger
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import OnNewMessage
from boussole.channels.webhook import (
    MalformedError,
    TooLongError,
    objects_at,
    read_body,
    read_object,
    same_secret,
    signature_holds,
    text_at,
    value_at,
)

logger = logging.getLogger(__name__)

NAME = "whatsapp"
TOKEN, APP_SECRET, VERIFY_TOKEN = "WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"
NUMBER = "WHATSAPP_PHONE_NUMBER_ID"
API = "https://graph.facebook.com/v23.0"
SIGNATURE_HEADER = "X-Hub-Signature-256"
# Seconds after a person's message in which a business may answer freely.
WINDOW = 24 * 3600
_SECONDS = re.compile(r"[0-9]{1,15}")
# The label of what opens a list: 20 characters at most.
OPEN_LIST = "Choisir"
# Of Meta's error codes, those that say to try again: too many calls, or out of order.
_BUSY_CODES = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 133004})
# Says nothing that could be answered.
_SILENT = frozenset({"reaction", "system", "ephemeral"})


class WhatsAppInput(InputChannel):
    """``/webhooks/whatsapp/webhook``, for Meta alone."""

    def __init__(
        self,
        desk: Desk,
        token: str,
        app_secret: str,
        verify_token: str,
        number: str,
        api: str = API,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            token: the access token with which messages are sent.
            app_secret: the application's secret, with which Meta signs.
            verify_token: what was typed into Meta's page when the webhook was declared.
            number: the id of the phone number; messages to any other are not for this bot.
            api: the address of the Graph API with its version.
            clock: seconds since 1970.
        """
        self._desk = desk
        self._token = token
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._number = number
        self._messages = f"{api}/{number}/messages"
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; its secrets come from the environment.

        Args:
            credentials: of `credentials.yml`: ``api``, another version of the Graph API.

        Raises:
            MissingSecretError: a secret is missing.
        """
        desk = Desk(NAME, CHANNELS[NAME], hashing_key(), Ledger.of_process())
        api = (credentials or {}).get("api") or API
        return cls(desk, secret(TOKEN), secret(APP_SECRET), secret(VERIFY_TOKEN), secret(NUMBER), api)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes: the webhook, its verification, and a health check at its root."""
        webhook = Blueprint("boussole_whatsapp", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["GET"])
        async def verify(request: Request) -> HTTPResponse:
            right = same_secret(request.args.get("hub.verify_token"), self._verify_token)
            if request.args.get("hub.mode") != "subscribe" or not right:
                logger.warning("whatsapp: a verification without the right token was refused")
                return response.empty(403)
            return response.text(request.args.get("hub.challenge") or "")

        @webhook.route("/webhook", methods=["POST"], stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                body = await read_body(request)
                if not signature_holds(request.headers.get(SIGNATURE_HEADER), body, self._app_secret):
                    logger.warning("whatsapp: a request without the right signature was refused")
                    return response.empty(403)
                notification = read_object(body)
            except TooLongError:
                logger.warning("whatsapp: a request that is too long was refused")
                return response.empty(413)
            except MalformedError:
                logger.warning("whatsapp: a request that is no JSON object was refused")
                return response.empty(400)
            await self.take(notification, on_new_message)
            return response.empty(200)

        @webhook.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            await self._desk.finish()
            await self.close()

        return webhook

    async def take(self, notification: Mapping[str, Any], on_new_message: OnNewMessage) -> None:
        """Answer the messages of a notification, in order; receipts and unknown events are only noted."""
        nothing = True
        for message in self._messages_of(notification):
            nothing = False
            await self._answer(message, on_new_message)
        if nothing:
            logger.info("whatsapp: a notification that needs no answer")

    async def close(self) -> None:
        """Close the connections to Meta."""
        if self._session is not None:
            await self._session.close()

    def _messages_of(self, notification: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for entry in objects_at(notification, "entry"):
            for change in objects_at(entry, "changes"):
                if text_at(change, "value", "metadata", "phone_number_id") == self._number:
                    yield from objects_at(change, "value", "messages")

    async def _answer(self, message: Mapping[str, Any], on_new_message: OnNewMessage) -> None:
        identity, person, kind = (text_at(message, key) for key in ("id", "from", "type"))
        if not identity or not person or kind in _SILENT:
            logger.info("whatsapp: a message that needs no answer")
            return
        if self._is_too_old(message):
            logger.warning("whatsapp: a message of more than 24 hours ago can no longer be answered")
            return

        async def send(outgoing: Outgoing, _: int) -> None:
            await self._send({**message_body(outgoing), "messaging_product": "whatsapp", "to": person})

        await self._desk.handle(Received(identity, (person,), _text_of(message)), on_new_message, send)

    def _is_too_old(self, message: Mapping[str, Any]) -> bool:
        sent = text_at(message, "timestamp")
        return bool(_SECONDS.fullmatch(sent)) and self._clock() - int(sent) > WINDOW

    async def _send(self, message: Mapping[str, Any]) -> None:
        """Send a message.

        Raises:
            BusyError: too many calls, or Meta is out of order.
            RefusedError: any other answer than yes, such as the end of the 24 hours.
            aiohttp.ClientError: the network.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.post(self._messages, json=message, headers=headers) as answer:
            if answer.status == 200:
                return
            try:
                code = value_at(json.loads(await answer.read()), "error", "code")
            except ValueError:
                code = None
            reason = f"status {answer.status}, error {code if isinstance(code, int) else 'unknown'}"
            if code in _BUSY_CODES or answer.status == 429 or (answer.status >= 500 and code is None):
                raise BusyError(reason, retry_after(answer.headers.get("Retry-After")))
            raise RefusedError(reason)


def _text_of(message: Mapping[str, Any]) -> str | None:
    """Return what the message says: its text, or what the choice sends; None when it is a picture, a voice..."""
    match text_at(message, "type"):
        case "text":
            return text_at(message, "text", "body")
        case "interactive":
            reply = text_at(message, "interactive", "type")
            return text_at(message, "interactive", reply, "id")
        case "button":
            return text_at(message, "button", "payload")
        case _:
            return None


def message_body(outgoing: Outgoing) -> dict[str, Any]:
    """Return what the Cloud API takes for a message: a text, up to three buttons, or a list of up to ten rows."""
    if not outgoing.options:
        return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}
    if outgoing.as_list:
        rows = [
            {"id": option.payload, "title": option.title} | ({"description": option.detail} if option.detail else {})
            for option in outgoing.options
        ]
        action: dict[str, Any] = {"button": OPEN_LIST, "sections": [{"rows": rows}]}
    else:
        replies = [{"id": option.payload, "title": option.title} for option in outgoing.options]
        action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    kind = "list" if outgoing.as_list else "button"
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": outgoing.text}, "action": action}}
