"""What is Messenger's own, against a stand-in that follows its documentation; never Meta itself."""

from typing import Any

import pytest

from tests.channels import golden
from tests.channels.platforms import SECRET, Bot, Door, Kept, Platform
from tests.channels.stubs import NOW, PERSON, SIGNING, STUBS, TOKEN, messenger, scene

STUB = STUBS["messenger"]


async def send(entrance: Door, event: dict[str, Any]) -> int:
    return await entrance.post(*STUB.sign(event, SIGNING))


def test_a_message_is_answered_to_its_author() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await send(entrance, messenger("on m'insulte")) == 200
        [(path, body, headers)] = platform.calls
        # The token stays out of the address, which servers write to their logs.
        assert (path, headers["Authorization"]) == ("/me/messages", f"Bearer {TOKEN}")
        assert body == {
            "recipient": {"id": PERSON}, "messaging_type": "RESPONSE", "message": {"text": "Réponse 1."},
        }  # fmt: skip

    scene(STUB, play)


def test_every_message_of_a_batch_is_answered() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        batch = messenger("un jour")
        batch["entry"][0]["messaging"] += messenger("deux mots", 2)["entry"][0]["messaging"]
        batch["entry"] += messenger("trois fois", 3)["entry"]
        assert await send(entrance, batch) == 200
        assert bot.texts == ["un jour", "deux mots", "trois fois"]

    scene(STUB, play)


def test_choices_are_numbered_and_a_number_answers() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, messenger("bonjour"))
        assert "\n2. " in STUB.text(platform.bodies()[0])
        await send(entrance, messenger("deux", 2))
        assert bot.texts[1] == '/repondre{"profil": "parent"}'

    scene(STUB, play, bot=Bot([[golden.question("profil")]]), agent=Kept(requested_slot="profil"))


@pytest.mark.parametrize(
    "said",
    [
        {"postback": {"mid": "m_1", "payload": "/aide"}},
        {"message": {"mid": "m_1", "text": "Aide", "quick_reply": {"payload": "/aide"}}},
    ],
    ids=["postback", "quick reply"],
)
def test_the_button_that_opens_the_chat_says_what_the_page_made_it_say(said: dict[str, Any]) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        event = {"sender": {"id": PERSON}, "timestamp": NOW * 1000, **said}
        assert await send(entrance, {"object": "page", "entry": [{"messaging": [event]}]}) == 200
        assert bot.texts == ["/aide"]

    scene(STUB, play)


@pytest.mark.parametrize("kind", ["image", "audio", "video", "file"])
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(kind: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        attached = [{"type": kind, "payload": {"url": f"https://exemple.fr/{SECRET}"}}]
        assert await send(entrance, messenger("", attachments=attached)) == 200
        assert not bot.heard
        [text] = [STUB.text(body) for body in platform.bodies()]
        assert "Je ne lis que le texte" in text

    scene(STUB, play)


def test_meta_may_verify_the_webhook_with_the_right_word_only() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for word, status in (("mot-convenu", 200), ("faux", 403)):
            query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"}
            async with entrance.client.get(f"{entrance.url}/webhook", params=query) as answer:
                assert answer.status == status

    scene(STUB, play)
