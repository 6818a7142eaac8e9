"""Facebook Messenger: https://developers.facebook.com/docs/messenger-platform, by webhook."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from boussole.channels.desk import Desk, Received
from boussole.channels.identity import required
from boussole.channels.meta import API, MetaInput
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import objects_at, read_object, text_at, value_at

NAME = "messenger"


class MessengerInput(MetaInput):
    """``/webhooks/facebook/webhook``, for Meta alone; the settings are those of Rasa's own connector."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return "facebook"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel.

        Args:
            credentials: of `credentials.yml`: ``verify``, ``secret``, ``page-access-token``; ``api``, another version
                of the Graph API.

        Raises:
            ValueError: a setting is missing.
            MissingSecretError: the key of conversation ids is missing.
        """
        verify, secret, token = required(NAME, credentials, "verify", "secret", "page-access-token")
        return cls(Desk.of(NAME), token, secret, verify, (credentials or {}).get("api") or API)

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the messages and the pressed buttons of a request."""
        for entry in objects_at(read_object(body), "entry"):
            for event in objects_at(entry, "messaging"):
                received = self._received(event)
                if received:
                    yield received

    def _received(self, event: Mapping[str, Any]) -> Received | None:
        person = text_at(event, "sender", "id")
        identity = text_at(event, "message", "mid") or text_at(event, "postback", "mid")
        # Echoes are the page's own messages; what was taken back is not there any more.
        silent = any(value_at(event, "message", mark) for mark in ("is_echo", "is_deleted"))
        if not person or not identity or silent:
            return None
        if self.is_too_late(value_at(event, "timestamp"), units=1000):
            return None
        return Received(identity, (person,), _text_of(event), place=person)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        message = {
            "recipient": {"id": received.place},
            "messaging_type": "RESPONSE",
            "message": {"text": outgoing.text},
        }
        self.check(await self.api.post("me/messages", message))


def _text_of(event: Mapping[str, Any]) -> str | None:
    """Return what the person says: a text, or what a button sends; None for a picture, a voice..."""
    said = (
        text_at(event, "postback", "payload")
        or text_at(event, "message", "quick_reply", "payload")
        or text_at(event, "message", "text")
    )
    return said or None
