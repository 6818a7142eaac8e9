"""Telegram, against a stand-in that follows https://core.telegram.org/bots/api; never against Telegram itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from boussole.channels.abilities import CHANNELS
from boussole.channels.desk import Desk
from boussole.channels.gate import is_payload
from boussole.channels.identity import MissingSecretError
from boussole.channels.ledger import Ledger
from boussole.channels.rest import breakdown_text
from boussole.channels.telegram import NAME, SECRET_HEADER, TelegramInput
from boussole.channels.webhook import BODY_LIMIT
from boussole.triage.knowledge import load_knowledge
from tests.channels import golden
from tests.channels.platforms import KEY, QUESTION, SECRET, Answer, Bot, Door, Platform, Waits, api, door

TOKEN = "4242:jeton-d-essai"
HEADERS = {SECRET_HEADER: "mot-convenu"}
PERSON = {"id": 77, "is_bot": False, "first_name": "Alix"}
Scene = Callable[[Door, Platform, Bot], Awaitable[None]]


def scene(play: Scene, *script: Answer, bot: Bot | None = None, waits: Waits | None = None) -> None:
    """Play against the channel behind its webhook and a stand-in for Telegram that answers with ``script`` first."""

    async def run() -> None:
        async with api(Platform({"ok": True, "result": True}, list(script))) as platform:
            desk = Desk(NAME, CHANNELS[NAME], KEY, Ledger(":memory:"), waits or Waits())
            channel = TelegramInput(desk, TOKEN, HEADERS[SECRET_HEADER], "BoussoleBot", platform.url)
            talker = bot or Bot()
            async with door(channel, talker) as entrance:
                await play(entrance, platform, talker)

    asyncio.run(run())


def update(number: int = 1, **message: Any) -> dict[str, Any]:
    """An update with a message of the person's."""
    base = {"message_id": number, "date": 0, "from": PERSON, "chat": {"id": 77, "type": "private"}}
    return {"update_id": number, "message": {**base, **message}}


def pressed(data: str, number: int = 2) -> dict[str, Any]:
    """An update for a button."""
    message = update(number)["message"] | {"from": {"id": 4242, "is_bot": True}}
    return {"update_id": number, "callback_query": {"id": "q1", "from": PERSON, "message": message, "data": data}}


def test_a_message_is_answered_in_the_chat_it_came_from() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(text="on m'insulte"), HEADERS) == 200
        assert bot.texts == ["on m'insulte"]
        [(path, body, _)] = platform.calls
        assert path == f"/bot{TOKEN}/sendMessage"
        assert (body["chat_id"], body["text"], body["parse_mode"]) == (77, "Réponse 1.", "HTML")
        assert body["link_preview_options"] == {"is_disabled": True}

    scene(play)


def test_a_question_comes_with_its_buttons_and_a_button_answers_it() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(update(text="bonjour"), HEADERS)
        keyboard = platform.bodies("sendMessage")[0]["reply_markup"]["inline_keyboard"]
        assert [[button["text"] for button in row] for row in keyboard] == [[b["title"]] for b in QUESTION["buttons"]]
        assert await entrance.post(pressed(keyboard[1][0]["callback_data"]), HEADERS) == 200
        assert bot.texts[1] == '/repondre{"profil": "parent"}'
        assert platform.bodies("answerCallbackQuery") == [{"callback_query_id": "q1"}]

    scene(play, bot=Bot([[QUESTION]]))


def test_every_button_of_every_question_holds_in_telegram_s_64_bytes() -> None:
    payloads = [b["payload"] for name in load_knowledge().questions for b in golden.question(name)["buttons"]]
    assert max(len(payload.encode()) for payload in payloads) <= 64
    assert all(map(is_payload, payloads))


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "faux"}, {SECRET_HEADER: ""}, {SECRET_HEADER: "mot-convenü"}])
def test_who_does_not_know_the_secret_is_not_heard(headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(text=SECRET), headers) == 403
        assert not bot.heard
        assert not platform.calls

    with caplog.at_level(logging.DEBUG):
        scene(play)
    assert "without the right secret" in caplog.text
    assert SECRET not in caplog.text


def test_an_update_presented_again_is_not_answered_again() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for _ in range(3):
            assert await entrance.post(update(text="bonjour"), HEADERS) == 200
        assert len(bot.heard) == len(platform.calls) == 1

    scene(play)


def test_a_body_of_ten_megabytes_is_refused_unread() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(text="a" * 10_000_000), HEADERS) == 413
        assert not bot.heard
        assert await entrance.post(update(text="bonjour"), HEADERS) == 200

    scene(play)


