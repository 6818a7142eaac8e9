"""Telegram: https://core.telegram.org/bots/api, by webhook.

Rasa's own connector is not used: it takes anybody for Telegram, waits in the bot's event loop, and loses answers when
Telegram is busy (docs/adr/0017).
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import BusyError, RefusedError
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import hashing_key, secret
from boussole.channels.ledger import Ledger
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import OnNewMessage
from boussole.channels.webhook import (
    MalformedError,
    TooLongError,
    read_body,
    read_object,
    same_secret,
    text_at,
    value_at,
)

logger = logging.getLogger(__name__)

NAME = "telegram"
TOKEN, WEBHOOK_SECRET = "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"
API = "https://api.telegram.org"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# What Telegram itself puts into a conversation -> what the bot understands.
COMMANDS: Mapping[str, str] = {"/start": "bonjour", "/help": "/aide"}
# What a message may carry instead of text; service messages (a member joins, a title changes) carry none of these.
_UNREADABLE = frozenset({
    "animation", "audio", "contact", "document", "location", "paid_media", "photo", "poll", "sticker", "story",
    "venue", "video", "video_note", "voice",
})  # fmt: skip


class TelegramInput(InputChannel):
    """``POST /webhooks/telegram/webhook``, for Telegram alone."""

    def __init__(self, desk: Desk, token: str, webhook_secret: str, name: str = "", api: str = API) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            token: the bot's token, as BotFather gave it.
            webhook_secret: what was given to ``setWebhook`` as ``secret_token``.
            name: the bot's user name, without « @ », for the link to the private conversation in groups.
            api: the address of Telegram's API, or of a Bot API server of one's own.
        """
        self._desk = desk
        self._secret = webhook_secret
        self._bot = token.partition(":")[0]
        self._name = name
        self._methods = f"{api}/bot{token}"
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; its secrets come from the environment.

        Args:
            credentials: of `credentials.yml`: ``nom``, the bot's user name; ``api``, another API server.

        Raises:
            MissingSecretError: a secret is missing.
        """
        settings = credentials or {}
        desk = Desk(NAME, CHANNELS[NAME], hashing_key(), Ledger.of_process())
        name = str(settings.get("nom") or "").lstrip("@")
        return cls(desk, secret(TOKEN), secret(WEBHOOK_SECRET), name, settings.get("api") or API)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the two routes: the webhook, and a health check at its root."""
        webhook = Blueprint("boussole_telegram", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"], stream=True)
        async def receive(request: Request) -> HTTPResponse:
            if not same_secret(request.headers.get(SECRET_HEADER), self._secret):
                logger.warning("telegram: a request without the right secret was refused")
                return response.empty(403)
            try:
                update = read_object(await read_body(request))
            except TooLongError:
                logger.warning("telegram: a request that is too long was refused")
                return response.empty(413)
            except MalformedError:
                logger.warning("telegram: a request that is no JSON object was refused")
                return response.empty(400)
            await self.take(update, on_new_message)
            return response.empty(200)

        @webhook.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            await self._desk.finish()
            await self.close()

        return webhook

    async def take(self, update: Mapping[str, Any], on_new_message: OnNewMessage) -> None:
        """Answer one update; those that ask for no answer are only noted."""
        pressed = value_at(update, "callback_query")
        message = value_at(pressed, "message") if pressed else value_at(update, "message")
        chat = value_at(message, "chat", "id")
        received = self._read(update, pressed, message)
        if received is None or not isinstance(chat, int):
            logger.info("telegram: an update that needs no answer")
            return
        if pressed:
            await self._acknowledge(text_at(pressed, "id"))

        async def send(outgoing: Outgoing, _: int) -> None:
            await self._call("sendMessage", send_message(chat, outgoing))

        await self._desk.handle(received, on_new_message, send)

    async def close(self) -> None:
        """Close the connections to Telegram."""
        if self._session is not None:
            await self._session.close()

    def _read(self, update: Mapping[str, Any], pressed: Any, message: Any) -> Received | None:
        """Return what the update says to the bot, or None when it says nothing to it."""
        identity = value_at(update, "update_id")
        writer = value_at(pressed or message, "from")
        if not isinstance(identity, int) or value_at(writer, "is_bot") is not False:
            return None
        private = value_at(message, "chat", "type") == "private"
        if not private and not self._is_addressed(pressed, message):
            return None
        text: str | None = None
        if pressed:
            text = text_at(pressed, "data")
        elif "text" in message:
            text = self._command(text_at(message, "text"))
        elif not _UNREADABLE & message.keys():
            return None
        link = f"https://t.me/{self._name}" if self._name else ""
        author = (str(value_at(message, "chat", "id")), str(value_at(writer, "id")))
        return Received(str(identity), author, text, private, link)

    def _is_addressed(self, pressed: Any, message: Any) -> bool:
        """Tell whether a message of a group is for the bot: a command, its name, or a reply to it."""
        text = text_at(message, "text")
        return bool(
            pressed
            or text.startswith("/")
            or (self._name and f"@{self._name}".lower() in text.lower())
            or str(value_at(message, "reply_to_message", "from", "id")) == self._bot
        )

    def _command(self, text: str) -> str:
        # « /start » comes with whatever stood in the link that led here.
        command = text.split(maxsplit=1)[0] if text.strip() else ""
        return COMMANDS.get(command, text)

    async def _acknowledge(self, query: str) -> None:
        """Let the button stop turning; the answer itself does not depend on it."""
        try:
            await self._call("answerCallbackQuery", {"callback_query_id": query})
        except (BusyError, RefusedError, aiohttp.ClientError, TimeoutError) as error:
            logger.warning("telegram: a button could not be acknowledged: %s", type(error).__name__)

    async def _call(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Call a method of the Bot API.

        Raises:
            BusyError: too many calls (429), or Telegram is out of order.
            RefusedError: any other answer than yes, such as a person who blocked the bot.
            aiohttp.ClientError: the network.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        async with self._session.post(f"{self._methods}/{method}", json=parameters) as answer:
            if answer.status == 200:
                return
            try:
                body = json.loads(await answer.read())
            except ValueError:
                body = {}
            if answer.status == 429 or answer.status >= 500:
                wait = value_at(body, "parameters", "retry_after")
                raise BusyError(f"status {answer.status}", float(wait) if isinstance(wait, int) else None)
            raise RefusedError(f"status {answer.status}")


def send_message(chat: int, outgoing: Outgoing) -> dict[str, Any]:
    """Return the parameters of ``sendMessage``."""
    parameters: dict[str, Any] = {
        "chat_id": chat,
        "text": outgoing.text,
        "parse_mode": "HTML",
        # A preview would have Telegram fetch the page, and hide the plan below pictures.
        "link_preview_options": {"is_disabled": True},
    }
    if outgoing.options:
        rows = [[{"text": option.title, "callback_data": option.payload}] for option in outgoing.options]
        parameters["reply_markup"] = {"inline_keyboard": rows}
    return parameters
