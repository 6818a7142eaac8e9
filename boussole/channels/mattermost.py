"""Mattermost, by its outgoing webhooks: https://developers.mattermost.com/integrate/webhooks/outgoing.

They only hear public channels, where nothing is read: the bot shows another way to reach it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from boussole.channels.api import Api
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import required
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import MalformedError, WebhookInput, read_object, same_secret, text_at

NAME = "mattermost"


class MattermostInput(WebhookInput):
    """``/webhooks/mattermost/webhook``, for one Mattermost server alone; the settings are Rasa's own connector's."""

    def __init__(self, desk: Desk, api: str, token: str, webhook_token: str, link: str = "") -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            api: the address of the server's API, ``https://.../api/v4``.
            token: the bot account's token.
            webhook_token: the outgoing webhook's own.
            link: where people are sent.
        """
        super().__init__(desk, Api(api, {"Authorization": f"Bearer {token}"}))
        self._webhook_token = webhook_token
        self._link = link

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel.

        Args:
            credentials: of `credentials.yml`: ``url``, ``token``, ``webhook_token``; ``lien``, where people are sent.

        Raises:
            ValueError: a setting is missing.
            MissingSecretError: the key of conversation ids is missing.
        """
        url, token, webhook_token = required(NAME, credentials, "url", "token", "webhook_token")
        return cls(Desk.of(NAME, insists=True), url, token, webhook_token, str((credentials or {}).get("lien") or ""))

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Compare the webhook's token, which is all that Mattermost signs with."""
        try:
            return same_secret(text_at(read_object(body), "token"), self._webhook_token)
        except MalformedError:
            return False

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the message of a request."""
        said = read_object(body)
        identity, person, place = (text_at(said, key) for key in ("post_id", "user_id", "channel_id"))
        if identity and person and place:
            yield Received(identity, (place, person), None, private=False, direct_link=self._link, place=place)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        (await self.api.post("posts", {"channel_id": received.place, "message": outgoing.text})).check()
