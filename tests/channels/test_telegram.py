"""What is Telegram's own, against a stand-in that follows https://core.telegram.org/bots/api; never Telegram itself.

What every platform may do to us is in test_webhooks.py.
"""

from typing import Any

import pytest

from boussole.channels.gate import is_payload
from boussole.channels.identity import MissingSecretError
from boussole.channels.telegram import SECRET_HEADER, TelegramInput
from boussole.triage.knowledge import load_knowledge
from tests.channels import golden
from tests.channels.platforms import QUESTION, SECRET, Answer, Bot, Door, Platform
from tests.channels.stubs import NOW, PERSON, SIGNING, STUBS, TOKEN, scene, telegram

STUB = STUBS["telegram"]
HEADERS = {SECRET_HEADER: SIGNING}
GROUP = {"id": -5, "type": "supergroup", "title": "4e B"}


def pressed(data: str, number: int = 2) -> dict[str, Any]:
    """An update for a button."""
    said = telegram("", number)["message"]
    message = {**said, "from": {"id": 4242, "is_bot": True}}
    return {"update_id": number, "callback_query": {"id": "q1", "from": said["from"], "message": message, "data": data}}


def without_text(**content: Any) -> dict[str, Any]:
    """An update with a message that is no text."""
    update = telegram("", **content)
    del update["message"]["text"]
    return update


def test_a_message_is_answered_in_the_chat_it_came_from() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(telegram("on m'insulte"), HEADERS) == 200
        assert bot.texts == ["on m'insulte"]
        [(path, body, _)] = platform.calls
        assert path == f"/bot{TOKEN}/sendMessage"
        assert (body["chat_id"], body["text"], body["parse_mode"]) == (int(PERSON), "Réponse 1.", "HTML")
        assert body["link_preview_options"] == {"is_disabled": True}

    scene(STUB, play)


def test_a_question_comes_with_its_buttons_and_a_button_answers_it() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(telegram("bonjour"), HEADERS)
        keyboard = platform.bodies("sendMessage")[0]["reply_markup"]["inline_keyboard"]
        assert [[button["text"] for button in row] for row in keyboard] == [[b["title"]] for b in QUESTION["buttons"]]
        assert await entrance.post(pressed(keyboard[1][0]["callback_data"]), HEADERS) == 200
        assert bot.texts[1] == '/repondre{"profil": "parent"}'
        assert platform.bodies("answerCallbackQuery") == [{"callback_query_id": "q1"}]

    scene(STUB, play, bot=Bot([[QUESTION]]))


def test_a_button_that_is_presented_again_answers_once() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for _ in range(2):
            assert await entrance.post(pressed("/pourquoi"), HEADERS) == 200
        assert bot.texts == ["/pourquoi"]
        assert len(platform.bodies("sendMessage")) == 1

    scene(STUB, play)


def test_every_button_of_every_question_holds_in_telegram_s_64_bytes() -> None:
    payloads = [b["payload"] for name in load_knowledge().questions for b in golden.question(name)["buttons"]]
    assert max(len(payload.encode()) for payload in payloads) <= 64
    assert all(map(is_payload, payloads))


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document", "sticker", "location", "contact"])
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(kind: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(without_text(caption=SECRET, **{kind: {"file_id": "x"}}), HEADERS)
        assert not bot.heard
        [(path, body, _)] = platform.calls
        assert path.endswith("/sendMessage")
        assert "Je ne lis que le texte" in body["text"]

    scene(STUB, play)


def test_somebody_who_comes_in_or_a_new_title_asks_for_no_answer() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(without_text(new_chat_members=[{"id": 1}]), HEADERS) == 200
        assert not platform.calls

    scene(STUB, play)


@pytest.mark.parametrize("opening", ["/start", "/start lien-du-site"])
def test_the_button_that_opens_the_chat_is_a_greeting(opening: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(telegram(opening), HEADERS)
        assert bot.texts == ["bonjour"]

    scene(STUB, play)


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
        text = message.pop("text")
        await entrance.post(telegram(text, chat=GROUP, date=NOW, **message), HEADERS)
        assert not bot.heard
        [body] = platform.bodies()
        assert body["chat_id"] == -5
        assert "https://t.me/BoussoleBot" in body["text"]
        assert SECRET not in body["text"]

    scene(STUB, play)


def test_in_a_group_what_is_said_to_others_is_left_alone() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(telegram(SECRET, chat=GROUP), HEADERS) == 200
        assert not bot.heard
        assert not platform.calls

    scene(STUB, play)


def test_a_button_that_cannot_be_acknowledged_is_answered_all_the_same() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(pressed("/pourquoi"), HEADERS)
        assert platform.bodies("sendMessage")[0]["text"] == "Réponse 1."

    scene(STUB, play, Answer(400, {"ok": False}))


def test_its_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET", raising=False)
    with pytest.raises(MissingSecretError, match="TELEGRAM_WEBHOOK_SECRET"):
        TelegramInput.from_credentials(None)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "mot")
    assert TelegramInput.from_credentials({"nom": "@BoussoleBot"}).name() == "telegram"
