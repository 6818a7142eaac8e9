"""Each platform with a webhook, as its public documentation describes it: what it sends, and how it answers.

None of them is the platform itself: docs/canaux.md says where each description comes from.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from boussole.channels.abilities import CHANNELS
from boussole.channels.desk import Desk
from boussole.channels.ledger import SqliteLedger
from boussole.channels.mattermost import MattermostInput
from boussole.channels.messenger import MessengerInput
from boussole.channels.slack import SlackInput
from boussole.channels.sms import SmsInput
from boussole.channels.telegram import SECRET_HEADER, TelegramInput
from boussole.channels.webhook import WebhookInput
from boussole.channels.whatsapp import WhatsAppInput
from tests.channels.platforms import FORM, KEY, Answer, Bot, Door, Platform, Waits, api, door

NOW = 1_795_000_000
# Whatever proves who sends, and whatever names the person: neither may be in a log.
TOKEN, SIGNING, PERSON = "4242:jeton-d-essai", "secret-de-signature", "33612345678"
ADDRESS = "https://boussole.exemple.fr/webhooks/twilio/webhook"
WHATSAPP_NUMBER = {"metadata": {"phone_number_id": "1065"}}
LINK = "https://exemple.fr/aide"
Signed = tuple[bytes, dict[str, str]]
Scene = Callable[[Door, Platform, Bot], Awaitable[None]]


@dataclass(frozen=True)
class Stub:
    """A platform: how to open its channel, what it sends, how it answers, and where its calls hold the text."""

    name: str
    open: Callable[[Desk, str], WebhookInput]
    event: Callable[[str, int], Any]
    sign: Callable[[Any, str], Signed]
    text: Callable[[dict[str, Any]], str]
    yes: Any
    refusal: Answer
    status: int = 200
    busy: tuple[Answer, ...] = ()
    insists: bool = False
    unknown: tuple[Any, ...] = field(default=())

    def request(self, text: str, number: int = 1, key: str = SIGNING) -> Signed:
        """A message of the person's, signed with ``key``."""
        return self.sign(self.event(text, number), key)

    def channel(self, url: str, waits: Waits | None = None, ledger: SqliteLedger | None = None) -> WebhookInput:
        """The channel, whose platform is at ``url``."""
        desk = Desk(
            self.name, CHANNELS[self.name], KEY, ledger or SqliteLedger(":memory:"), waits or Waits(), self.insists
        )
        return self.open(desk, url)


def _json(event: Any) -> bytes:
    return event if isinstance(event, bytes) else json.dumps(event).encode()


def _hmac(key: str, body: bytes) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def _by_secret(event: Any, key: str) -> Signed:
    return _json(event), {SECRET_HEADER: key}


def _by_meta(event: Any, key: str) -> Signed:
    body = _json(event)
    return body, {"X-Hub-Signature-256": f"sha256={_hmac(key, body)}", "Content-Type": "application/json"}


def _by_slack(event: Any, key: str) -> Signed:
    form = isinstance(event, dict) and "actions" in event
    body = urlencode({"payload": json.dumps(event)}).encode() if form else _json(event)
    mark = _hmac(key, b"v0:%d:" % NOW + body)
    kind = FORM if form else "application/json; charset=utf-8"
    return body, {"X-Slack-Request-Timestamp": str(NOW), "X-Slack-Signature": f"v0={mark}", "Content-Type": kind}


def _by_token(event: Any, key: str) -> Signed:
    body = event if isinstance(event, bytes) else json.dumps({**event, "token": key}).encode()
    return body, {"Content-Type": "application/json"}


def _by_twilio(event: Any, key: str) -> Signed:
    form = {} if isinstance(event, bytes) else event
    body = event if isinstance(event, bytes) else urlencode(event).encode()
    return body, {"Content-Type": FORM, "X-Twilio-Signature": RequestValidator(key).compute_signature(ADDRESS, form)}


