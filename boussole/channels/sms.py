"""SMS by Twilio: https://www.twilio.com/docs/messaging, by webhook."""

from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl

import aiohttp
from twilio.request_validator import RequestValidator

from boussole.channels.api import Api
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import required
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import MalformedError, WebhookInput, value_at

NAME = "sms"
API = "https://api.twilio.com/2010-04-01"
SIGNATURE_HEADER = "X-Twilio-Signature"
# « Too many requests », which Twilio also says in its own way.
_BUSY = 20429


class SmsInput(WebhookInput):
    """``/webhooks/twilio/webhook``, for Twilio alone; the settings are Rasa's own connector's, and ``adresse``."""

    def __init__(self, desk: Desk, account: str, token: str, number: str, address: str, api: str = API) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            account: the account's id.
            token: its token, with which Twilio signs too.
            number: the bot's phone number.
            address: the webhook's public address, which Twilio signs: behind a proxy it is not the one heard here.
            api: the address of Twilio's API.
        """
        super().__init__(desk, Api(api, auth=aiohttp.BasicAuth(account, token)))
        self._messages = f"Accounts/{account}/Messages.json"
        self._signatures = RequestValidator(token)
        self._number = number
        self._address = address

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return "twilio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel.

        Args:
            credentials: of `credentials.yml`: ``account_sid``, ``auth_token``, ``twilio_number``, and ``adresse``, the
                public address of the webhook; ``api``, another address.

        Raises:
            ValueError: a setting is missing.
            MissingSecretError: the key of conversation ids is missing.
        """
        names = ("account_sid", "auth_token", "twilio_number", "adresse")
        account, token, number, address = required(NAME, credentials, *names)
        return cls(Desk.of(NAME, insists=True), account, token, number, address, (credentials or {}).get("api") or API)

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Check Twilio's signature."""
        try:
            return bool(self._signatures.validate(self._address, _form(body), headers.get(SIGNATURE_HEADER, "")))
        except (MalformedError, TypeError):
            # No form, or a signature that is not in ASCII.
            return False

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the message of a request; a status is none."""
        form = _form(body)
        identity, person = form.get("MessageSid", ""), form.get("From", "")
        if not identity or not person or "Body" not in form:
            return
        readable = form.get("NumMedia", "0") == "0" and form["Body"].strip()
        # Some carriers make « ¡ » of « @ ».
        text = form["Body"].replace("¡", "@") if readable else None
        yield Received(identity, (person,), text, place=person)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        message = {"To": received.place, "From": self._number, "Body": outgoing.text}
        answer = await self.api.post(self._messages, message, form=True)
        code = value_at(answer.body, "code")
        reason = f"error {code}" if isinstance(code, int) and answer.status >= 300 else ""
        answer.check(reason, busy=code == _BUSY)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError as error:
        raise MalformedError from error
