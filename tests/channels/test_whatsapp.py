"""What is WhatsApp's own, against a stand-in that follows the Cloud API's documentation; never Meta itself.

What every platform may do to us is in test_webhooks.py.
"""

from typing import Any

import pytest

from boussole.channels.identity import MissingSecretError
from boussole.channels.meta import SIGNATURE_HEADER, WINDOW
from boussole.channels.whatsapp import WhatsAppInput
from tests.channels import golden
from tests.channels.platforms import QUESTION, SECRET, Bot, Door, Kept, Platform
from tests.channels.stubs import NOW, PERSON, SIGNING, STUBS, TOKEN, scene, whatsapp

STUB = STUBS["whatsapp"]


def notification(kind: str, content: Any, number: int = 1) -> dict[str, Any]:
    """A message of the person's that is no text."""
    return whatsapp("", number, type=kind, **{kind: content})


async def send(entrance: Door, event: dict[str, Any]) -> int:
    """POST a notification signed as Meta signs; return the status."""
    return await entrance.post(*STUB.sign(event, SIGNING))


def test_a_message_is_answered_to_its_number() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, whatsapp("on m'insulte")) == 200
        assert bot.texts == ["on m'insulte"]
        [(path, body, headers)] = platform.calls
        assert path == "/1065/messages"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert body == {
            "messaging_product": "whatsapp",
            "to": PERSON,
            "type": "text",
            "text": {"body": "Réponse 1.", "preview_url": False},
        }

    scene(STUB, play)


def test_four_choices_are_a_list_and_a_row_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, whatsapp("bonjour"))
        interactive = platform.bodies()[0]["interactive"]
        rows = interactive["action"]["sections"][0]["rows"]
        assert (interactive["type"], interactive["body"]["text"]) == ("list", "Qui êtes-vous ?")
        assert rows[1] == {"id": '/repondre{"profil": "parent"}', "title": "Je suis parent"}
        assert rows[3] == {"id": "/pourquoi", "title": "Pourquoi cette question"}
        assert all(len(row["title"]) <= 24 for row in rows)
        reply = {"type": "list_reply", "list_reply": rows[1]}
        assert await send(entrance, notification("interactive", reply, 2)) == 200
        assert bot.texts[1] == '/repondre{"profil": "parent"}'

    scene(STUB, play, bot=Bot([[QUESTION]]))


def test_three_short_choices_are_buttons_and_a_button_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, whatsapp("bonjour"))
        interactive = platform.bodies()[0]["interactive"]
        assert interactive["type"] == "button"
        button = interactive["action"]["buttons"][0]
        assert button == {"type": "reply", "reply": {"id": "/retour", "title": "Oui"}}
        reply = {"type": "button_reply", "button_reply": button["reply"]}
        await send(entrance, notification("interactive", reply, 2))
        assert bot.texts[1] == "/retour"

    buttons = [{"title": title, "payload": "/retour"} for title in ("Oui", "Non", "Je ne sais pas")]
    scene(STUB, play, bot=Bot([[{"text": "Vraiment ?", "buttons": buttons}]]))


def test_more_choices_than_a_list_holds_are_numbered_and_a_number_answers() -> None:
    question = golden.question("nature")

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, whatsapp("bonjour"))
        assert "11. " in platform.bodies()[0]["text"]["body"]
        await send(entrance, whatsapp("onze", 2))
        assert bot.texts[1] == question["buttons"][10]["payload"]

    scene(STUB, play, bot=Bot([[question]]), agent=Kept(requested_slot="nature"))


@pytest.mark.parametrize("header", ["", "sha256=", "sha1=abc", "n'importe quoi"])
def test_a_signature_of_another_form_is_not_heard(header: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(whatsapp("bonjour"), {SIGNATURE_HEADER: header}) == 403
        assert not bot.heard

    scene(STUB, play)


def test_a_signature_of_another_body_is_not_heard() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        signed, headers = STUB.request("bonjour")
        assert await entrance.post(signed.replace(b"bonjour", b"bonsoir"), headers) == 403
        assert not bot.heard

    scene(STUB, play)


def test_messages_of_one_notification_are_answered_in_order() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        both = whatsapp("un jour")
        value = both["entry"][0]["changes"][0]["value"]
        value["messages"] += whatsapp("deux mots", 2)["entry"][0]["changes"][0]["value"]["messages"]
        assert await send(entrance, both) == 200
        assert bot.texts == ["un jour", "deux mots"]
        assert [STUB.text(body) for body in platform.bodies()] == ["Réponse 1.", "Réponse 2."]

    scene(STUB, play)


def test_a_long_batch_of_many_people_s_messages_is_read_whole() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        batch = whatsapp("bonjour")
        messages = batch["entry"][0]["changes"][0]["value"]["messages"]
        first = messages[0]
        messages += [{**first, "id": f"w.{n}", "from": f"336{n}", "context": "x" * 20_000} for n in range(40)]
        assert await send(entrance, batch) == 200
        assert len(bot.heard) == len(platform.calls) == 41

    scene(STUB, play)


def test_messages_to_another_number_are_not_for_this_bot() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        other = whatsapp("bonjour")
        other["entry"][0]["changes"][0]["value"]["metadata"] = {"phone_number_id": "999"}
        assert await send(entrance, other) == 200
        assert not bot.heard

    scene(STUB, play)


@pytest.mark.parametrize(
    "kind", ["image", "audio", "video", "document", "sticker", "location", "contacts", "unsupported"]
)
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(kind: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, notification(kind, {"id": "media", "caption": SECRET}))
        assert not bot.heard
        [(path, body, _)] = platform.calls
        assert path == "/1065/messages"
        assert "Je ne lis que le texte" in body["text"]["body"]

    scene(STUB, play)


def test_after_24_hours_no_answer_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, whatsapp(SECRET, timestamp=str(NOW - WINDOW - 1))) == 200
        assert not bot.heard
        assert await send(entrance, whatsapp("bonjour", 2, timestamp=str(NOW - WINDOW))) == 200
        assert len(platform.calls) == 1

    scene(STUB, play)
    assert "24 hours" in caplog.text
    assert SECRET not in caplog.text


def test_meta_may_verify_the_webhook_with_the_right_word_only() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for word, status, body in (("mot-convenu", 200, "1158201444"), ("faux", 403, "")):
            query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"}
            async with entrance.client.get(f"{entrance.url}/webhook", params=query) as answer:
                assert (answer.status, await answer.text()) == (status, body)
        async with entrance.client.get(f"{entrance.url}/webhook") as answer:
            assert answer.status == 403

    scene(STUB, play)


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
