"""What is Slack's own, against a stand-in that follows its documentation; never Slack itself."""

import html
from typing import Any

import pytest

from tests.channels import golden
from tests.channels.platforms import QUESTION, SECRET, Bot, Door, Kept, Platform
from tests.channels.stubs import LINK, NOW, PERSON, SIGNING, STUBS, scene, slack

STUB = STUBS["slack"]


async def send(entrance: Door, event: dict[str, Any]) -> int:
    return await entrance.post(*STUB.sign(event, SIGNING))


def pressed(value: str, when: str = "1.5", place: str = "D1") -> dict[str, Any]:
    """A pressed button."""
    button = {"type": "button", "value": value, "action_ts": when}
    return {"type": "block_actions", "user": {"id": f"U{PERSON}"}, "channel": {"id": place}, "actions": [button]}


def test_choices_are_buttons_and_a_button_answers_once() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, slack("bonjour"))
        text, actions = platform.bodies("chat.postMessage")[0]["blocks"]
        assert text["text"] == {"type": "mrkdwn", "text": "Qui êtes-vous ?"}
        assert [e["text"]["text"] for e in actions["elements"]] == [b["title"] for b in QUESTION["buttons"]]
        assert len({e["action_id"] for e in actions["elements"]}) == len(actions["elements"])
        for _ in range(2):
            assert await send(entrance, pressed(actions["elements"][1]["value"])) == 200
        assert bot.texts[1:] == ['/repondre{"profil": "parent"}']

    scene(STUB, play, bot=Bot([[QUESTION]]))


def test_more_choices_than_buttons_are_numbered_and_a_number_answers() -> None:
    question = golden.question("nature")

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, slack("bonjour"))
        assert "11. " in platform.bodies()[0]["text"]
        await send(entrance, slack("onze", 2))
        assert bot.texts[1] == question["buttons"][10]["payload"]

    scene(STUB, play, bot=Bot([[question]]), agent=Kept(requested_slot="nature"))


def test_slack_may_try_the_address() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        body, headers = STUB.sign({"type": "url_verification", "challenge": "3eZbrw1a"}, SIGNING)
        async with entrance.client.post(f"{entrance.url}/webhook", data=body, headers=headers) as answer:
            assert (answer.status, await answer.text()) == (200, "3eZbrw1a")
        assert await entrance.post(*STUB.sign({"type": "url_verification", "challenge": "x"}, "autre")) == 403

    scene(STUB, play)


@pytest.mark.parametrize("stamp", [str(NOW - 301), "hier", ""])
def test_a_signature_is_good_for_five_minutes(stamp: str) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        body, headers = STUB.request("bonjour")
        assert await entrance.post(body, {**headers, "X-Slack-Request-Timestamp": stamp}) == 403
        assert not bot.heard

    scene(STUB, play)


def test_in_a_channel_nothing_is_read_and_another_way_is_offered() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, slack(f"<@UBOT> {SECRET}", type="app_mention", channel="C1"))
        await send(entrance, pressed("/aide", place="C1"))
        assert not bot.heard
        for body in platform.bodies():
            assert body["channel"] == "C1"
            assert "D'autres personnes lisent ici" in body["text"]
            assert LINK in body["text"]
        assert len(platform.bodies()) == 2

    scene(STUB, play)


def test_words_are_read_as_they_were_typed() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        typed = "on m'insulte sur https://x.fr/a?b=1&c=2, aide moi <3"
        await send(entrance, slack(html.escape(typed, quote=False).replace("https", "<https").replace(",", ">,")))
        assert bot.texts == [typed]

    scene(STUB, play)


def test_a_picture_is_not_read() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await send(entrance, slack("", subtype="file_share", files=[{"url_private": SECRET}]))
        assert not bot.heard
        assert "Je ne lis que le texte" in platform.bodies()[0]["text"]

    scene(STUB, play)
