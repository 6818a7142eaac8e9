"""Rasa's own connectors at the desk, heard over HTTP; what they send is caught before it leaves, never a platform."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from rasa.core.channels.channel import OutputChannel
from rasa.core.channels.facebook import MessengerBot
from rasa.core.channels.mattermost import MattermostBot
from rasa.core.channels.slack import SlackBot
from slack_sdk.errors import SlackApiError
from twilio.request_validator import RequestValidator

from boussole.channels.connectors import MattermostDeskInput, MessengerInput, SlackDeskInput, SmsInput
from boussole.channels.identity import MissingSecretError
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Knowledge
from tests.channels.platforms import QUESTION, SECRET, Bot, Door, door

ADDRESS = "https://boussole.exemple.fr/webhooks/twilio/webhook"
GROUP = load_knowledge().messages["groupe"].text.for_reader("vous")
SETTINGS: dict[str, dict[str, Any]] = {
    "messenger": {"verify": "mot", "secret": "s", "page-access-token": "t"},
    "slack": {"slack_token": "t", "slack_signing_secret": "s"},
    "mattermost": {"url": "https://m.exemple.fr/api/v4", "token": "t", "webhook_token": "s", "webhook_url": "x"},
    "sms": {"account_sid": "AC1", "auth_token": "s", "twilio_number": "+33700000000", "adresse": ADDRESS},
}
CLASSES: dict[str, Any] = {
    "messenger": MessengerInput, "slack": SlackDeskInput, "mattermost": MattermostDeskInput, "sms": SmsInput,
}  # fmt: skip
EVERY = pytest.mark.parametrize("channel", CLASSES)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What Rasa's output channels are told to send: the text, and the titles of the buttons."""
    caught: list[tuple[str, list[str]]] = []

    async def text(self: OutputChannel, recipient: str, text: str, **_: Any) -> None:
        caught.append((text, []))

    async def menu(self: OutputChannel, recipient: str, text: str, buttons: Any, **_: Any) -> None:
        caught.append((text, [button["title"] for button in buttons]))

    async def nothing(self: OutputChannel, *_: Any, **__: Any) -> None:
        """Send no « typing »."""

    for output in (MessengerBot, SlackBot, MattermostBot):
        monkeypatch.setattr(output, "send_text_message", text)
        monkeypatch.setattr(output, "send_text_with_buttons", menu)
    monkeypatch.setattr(MessengerBot, "send_action", nothing)
    monkeypatch.setattr("rasa.core.channels.twilio.TwilioOutput.send_text_message", text)
    return caught


def request(channel: str, text: str, number: int = 1, key: str = "s", private: bool = True) -> tuple[bytes, Any]:
    """A body and its headers, as the platform's documentation shows them."""
    if channel == "sms":
        form = {"MessageSid": f"SM{number}", "From": "+33612345678", "Body": text, "NumMedia": "0", "FromCity": ""}
        signature = RequestValidator(key).compute_signature(ADDRESS, form)
        return urlencode(form).encode(), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
    if channel == "messenger":
        said = {"sender": {"id": "7"}, "message": {"mid": f"m{number}", "text": text}}
        body = json.dumps({"object": "page", "entry": [{"messaging": [said]}]}).encode()
        headers = {
            f"X-Hub-Signature{suffix}": f"{name}={hmac.new(key.encode(), body, algorithm).hexdigest()}"
            for suffix, name, algorithm in (("", "sha1", hashlib.sha1), ("-256", "sha256", hashlib.sha256))
        }
        return body, {**headers, "Content-Type": "application/json"}
    if channel == "slack":
        event = {"type": "message", "channel": "D1" if private else "C1", "user": "U7", "text": text, "ts": "1.1",
                 "channel_type": "im"}  # fmt: skip
        if not private:
            event["type"] = "app_mention"
        body = json.dumps({"event_id": f"Ev{number}", "event": event}).encode()
        stamp = str(int(time.time()))
        mark = hmac.new(key.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={mark}",
        }
    said = {"token": key, "trigger_word": "boussole", "text": f"boussole {text}", "user_id": "u7", "channel_id": "c1",
            "post_id": f"p{number}"}  # fmt: skip
    return json.dumps(said).encode(), {"Content-Type": "application/json"}


def scene(channel: str, play: Callable[[Door, Bot, Any], Any], bot: Bot | None = None) -> None:
    """Play against a connector behind its webhook."""

    async def run() -> None:
        connector = CLASSES[channel].from_credentials({**SETTINGS[channel], "lien": "https://boussole.exemple.fr"})
        talker = bot or Bot()
        async with door(connector, talker) as entrance:
            await play(entrance, talker, connector)

    asyncio.run(run())


