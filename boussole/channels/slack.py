"""Slack: https://docs.slack.dev/apis/events-api, by webhook; direct messages only.

Rasa's own connector is not used: it tells Slack that a message was heard before it is answered, and shows phone numbers
in questions as markup (docs/adr/0017).
"""

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import parse_qs

from sanic import response
from sanic.response import HTTPResponse
from slack_sdk.signature import Clock, SignatureVerifier

from boussole.channels.api import Api
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import required
from boussole.channels.renderer import Outgoing
from boussole.channels.webhook import MalformedError, WebhookInput, read_object, text_at, value_at

NAME = "slack"
API = "https://slack.com/api"
# Of Slack's errors, those that say to try again; the others do not pass with time.
_BUSY = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
# Besides what a person just wrote, an event of kind « message » may be a correction, an arrival, another bot's...
_SAID = frozenset({"", "file_share", "me_message", "thread_broadcast"})
_FORM = "application/x-www-form-urlencoded"


class SlackInput(WebhookInput):
    """``/webhooks/slack/webhook``, for Slack alone; the settings are those of Rasa's own connector."""

    def __init__(
        self,
        desk: Desk,
        token: str,
        secret: str,
        link: str = "",
        api: str = API,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            token: the bot's token.
            secret: the signing secret.
            link: where people in a group are sent.
            api: the address of Slack's API.
            clock: seconds since 1970.
        """
        super().__init__(desk, Api(api, {"Authorization": f"Bearer {token}"}))
        self._signatures = SignatureVerifier(secret, _Clock(clock))
        self._link = link

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is in the address of its webhook."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel.

        Args:
            credentials: of `credentials.yml`: ``slack_token``, ``slack_signing_secret``; ``lien``, where people in a
                group are sent; ``api``, another address.

        Raises:
            ValueError: a setting is missing.
            MissingSecretError: the key of conversation ids is missing.
        """
        token, secret = required(NAME, credentials, "slack_token", "slack_signing_secret")
        settings = credentials or {}
        return cls(
            Desk.of(NAME, insists=True), token, secret, str(settings.get("lien") or ""), settings.get("api") or API
        )

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Check Slack's signature, which also says when it was made: it is good for five minutes."""
        try:
            stamp, signature = (headers.get(f"X-Slack-{name}") for name in ("Request-Timestamp", "Signature"))
            return bool(self._signatures.is_valid(body, stamp, signature))
        except (ValueError, TypeError):
            # The time is no number, the body no text, or the signature not in ASCII.
            return False

    def greet(self, headers: Mapping[str, str], body: bytes) -> HTTPResponse | None:
        """Answer Slack's question whether this is the right address."""
        if _is_form(headers):
            return None
        event = read_object(body)
        return response.text(text_at(event, "challenge")) if event.get("type") == "url_verification" else None

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterator[Received]:
        """Return the message, the mention or the pressed button of a request."""
        received = self._pressed(body) if _is_form(headers) else self._said(read_object(body))
        if received:
            yield received

    def _said(self, request: Mapping[str, Any]) -> Received | None:
        event = value_at(request, "event")
        identity, place, person = text_at(request, "event_id"), text_at(event, "channel"), text_at(event, "user")
        if not (identity and place and person) or value_at(event, "bot_id"):
            return None
        private = place.startswith("D")
        wanted = "message" if private else "app_mention"
        if text_at(event, "type") != wanted or text_at(event, "subtype") not in _SAID:
            return None
        text = _words(text_at(event, "text"))
        return Received(identity, (person,), text or None, private, self._link, place=place)

    def _pressed(self, body: bytes) -> Received | None:
        try:
            payload = json.loads(parse_qs(body.decode())["payload"][0])
        except (ValueError, KeyError, RecursionError) as error:
            raise MalformedError from error
        person, place = text_at(payload, "user", "id"), text_at(payload, "channel", "id")
        when, value = (text_at(payload, "actions", 0, key) for key in ("action_ts", "value"))
        if not (person and place and when and value):
            return None
        return Received(f"{when} {person}", (person,), value, place.startswith("D"), self._link, place=place)

    async def send(self, received: Received, outgoing: Outgoing) -> None:
        """Send one message (`WebhookInput.send`)."""
        answer = await self.api.post("chat.postMessage", post_message(received.place, outgoing))
        # Slack also says no with a status of 200.
        error = "" if value_at(answer.body, "ok") is True else text_at(answer.body, "error") or "unknown error"
        answer.check(error, busy=error in _BUSY)


def post_message(channel: str, outgoing: Outgoing) -> dict[str, Any]:
    """Return the parameters of ``chat.postMessage``."""
    message: dict[str, Any] = {"channel": channel, "text": outgoing.text, "unfurl_links": False, "unfurl_media": False}
    if outgoing.options:
        elements = [
            {
                "type": "button",
                "action_id": f"choix-{number}",
                "text": {"type": "plain_text", "text": option.title},
                "value": option.payload,
            }
            for number, option in enumerate(outgoing.options, start=1)
        ]
        text = {"type": "section", "text": {"type": "mrkdwn", "text": outgoing.text}}
        message["blocks"] = [text, {"type": "actions", "elements": elements}]
    return message


class _Clock(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now


def _is_form(headers: Mapping[str, str]) -> bool:
    return (headers.get("Content-Type") or "").startswith(_FORM)


def _words(text: str) -> str:
    """Return what was typed: without the mentions of people, and links as they read."""
    without = re.sub(r"<[@!#][^>]*>", " ", text)
    return html.unescape(re.sub(r"<([^|>]*)(?:\|[^>]*)?>", r"\1", without)).strip()
