"""WhatsApp, against a stand-in that follows the Cloud API's public documentation; never against Meta itself."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from boussole.channels.abilities import CHANNELS
from boussole.channels.desk import Desk
from boussole.channels.identity import MissingSecretError
from boussole.channels.ledger import Ledger
from boussole.channels.rest import breakdown_text
from boussole.channels.whatsapp import NAME, SIGNATURE_HEADER, WINDOW, WhatsAppInput
from tests.channels.platforms import KEY, QUESTION, SECRET, Answer, Bot, Door, Platform, Waits, api, door

NUMBER, PERSON, APP_SECRET, TOKEN = "106540352242922", "33612345678", "secret-d-application", "jeton-d-essai"
NOW = 1_795_000_000
Scene = Callable[[Door, Platform, Bot], Awaitable[None]]


def scene(play: Scene, *script: Answer, bot: Bot | None = None, waits: Waits | None = None) -> None:
    """Play against the channel behind its webhook and a stand-in for Meta that answers with ``script`` first."""

    async def run() -> None:
        async with api(Platform({"messages": [{"id": "wamid.reponse"}]}, list(script))) as platform:
            desk = Desk(NAME, CHANNELS[NAME], KEY, Ledger(":memory:"), waits or Waits())
            channel = WhatsAppInput(desk, TOKEN, APP_SECRET, "mot-convenu", NUMBER, platform.url, lambda: NOW)
            talker = bot or Bot()
            async with door(channel, talker) as entrance:
                await play(entrance, platform, talker)

    asyncio.run(run())


def notification(*messages: dict[str, Any], number: str = NUMBER, **value: Any) -> dict[str, Any]:
    """What Meta sends for messages of the person's."""
    metadata = {"display_phone_number": "33100000000", "phone_number_id": number}
    content = {"messaging_product": "whatsapp", "metadata": metadata, "messages": list(messages), **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": content}]}],
    }


def message(kind: str, content: Any, identity: str = "wamid.1", at: int = NOW) -> dict[str, Any]:
    """A message of the person's."""
    return {"from": PERSON, "id": identity, "timestamp": str(at), "type": kind, kind: content}


def text(body: str, identity: str = "wamid.1", at: int = NOW) -> dict[str, Any]:
    """A text message."""
    return message("text", {"body": body}, identity, at)