@pytest.mark.parametrize("channel", ["messenger", "slack", "sms"])
def test_a_message_is_answered_once_under_a_hashed_id(channel: str, sent: list[Any]) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        for _ in range(2):
            assert await entrance.post(*request(channel, "on m'insulte")) < 300
            # Slack is answered before the bot is asked.
            await asyncio.gather(*getattr(connector, "_background_tasks", ()))
        assert bot.texts == ["on m'insulte"]
        assert len(bot.heard[0].sender_id) == 43
        assert sent == [("Réponse 1.", [])]

    scene(channel, play)


@pytest.mark.parametrize(
    ("channel", "shown"), [("messenger", "2. Je suis parent"), ("sms", "2. Je suis parent"), ("slack", "")]
)
def test_choices_are_shown_as_the_channel_can_and_answer(channel: str, shown: str, sent: list[Any]) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        await entrance.post(*request(channel, "bonjour"))
        await asyncio.gather(*getattr(connector, "_background_tasks", ()))
        text, titles = sent[0]
        assert shown in text
        if not shown:
            assert titles == [button["title"] for button in QUESTION["buttons"]]  # type: ignore[index]
            return
        await entrance.post(*request(channel, "2", 2))
        assert bot.texts[1] == '/repondre{"profil": "parent"}'

    scene(channel, play, Bot([[QUESTION]]))


@EVERY
def test_a_forged_request_is_not_heard(channel: str, sent: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        assert await entrance.post(*request(channel, SECRET, key="autre")) in (400, 403)
        assert not bot.heard
        assert not sent

    with caplog.at_level(logging.WARNING):
        scene(channel, play)
    assert SECRET not in caplog.text


@EVERY
def test_a_body_of_ten_megabytes_is_refused(channel: str, sent: list[Any]) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        assert await entrance.post(*request(channel, "a" * 10_000_000)) == 413
        assert not bot.heard

    scene(channel, play)


@EVERY
@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_what_cannot_be_read_is_refused(channel: str, body: bytes, sent: list[Any]) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        _, headers = request(channel, "x")
        assert await entrance.post(body, headers) >= 400
        assert not bot.heard

    scene(channel, play)


@pytest.mark.parametrize("channel", ["slack", "mattermost"])
def test_in_a_group_nothing_is_read_and_another_way_is_offered(channel: str, sent: list[Any]) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        await entrance.post(*request(channel, SECRET, private=False))
        await asyncio.gather(*getattr(connector, "_background_tasks", ()))
        assert not bot.heard
        [(text, _)] = sent
        assert "D'autres personnes lisent ici" in text
        assert "https://boussole.exemple.fr" in text

    scene(channel, play)


def test_a_picture_by_sms_is_not_read(sent: list[Any], knowledge: Knowledge) -> None:
    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        form = {"MessageSid": "MM1", "From": "+33612345678", "Body": "", "NumMedia": "1", "MediaUrl0": "https://x/y"}
        signature = RequestValidator("s").compute_signature(ADDRESS, form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        assert await entrance.post(urlencode(form).encode(), headers) == 204
        assert not bot.heard
        assert sent == [(knowledge.messages["illisible"].text.for_reader("vous"), [])]

    scene("sms", play)


def test_when_slack_is_busy_the_answer_arrives_later(sent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    text = SlackBot.send_text_message
    errors = [
        SimpleNamespace(status_code=429, headers={"Retry-After": "0"}),
        SimpleNamespace(status_code=503, headers={"Retry-After": "0"}),
    ]

    async def busy(self: SlackBot, recipient: str, said: str, **_: Any) -> None:
        if errors:
            raise SlackApiError("", errors.pop(0))
        await text(self, recipient, said)

    monkeypatch.setattr(SlackBot, "send_text_message", busy)

    async def play(entrance: Door, bot: Bot, connector: Any) -> None:
        await entrance.post(*request("slack", "bonjour"))
        await asyncio.gather(*connector._background_tasks)
        assert len(bot.heard) == 1
        assert sent == [("Réponse 1.", [])]

    scene("slack", play)


@EVERY
def test_the_key_of_conversation_ids_comes_from_the_environment(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOUSSOLE_CLE")
    with pytest.raises(MissingSecretError, match="BOUSSOLE_CLE"):
        CLASSES[channel].from_credentials(SETTINGS[channel])


@pytest.mark.parametrize(("channel", "setting"), [("sms", "adresse"), ("mattermost", "webhook_token")])
def test_without_what_a_check_needs_the_channel_does_not_start(channel: str, setting: str) -> None:
    settings = {name: value for name, value in SETTINGS[channel].items() if name != setting}
    with pytest.raises(ValueError, match=setting):
        CLASSES[channel].from_credentials(settings)
