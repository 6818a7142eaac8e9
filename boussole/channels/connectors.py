"""Rasa's own connectors, brought to the desk: same rendering, once each, in order, nothing of a group read.

What Rasa's classes do with the platforms is theirs; docs/canaux.md says what was tried, and what is known to be weak.
"""

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.facebook import FacebookInput
from rasa.core.channels.mattermost import MattermostInput
from rasa.core.channels.slack import SlackInput
from rasa.core.channels.twilio import TwilioInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from slack_sdk.errors import SlackApiError
from twilio.request_validator import RequestValidator

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import BusyError, RefusedError, retry_after
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import hashing_key
from boussole.channels.ledger import Ledger
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import OnNewMessage
from boussole.channels.webhook import BODY_LIMIT, objects_at, same_secret, signature_holds, text_at, value_at

logger = logging.getLogger(__name__)

_DESCRIPTION = "boussole"


@dataclass(frozen=True)
class Description:
    """What a request says of its message besides its text: see `desk.Received`."""

    id: str = ""
    private: bool = True
    readable: bool = True


class _AtTheDesk(InputChannel):
    """Stands before one of Rasa's input channels, which comes next among the bases."""

    channel: ClassVar[str]
    _desk: Desk
    _link: str

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel, with Rasa's own settings and ``lien``, where people in a group are sent.

        Raises:
            RasaException: a setting of Rasa's is missing.
            MissingSecretError: the key of conversation ids is missing.
        """
        made: Self = super().from_credentials(credentials)
        made._desk = Desk(cls.channel, CHANNELS[cls.channel], hashing_key(), Ledger.of_process())
        made._link = str((credentials or {}).get("lien") or "")
        return made

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return Rasa's routes, behind the checks that they lack."""
        routes: Blueprint = super().blueprint(self._through_the_desk(on_new_message))

        @routes.middleware("request")
        async def check(request: Request) -> HTTPResponse | None:
            if request.method != "POST":
                return None
            if len(request.body) > BODY_LIMIT:
                logger.warning("%s: a request that is too long was refused", self.channel)
                return response.empty(413)
            try:
                genuine = self._is_genuine(request)
                self._describe(request)
            except Exception as error:
                logger.warning("%s: a request that cannot be read was refused: %s", self.channel, type(error).__name__)
                return response.empty(400)
            if not genuine:
                logger.warning("%s: a request that is not the platform's was refused", self.channel)
                return response.empty(403)
            return None

        @routes.exception(Exception)
        async def unreadable(request: Request, error: Exception) -> HTTPResponse:
            # Rasa's classes take for granted that each part of a message is there and of its kind.
            logger.warning("%s: a request that cannot be read was refused: %s", self.channel, type(error).__name__)
            return response.empty(400)

        @routes.listener("before_server_stop")
        async def stop(app: Any, _: Any) -> None:
            await self._desk.finish()

        return routes

    def get_metadata(self, request: Request) -> dict[str, Any]:
        """Return what Rasa's class keeps of a request, and what the desk needs of it."""
        kept: Mapping[str, Any] = super().get_metadata(request) or {}
        return {**kept, _DESCRIPTION: self._describe(request)}

    def _is_genuine(self, request: Request) -> bool:
        """Tell whether the request is the platform's, where Rasa's class does not look."""
        return True

    def _describe(self, request: Request) -> Description:
        raise NotImplementedError

    def _through_the_desk(self, on_new_message: OnNewMessage) -> OnNewMessage:
        async def handle(message: UserMessage) -> None:
            said: Description = (message.metadata or {}).get(_DESCRIPTION, Description())
            text = message.text if said.readable else None
            # A batch may hold several messages; without any id, nothing tells a message presented again.
            identity = f"{said.id} {text}" if said.id else uuid.uuid4().hex
            received = Received(identity, (message.sender_id,), text, said.private, self._link)

            async def send(outgoing: Outgoing, _: int) -> None:
                await _send(message, outgoing)

            await self._desk.handle(received, on_new_message, send)

        return handle


