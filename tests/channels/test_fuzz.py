"""Whatever a messenger's webhook is sent: no 500, no hang, no leak, and nothing but texts reaches the bot.

The bodies are genuine ones of each platform, signed as it signs, with parts replaced by anything that JSON can hold:
what nobody could sign is refused before it is read, which the tests of each channel show.
"""

import asyncio
import copy
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.channels.channel import InputChannel
from rasa.core.channels.facebook import MessengerBot
from rasa.core.channels.mattermost import MattermostBot
from rasa.core.channels.slack import SlackBot
from twilio.request_validator import RequestValidator

from boussole.channels.abilities import CHANNELS
from boussole.channels.desk import Desk
from boussole.channels.ledger import Ledger
from boussole.channels.telegram import SECRET_HEADER, TelegramInput
from boussole.channels.whatsapp import SIGNATURE_HEADER, WhatsAppInput
from tests.channels import test_connectors as connectors
from tests.channels import test_telegram as telegram
from tests.channels import test_whatsapp as whatsapp
from tests.channels.platforms import KEY, Bot, Platform, Waits, api, door

# The same inputs each time, so that a failure is a failure for everybody. Each example is a scene of several requests.
fuzzed = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
REQUESTS = 20
# A channel that has not answered by then hangs.
PATIENCE_SECONDS = 30.0

ODD_TEXTS = st.sampled_from(
    ["", " ", "\x00", "\ud800", "²", "9" * 5_000, "-1", "/restart", "é" * 6_000, "‮", "C1", "D1"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
Post = Callable[[Any], Awaitable[int]]


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a JSON value, however deep."""
    yield here
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*here, key))


@st.composite
def spoilt(draw: st.DrawFn, bodies: tuple[dict[str, Any], ...]) -> Any:
    """A genuine body in which up to three parts are something else, or are missing."""
    body: Any = copy.deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from([place for place in places(body) if place] or [("nothing",)]))
        part = body
        for key in path:
            part = part[key]
        if not isinstance(part, dict | list) or last == "nothing":
            continue
        if draw(st.booleans()):
            part[last] = draw(JSON)
        else:
            del part[last]
    return body


def stop_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing leave through Rasa's own output channels."""

    async def nothing(self: Any, *_: Any, **__: Any) -> None:
        """Send nothing."""

    for output in (MessengerBot, SlackBot, MattermostBot):
        monkeypatch.setattr(output, "send_text_message", nothing)
        monkeypatch.setattr(output, "send_text_with_buttons", nothing)
    monkeypatch.setattr(MessengerBot, "send_action", nothing)
    monkeypatch.setattr("rasa.core.channels.twilio.TwilioOutput.send_text_message", nothing)


@asynccontextmanager
async def of_ours(channel: str, platform: Platform) -> AsyncIterator[InputChannel]:
    """Telegram or WhatsApp, that answer to a stand-in."""
    async with api(platform):
        desk = Desk(channel, CHANNELS[channel], KEY, Ledger(":memory:"), Waits())
        if channel == "telegram":
            yield TelegramInput(desk, telegram.TOKEN, "mot-convenu", "BoussoleBot", platform.url)
        else:
            number, now = whatsapp.NUMBER, lambda: whatsapp.NOW
            yield WhatsAppInput(desk, "jeton", whatsapp.APP_SECRET, "mot-convenu", number, platform.url, now)


def signed(channel: str, body: Any) -> tuple[bytes, dict[str, str]]:
    """A body as it goes over the network, and the headers by which the platform is known."""
    kind = {"Content-Type": "application/json"}
    if channel == "sms":
        form = {str(key): str(value) for key, value in body.items()} if isinstance(body, dict) else {}
        form = {key: value.encode("utf-8", "replace").decode() for key, value in form.items()}
        mark = RequestValidator("s").compute_signature(connectors.ADDRESS, form)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": mark}
        return urlencode(form).encode(), kind
    data = json.dumps(body).encode()
    if channel == "telegram":
        return data, {**kind, SECRET_HEADER: "mot-convenu"}
    if channel == "whatsapp":
        return data, {**kind, SIGNATURE_HEADER: f"sha256={digest(whatsapp.APP_SECRET, data)}"}
    if channel == "messenger":
        old = hmac.new(b"s", data, hashlib.sha1).hexdigest()
        return data, {**kind, "X-Hub-Signature": f"sha1={old}", "X-Hub-Signature-256": f"sha256={digest('s', data)}"}
    if channel == "slack":
        stamp = str(int(time.time()))
        mark = digest("s", b"v0:" + stamp.encode() + b":" + data)
        return data, {**kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}
    return data, kind


def digest(key: str, data: bytes) -> str:
    """An HMAC with SHA-256."""
    return hmac.new(key.encode(), data, hashlib.sha256).hexdigest()


def genuine(channel: str) -> tuple[dict[str, Any], ...]:
    """Bodies as the platform sends them."""
    if channel == "telegram":
        return (
            telegram.update(text="on m'insulte"),
            telegram.pressed("/aide"),
            telegram.update(photo=[{"file_id": "x"}]),
        )
    if channel == "whatsapp":
        reply = {"type": "list_reply", "list_reply": {"id": "/aide", "title": "Aide"}}
        both = whatsapp.notification(whatsapp.text("on m'insulte"), whatsapp.message("interactive", reply, "wamid.2"))
        return both, whatsapp.notification(whatsapp.message("image", {"id": "1"}), statuses=[{"id": "wamid.1"}])
    if channel == "sms":
        return ({"MessageSid": "SM1", "From": "+33612345678", "Body": "on m'insulte", "NumMedia": "0"},)
    bodies = [connectors.request(channel, "on m'insulte", private=private)[0] for private in (True, False)]
    return tuple(json.loads(body) for body in bodies)


def play(channel: str, bodies: list[Any]) -> tuple[list[int], Bot]:
    """Send bodies to a channel; return the statuses, and the bot that heard what came through."""

    async def run() -> tuple[list[int], Bot]:
        bot = Bot()
        if channel in ("telegram", "whatsapp"):
            async with of_ours(channel, Platform({"ok": True})) as input_channel:
                return await send_all(input_channel, bot), bot
        settings = {**connectors.SETTINGS[channel], "lien": "https://boussole.exemple.fr"}
        input_channel = connectors.CLASSES[channel].from_credentials(settings)
        return await send_all(input_channel, bot), bot

    async def send_all(input_channel: InputChannel, bot: Bot) -> list[int]:
        async with door(input_channel, bot) as entrance, asyncio.timeout(PATIENCE_SECONDS):
            return [await entrance.post(*signed(channel, body)) for body in bodies]

    return asyncio.run(run())


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "messenger", "slack", "mattermost", "sms"])
@fuzzed
@given(data=st.data())
def test_a_spoilt_message_of_a_platform_is_answered_or_refused(
    channel: str, data: st.DataObject, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    stop_sending(monkeypatch)
    bodies = data.draw(st.lists(spoilt(genuine(channel)), min_size=REQUESTS, max_size=REQUESTS))
    statuses, bot = play(channel, bodies)
    worst = [(status, body) for status, body in zip(statuses, bodies, strict=True) if status >= 500]
    assert not worst
    assert all(isinstance(text, str) for text in bot.texts)
    assert "on m'insulte" not in caplog.text