async def send(entrance: Door, body: bytes | dict[str, Any], key: str = APP_SECRET) -> int:
    """POST a notification signed as Meta signs; return the status."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = hmac.new(key.encode(), data, hashlib.sha256).hexdigest()
    return await entrance.post(data, {SIGNATURE_HEADER: f"sha256={signature}"})


def test_a_message_is_answered_to_its_number() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text("on m'insulte"))) == 200
        assert bot.texts == ["on m'insulte"]
        [(path, body, headers)] = platform.calls
        assert path == f"/{NUMBER}/messages"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert body == {
            "messaging_product": "whatsapp",
            "to": PERSON,
            "type": "text",
            "text": {"body": "Réponse 1.", "preview_url": False},
        }

    scene(play)


def test_the_person_s_number_is_not_the_conversation_s_id() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("bonjour")))
        assert PERSON not in bot.heard[0].sender_id
        assert len(bot.heard[0].sender_id) == 43

    scene(play)


def test_four_choices_are_a_list_and_a_row_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("bonjour")))
        interactive = platform.bodies()[0]["interactive"]
        rows = interactive["action"]["sections"][0]["rows"]
        assert (interactive["type"], interactive["body"]["text"]) == ("list", "Qui êtes-vous ?")
        assert rows[1] == {"id": '/repondre{"profil": "parent"}', "title": "Je suis parent"}
        assert rows[3]["description"] == "Pourquoi cette question ?"
        reply = message("interactive", {"type": "list_reply", "list_reply": rows[1]}, "wamid.2")
        assert await send(entrance, notification(reply)) == 200
        assert bot.texts[1] == '/repondre{"profil": "parent"}'

    scene(play, bot=Bot([[QUESTION]]))


def test_three_short_choices_are_buttons_and_a_button_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("bonjour")))
        interactive = platform.bodies()[0]["interactive"]
        assert interactive["type"] == "button"
        button = interactive["action"]["buttons"][0]
        assert button == {"type": "reply", "reply": {"id": "/retour", "title": "Oui"}}
        reply = {"type": "button_reply", "button_reply": button["reply"]}
        await send(entrance, notification(message("interactive", reply, "wamid.2")))
        assert bot.texts[1] == "/retour"

    buttons = [{"title": title, "payload": "/retour"} for title in ("Oui", "Non", "Je ne sais pas")]
    scene(play, bot=Bot([[{"text": "Vraiment ?", "buttons": buttons}]]))


def test_more_choices_than_a_list_holds_are_numbered() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("bonjour")))
        assert "11. Choix 11" in platform.bodies()[0]["text"]["body"]
        await send(entrance, notification(text("onze", "wamid.2")))
        assert bot.texts[1] == '/repondre{"nature": "menaces"}'

    buttons = [{"title": f"Choix {n}", "payload": '/repondre{"nature": "menaces"}'} for n in range(1, 12)]
    scene(play, bot=Bot([[{"text": "Lequel ?", "buttons": buttons}]]))


@pytest.mark.parametrize("key", ["autre-secret", ""])
def test_a_forged_signature_is_not_heard(key: str, caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text(SECRET)), key) == 403
        assert not bot.heard
        assert not platform.calls

    with caplog.at_level(logging.DEBUG):
        scene(play)
    assert "without the right signature" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=abc", "n'importe quoi"])
def test_a_request_without_signature_is_not_heard(header: str | None) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        headers = {} if header is None else {SIGNATURE_HEADER: header}
        assert await entrance.post(notification(text("bonjour")), headers) == 403
        assert not bot.heard

    scene(play)


def test_a_signature_of_another_body_is_not_heard() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        signed = json.dumps(notification(text("bonjour"))).encode()
        signature = hmac.new(APP_SECRET.encode(), signed, hashlib.sha256).hexdigest()
        headers = {SIGNATURE_HEADER: f"sha256={signature}"}
        assert await entrance.post(signed.replace(b"bonjour", b"bonsoir"), headers) == 403
        assert not bot.heard

    scene(play)


def test_a_notification_presented_again_is_not_answered_again() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for _ in range(3):
            assert await send(entrance, notification(text("bonjour"))) == 200
        assert len(bot.heard) == len(platform.calls) == 1

    scene(play)


def test_messages_of_one_notification_are_answered_in_order() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("un", "wamid.1"), text("deux", "wamid.2")))
        assert bot.texts == ["un", "deux"]

    scene(play)


def test_a_body_of_ten_megabytes_is_refused() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text("a" * 10_000_000))) == 413
        assert not bot.heard

    scene(play)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, body) == 400

    scene(play)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"object": "whatsapp_business_account", "entry": "x"},
        {"entry": [{"changes": [{"value": {"metadata": None}}]}]},
        notification(statuses=[{"id": "wamid.0", "status": "read"}]),
        notification(text("pour un autre"), number="999"),
        notification(message("reaction", {"message_id": "wamid.0", "emoji": "👍"})),
        notification(message("system", {"body": "changement de numéro"})),
        notification({"type": "text"}),
        {"entry": [{"changes": [{"field": "account_alerts", "value": {"entity_type": "X"}}]}]},
    ],
    ids=lambda event: json.dumps(event)[:60],
)
def test_an_unknown_event_is_accepted_and_left_alone(event: dict[str, Any]) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, event) == 200
        assert not bot.heard
        assert not platform.calls

    scene(play)


@pytest.mark.parametrize(
    "kind", ["image", "audio", "video", "document", "sticker", "location", "contacts", "unsupported"]
)
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(kind: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(message(kind, {"id": "media", "caption": SECRET})))
        assert not bot.heard
        [(path, body, _)] = platform.calls
        assert path == f"/{NUMBER}/messages"
        assert "Je ne lis que le texte" in body["text"]["body"]

    scene(play)


def test_after_24_hours_no_answer_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text(SECRET, at=NOW - WINDOW - 1))) == 200
        assert not bot.heard
        assert await send(entrance, notification(text("bonjour", at=NOW - WINDOW))) == 200
        assert len(platform.calls) == 1

    scene(play)
    assert "24 hours" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "busy",
    [
        Answer(429, {"error": {"code": 4, "message": SECRET}}, {"Retry-After": "1"}),
        Answer(400, {"error": {"code": 131056, "message": SECRET}}),
        Answer(500, {"error": {"code": 131000, "message": SECRET}}),
        Answer(503, "panne"),
    ],
    ids=lambda answer: str(answer.status),
)
def test_when_meta_is_busy_the_answer_arrives_later_once(busy: Answer, caplog: pytest.LogCaptureFixture) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text(SECRET))) == 200
        assert [body["text"]["body"] for body in platform.bodies()] == ["Un.", "Un.", "Deux."]
        assert len(bot.heard) == 1
        assert waits.seconds == [1.0]

    with caplog.at_level(logging.DEBUG):
        scene(play, busy, bot=Bot([[{"text": "Un."}, {"text": "Deux."}]]), waits=waits)
    assert f"status {busy.status}" in caplog.text
    assert SECRET not in caplog.text
    assert PERSON not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("code", [131047, 131026, 190])
def test_a_refusal_is_not_insisted_upon(code: int, caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, notification(text("bonjour"))) == 200
        assert len(platform.calls) == 1

    scene(play, Answer(400, {"error": {"code": code}}), bot=Bot([[{"text": "Un."}, {"text": "Deux."}]]))
    assert f"error {code}" in caplog.text


def test_meta_may_verify_the_webhook_with_the_right_word_only() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for word, status, body in (("mot-convenu", 200, "1158201444"), ("faux", 403, "")):
            query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"}
            async with entrance.client.get(f"{entrance.url}/webhook", params=query) as answer:
                assert (answer.status, await answer.text()) == (status, body)
        async with entrance.client.get(f"{entrance.url}/webhook") as answer:
            assert answer.status == 403

    scene(play)


def test_a_bot_that_says_nothing_still_gives_the_numbers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(text("bonjour")))
        assert platform.bodies()[0]["text"]["body"] == breakdown_text()

    scene(play, bot=Bot([[]]))


def test_its_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    variables = ("WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_PHONE_NUMBER_ID")
    for variable in variables:
        monkeypatch.setenv(variable, "valeur")
    assert WhatsAppInput.from_credentials(None).name() == "whatsapp"
    for variable in variables:
        monkeypatch.delenv(variable)
        with pytest.raises(MissingSecretError, match=variable):
            WhatsAppInput.from_credentials(None)
        monkeypatch.setenv(variable, "valeur")