async def _send(message: UserMessage, outgoing: Outgoing) -> None:
    """Send with Rasa's own output channel.

    Raises:
        BusyError: Slack cannot take it now.
        RefusedError: any other failure that the output channel tells.
    """
    output, recipient = message.output_channel, message.sender_id
    try:
        if outgoing.options:
            buttons = [{"title": option.title, "payload": option.payload} for option in outgoing.options]
            await output.send_text_with_buttons(recipient, outgoing.text, buttons)
        else:
            await output.send_text_message(recipient, outgoing.text)
    except SlackApiError as error:
        status = error.response.status_code
        if status == 429 or status >= 500:
            raise BusyError(f"status {status}", retry_after(error.response.headers.get("Retry-After"))) from error
        raise RefusedError(f"status {status}") from error


class MessengerInput(_AtTheDesk, FacebookInput):
    """Facebook Messenger."""

    channel = "messenger"

    def _is_genuine(self, request: Request) -> bool:
        # Rasa's class checks the older signature, with SHA-1.
        return signature_holds(request.headers.get("X-Hub-Signature-256"), request.body, self.fb_secret)

    def _describe(self, request: Request) -> Description:
        messages = [m for entry in objects_at(request.json, "entry") for m in objects_at(entry, "messaging")]
        ids = [text_at(m, "message", "mid") or text_at(m, "postback", "mid") for m in messages]
        # Rasa's class takes the address of a picture or a voice for what the person said.
        said = messages[0] if messages else {}
        attached = bool(value_at(said, "message", "attachments")) and not text_at(said, "message", "text")
        return Description(" ".join(ids).strip(), readable=not attached)


class SlackDeskInput(_AtTheDesk, SlackInput):
    """Slack. Rasa's class checks the signature."""

    channel = "slack"

    def _describe(self, request: Request) -> Description:
        if request.headers.get("content-type") == "application/json":
            place = text_at(request.json, "event", "channel")
            return Description(text_at(request.json, "event_id"), place.startswith("D"))
        pressed = json.loads(request.form["payload"][0])
        private = text_at(pressed, "channel", "id").startswith("D")
        return Description(text_at(pressed, "actions", 0, "action_ts"), private)


class MattermostDeskInput(_AtTheDesk, MattermostInput):
    """Mattermost. Its outgoing webhooks only hear public channels: the bot offers another way to reach it."""

    channel = "mattermost"
    _webhook_token: str

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; besides Rasa's settings, ``webhook_token`` is the outgoing webhook's own token.

        Raises:
            ValueError: there is no ``webhook_token``.
        """
        made = super().from_credentials(credentials)
        made._webhook_token = str((credentials or {}).get("webhook_token") or "")
        if not made._webhook_token:
            raise ValueError("credentials.yml: Mattermost needs « webhook_token »: anybody could pass for it")
        return made

    def _is_genuine(self, request: Request) -> bool:
        return same_secret(text_at(request.json, "token"), self._webhook_token)

    def _describe(self, request: Request) -> Description:
        return Description(text_at(request.json, "post_id"), private=False)


class SmsInput(_AtTheDesk, TwilioInput):
    """SMS by Twilio."""

    channel = "sms"
    _address: str

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; besides Rasa's settings, ``adresse`` is the public address of the webhook.

        Twilio signs the address that it called, which behind a reverse proxy is not the one that is heard here.

        Raises:
            ValueError: there is no ``adresse``.
        """
        made = super().from_credentials(credentials)
        made._address = str((credentials or {}).get("adresse") or "")
        if not made._address:
            raise ValueError("credentials.yml: Twilio needs « adresse », the webhook's public address")
        return made

    def _is_genuine(self, request: Request) -> bool:
        # Sanic's form leaves out the empty fields, which are signed too.
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        signature = request.headers.get("X-Twilio-Signature", "")
        return bool(RequestValidator(self.auth_token).validate(self._address, form, signature))

    def _describe(self, request: Request) -> Description:
        form = request.form
        # Rasa's class breaks on a message without text, as a picture is.
        form.setdefault("Body", [""])
        return Description(form.get("MessageSid", ""), readable=form.get("NumMedia", "0") == "0")