def test_a_long_body_that_hides_its_length_is_refused_too() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        async def chunks() -> Any:
            for _ in range(BODY_LIMIT // 1000 + 2):
                yield b"a" * 1000

        async with entrance.client.post(f"{entrance.url}/webhook", data=chunks(), headers=HEADERS) as answer:
            assert answer.status == 413
        assert not bot.heard

    scene(play)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"texte"', b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(body, HEADERS) == 400
        assert not bot.heard

    scene(play)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"update_id": 1},
        {"update_id": "un", "message": update(text="x")["message"]},
        {"update_id": 1, "poll": {"id": "1"}},
        {"update_id": 1, "message": "texte"},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"text": "x"}},
        {"update_id": 1, "edited_message": update(text="x")["message"]},
        {"update_id": 1, "my_chat_member": {"chat": {"id": 77, "type": "private"}, "from": PERSON}},
        update(new_chat_members=[PERSON]),
        update(text="x", **{"from": {"id": 9, "is_bot": True}}),
    ],
    ids=str,
)
def test_an_unknown_event_is_accepted_and_left_alone(event: dict[str, Any]) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(event, HEADERS) == 200
        assert not bot.heard
        assert not platform.calls

    scene(play)


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document", "sticker", "location", "contact"])
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(kind: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(update(caption=SECRET, **{kind: {"file_id": "x"}}), HEADERS)
        assert not bot.heard
        [(path, body, _)] = platform.calls
        assert path.endswith("/sendMessage")
        assert "Je ne lis que le texte" in body["text"]

    scene(play)


@pytest.mark.parametrize("opening", ["/start", "/start lien-du-site"])
def test_the_button_that_opens_the_chat_is_a_greeting(opening: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(update(text=opening), HEADERS)
        assert bot.texts == ["bonjour"]

    scene(play)


GROUP = {"id": -5, "type": "supergroup", "title": "4e B"}


@pytest.mark.parametrize(
    "message",
    [
        {"text": f"@boussolebot {SECRET}"},
        {"text": f"/aide@BoussoleBot {SECRET}"},
        {"text": SECRET, "reply_to_message": {"from": {"id": 4242, "is_bot": True}}},
    ],
    ids=str,
)
def test_in_a_group_nothing_is_read_and_the_private_chat_is_offered(message: dict[str, Any]) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(update(chat=GROUP, **message), HEADERS)
        assert not bot.heard
        [body] = platform.bodies()
        assert body["chat_id"] == -5
        assert "https://t.me/BoussoleBot" in body["text"]
        assert SECRET not in body["text"]

    scene(play)


def test_in_a_group_what_is_said_to_others_is_left_alone() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(chat=GROUP, text=SECRET), HEADERS) == 200
        assert not bot.heard
        assert not platform.calls

    scene(play)


def test_when_telegram_is_busy_the_answer_arrives_later_once_and_in_order(caplog: pytest.LogCaptureFixture) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(text=SECRET), HEADERS) == 200
        assert len(bot.heard) == 1
        assert [body["text"] for body in platform.bodies()] == [SECRET] * 3 + ["Deux."]
        assert waits.seconds == [3.0, 2.0]

    busy = Answer(429, {"ok": False, "error_code": 429, "description": SECRET, "parameters": {"retry_after": 3}})
    with caplog.at_level(logging.DEBUG):
        scene(play, busy, Answer(500, "panne"), bot=Bot([[{"text": SECRET}, {"text": "Deux."}]]), waits=waits)
    assert "status 429" in caplog.text
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text


def test_a_person_who_blocked_the_bot_is_not_insisted_upon() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(update(text="bonjour"), HEADERS) == 200
        assert len(platform.calls) == 1

    scene(play, Answer(403, {"ok": False, "error_code": 403}), bot=Bot([[{"text": "Un."}, {"text": "Deux."}]]))


def test_a_button_that_cannot_be_acknowledged_is_answered_all_the_same() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(pressed("/pourquoi"), HEADERS)
        assert platform.bodies("sendMessage")[0]["text"] == "Réponse 1."

    scene(play, Answer(400, {"ok": False}))


def test_a_bot_that_says_nothing_still_gives_the_numbers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(update(text="bonjour"), HEADERS)
        assert platform.bodies()[0]["text"].replace("<code>", "").replace("</code>", "") == breakdown_text()

    scene(play, bot=Bot([[]]))


def test_its_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET", raising=False)
    with pytest.raises(MissingSecretError, match="TELEGRAM_WEBHOOK_SECRET"):
        TelegramInput.from_credentials(None)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "mot")
    assert TelegramInput.from_credentials({"nom": "@BoussoleBot"}).name() == "telegram"
