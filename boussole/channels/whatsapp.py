"""WhatsApp Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api, by webhook."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from boussole.channels.desk import Desk, Received
from boussole.channels.identity import secret
from boussole.channels.meta import API, MetaInput
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import objects_at, read_object, text_at

NAME = "whatsapp"
TOKEN, APP_SECRET, VERIFY_TOKEN = "WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"
NUMBER = "WHATSAPP_PHONE_NUMBER_ID"
# The label of what opens a list: 20 characters at most.
OPEN_LIST = "Choisir"
# Says nothing that could be answered.
_SILENT = frozenset({"reaction", "system", "ephemeral"})


class WhatsAppInput(MetaInput):
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
        super().__init__(desk, token, app_secret, verify_token, api, clock)
        self._number = number

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
        api = (credentials or {}).get("api") or API
        return cls(Desk.of(NAME), secret(TOKEN), secret(APP_SECRET), secret(VERIFY_TOKEN), secret(NUMBER), api)

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the messages of a notification; receipts say nothing."""
        for message in self._messages_of(read_object(body)):
            identity, person, kind, sent = (text_at(message, key) for key in ("id", "from", "type", "timestamp"))
            if not identity or not person or kind in _SILENT or self.is_too_late(sent):
                continue
            yield Received(identity, (person,), _text_of(message), place=person)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        message = {**message_body(outgoing), "messaging_product": "whatsapp", "to": received.place}
        self.check(await self.api.post(f"{self._number}/messages", message))

    def _messages_of(self, notification: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for entry in objects_at(notification, "entry"):
            for change in objects_at(entry, "changes"):
                if text_at(change, "value", "metadata", "phone_number_id") == self._number:
                    yield from objects_at(change, "value", "messages")


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