def telegram(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """An update of Telegram's, with a message."""
    person = {"id": int(PERSON), "is_bot": False, "first_name": "Alix"}
    chat = {"id": int(PERSON), "type": "private"}
    message = {"message_id": number, "date": NOW, "from": person, "chat": chat, "text": text, **more}
    return {"update_id": number, "message": message}


def whatsapp(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """A notification of WhatsApp's, with a message."""
    message = {"from": PERSON, "id": f"wamid.{number}", "timestamp": str(NOW), "type": "text", "text": {"body": text}}
    value = {**WHATSAPP_NUMBER, "messages": [{**message, **more}]}
    return {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}


def messenger(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """A request of Messenger's, with a message; ``more`` goes into it."""
    message = {"mid": f"m_{number}", "text": text, **more}
    event = {"sender": {"id": PERSON}, "recipient": {"id": "page"}, "timestamp": NOW * 1000, "message": message}
    return {"object": "page", "entry": [{"id": "page", "time": NOW * 1000, "messaging": [event]}]}


def slack(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """A request of Slack's, with a direct message; ``more`` goes into the event."""
    event = {"type": "message", "channel": "D1", "channel_type": "im", "user": f"U{PERSON}", "text": text, "ts": "1.1"}
    return {"type": "event_callback", "event_id": f"Ev{number}", "event": {**event, **more}}


def mattermost(text: str, number: int = 1) -> dict[str, Any]:
    """What an outgoing webhook of Mattermost's sends."""
    return {
        "team_id": "t1", "channel_id": "c1", "channel_name": "place", "timestamp": NOW, "post_id": f"p{number}",
        "user_id": f"u{PERSON}", "user_name": "alix", "text": f"boussole {text}", "trigger_word": "boussole",
    }  # fmt: skip


def sms(text: str, number: int = 1, **more: str) -> dict[str, str]:
    """What Twilio sends for an SMS."""
    form = {"MessageSid": f"SM{number}", "From": f"+{PERSON}", "To": "+33700000000", "NumMedia": "0", "FromCity": ""}
    return {**form, "Body": text, **more}


def _error(**error: Any) -> dict[str, Any]:
    return {"error": error}


STUBS = {
    stub.name: stub
    for stub in (
        Stub(
            "telegram",
            lambda desk, url: TelegramInput(desk, TOKEN, SIGNING, "BoussoleBot", url),
            telegram, _by_secret, lambda call: str(call["text"]),
            yes={"ok": True, "result": True},
            refusal=Answer(403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked"}),
            busy=(Answer(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}}),),
            unknown=(
                {}, {"update_id": 1}, {"update_id": "un", "message": telegram("x")["message"]},
                {"update_id": 1, "poll": {"id": "1"}}, {"update_id": 1, "message": "texte"},
                {"update_id": 1, "message": None}, {"update_id": 1, "message": {"text": "x"}},
                {"update_id": 1, "edited_message": telegram("x")["message"]},
                {"update_id": 1, "my_chat_member": {"chat": {"id": 7, "type": "private"}}},
                telegram("x", **{"from": {"id": 9, "is_bot": True}}),
            ),
        ),
        Stub(
            "whatsapp",
            lambda desk, url: WhatsAppInput(desk, TOKEN, SIGNING, "mot-convenu", "1065", url, lambda: NOW),
            whatsapp, _by_meta, lambda call: str(call["text"]["body"]),
            yes={"messages": [{"id": "wamid.reponse"}]},
            refusal=Answer(400, _error(code=131047)),
            busy=(
                Answer(429, _error(code=4), {"Retry-After": "7"}),
                Answer(400, _error(code=131056), {"Retry-After": "7"}),
            ),
            unknown=(
                {}, {"object": "whatsapp_business_account", "entry": "x"},
                {"entry": [{"changes": [{"value": {"metadata": None}}]}]},
                {"entry": [{"changes": [{"value": {**WHATSAPP_NUMBER, "statuses": [{"id": "w"}]}}]}]},
                {"entry": [{"changes": [{"field": "account_alerts", "value": {"entity_type": "X"}}]}]},
                whatsapp("x", type="reaction"), whatsapp("x", type="system"), whatsapp("x", id=None),
                whatsapp("x", timestamp=str(NOW - 24 * 3600 - 1)),
            ),
        ),
        Stub(
            "messenger",
            lambda desk, url: MessengerInput(desk, TOKEN, SIGNING, "mot-convenu", url, lambda: NOW),
            messenger, _by_meta, lambda call: str(call["message"]["text"]),
            yes={"recipient_id": PERSON, "message_id": "m"},
            refusal=Answer(400, _error(code=10, error_subcode=2018278)),
            busy=(
                Answer(429, _error(code=613), {"Retry-After": "7"}),
                Answer(400, _error(code=1200), {"Retry-After": "7"}),
            ),
            unknown=(
                {}, {"object": "page", "entry": [{"messaging": "x"}]},
                {"entry": [{"messaging": [{"sender": {"id": PERSON}, "delivery": {"mids": ["m"]}}]}]},
                {"entry": [{"messaging": [{"sender": {"id": PERSON}, "read": {"watermark": 1}}]}]},
                {"entry": [{"standby": messenger("x")["entry"][0]["messaging"]}]},
                messenger("x", is_echo=True), messenger("x", is_deleted=True), messenger("x", mid=None),
            ),
        ),
        Stub(
            "slack",
            lambda desk, url: SlackInput(desk, TOKEN, SIGNING, LINK, url, lambda: NOW),
            slack, _by_slack, lambda call: str(call["text"]),
            yes={"ok": True, "ts": "1.2"}, insists=True,
            refusal=Answer(200, {"ok": False, "error": "is_archived"}),
            busy=(
                Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}),
                Answer(200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}),
            ),
            unknown=(
                {}, {"type": "event_callback", "event_id": "Ev1", "event": None}, slack("x", type="reaction_added"),
                slack("x", bot_id="B1"), slack("x", subtype="message_changed"), slack("x", channel="C1"),
                slack("x", user=None),
                {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D1"}, "actions": [{}]},
            ),
        ),
        Stub(
            "mattermost",
            lambda desk, url: MattermostInput(desk, f"{url}/api/v4", TOKEN, SIGNING, LINK),
            mattermost, _by_token, lambda call: str(call["message"]),
            yes={"id": "post"}, status=201, insists=True,
            refusal=Answer(403, {"id": "api.context.permissions.app_error"}),
            busy=(Answer(429, "limit exceeded", {"Retry-After": "7"}),),
            unknown=({}, {"post_id": "p1"}, {"post_id": 1, "user_id": "u", "channel_id": "c"}),
        ),
        Stub(
            "sms",
            lambda desk, url: SmsInput(desk, "AC1", TOKEN, "+33700000000", ADDRESS, url),
            sms, lambda event, key: _by_twilio(event, TOKEN if key == SIGNING else key), lambda call: str(call["Body"]),
            yes={"sid": "SM9"}, status=201, insists=True,
            refusal=Answer(400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}),
            busy=(Answer(429, {"code": 20429}, {"Retry-After": "7"}),),
            unknown=({}, {"MessageSid": "SM1", "MessageStatus": "delivered"}, {"From": PERSON, "Body": "x"}),
        ),
    )
}  # fmt: skip


def scene(
    stub: Stub, play: Scene, *script: Answer, bot: Bot | None = None, waits: Waits | None = None,
    ledger: SqliteLedger | None = None, agent: Any = None,
) -> None:  # fmt: skip
    """Play against the channel behind its webhook and a platform that answers with ``script`` first, then with yes."""

    async def run() -> None:
        async with api(Platform(stub.yes, list(script), status=stub.status)) as platform:
            talker = bot or Bot()
            async with door(stub.channel(platform.url, waits, ledger), talker, agent) as entrance:
                await play(entrance, platform, talker)

    asyncio.run(run())
