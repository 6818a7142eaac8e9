"""Telegram: https://core.telegram.org/bots/api, by webhook.

Rasa's own connector is not used: it takes anybody for Telegram, waits in the bot's event loop, and loses answers when
Telegram is busy (docs/adr/0017).
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Self

import aiohttp

from boussole.channels.api import Api
from boussole.channels.delivery import BusyError, RefusedError
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import secret
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import WebhookInput, read_object, same_secret, text_at, value_at

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


class TelegramInput(WebhookInput):
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
        super().__init__(desk, Api(f"{api}/bot{token}"))
        self._secret = webhook_secret
        self._bot = token.partition(":")[0]
        self._name = name

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
        name = str(settings.get("nom") or "").lstrip("@")
        return cls(Desk.of(NAME), secret(TOKEN), secret(WEBHOOK_SECRET), name, settings.get("api") or API)

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Compare the secret that was given to ``setWebhook``."""
        return same_secret(headers.get(SECRET_HEADER), self._secret)

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the message or the pressed button of an update."""
        update = read_object(body)
        pressed = value_at(update, "callback_query")
        message = value_at(pressed, "message") if pressed else value_at(update, "message")
        received = self._read(update, pressed, message)
        if received:
            yield received

    async def begin(self, received: Received) -> None:
        """Let the button stop turning; the answer itself does not depend on it."""
        _, query = received.place
        if not query:
            return
        try:
            await self._call("answerCallbackQuery", {"callback_query_id": query})
        except (BusyError, RefusedError, aiohttp.ClientError, TimeoutError) as error:
            logger.warning("telegram: a button could not be acknowledged: %s", type(error).__name__)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        chat, _ = received.place
        await self._call("sendMessage", send_message(chat, outgoing))

    def _read(self, update: Mapping[str, Any], pressed: Any, message: Any) -> Received | None:
        """Return what the update says to the bot, or None when it says nothing to it."""
        identity, chat = value_at(update, "update_id"), value_at(message, "chat", "id")
        writer = value_at(pressed or message, "from")
        if not isinstance(identity, int) or not isinstance(chat, int) or value_at(writer, "is_bot") is not False:
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
        author = (str(chat), str(value_at(writer, "id")))
        return Received(str(identity), author, text, private, link, place=(chat, text_at(pressed, "id")))

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

    async def _call(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Call a method of the Bot API.

        Raises:
            BusyError: too many calls (429), or Telegram is out of order.
            RefusedError: any other answer than yes, such as a person who blocked the bot.
            aiohttp.ClientError: the network.
        """
        answer = await self.api.post(method, parameters)
        wait = value_at(answer.body, "parameters", "retry_after")
        answer.check(wait=float(wait) if isinstance(wait, int) else None)


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
