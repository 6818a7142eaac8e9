"""What is Mattermost's own, against a stand-in that follows its documentation; never Mattermost itself."""

from tests.channels.platforms import SECRET, Bot, Door, Platform
from tests.channels.stubs import LINK, STUBS, TOKEN, scene

STUB = STUBS["mattermost"]


def test_in_public_nothing_is_read_and_another_way_is_offered() -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*STUB.request(SECRET)) == 200
        assert not bot.heard
        [(path, body, headers)] = platform.calls
        assert (path, body["channel_id"]) == ("/api/v4/posts", "c1")
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert "D'autres personnes lisent ici" in body["message"]
        assert LINK in body["message"]
        assert "[3018](tel:3018)" in body["message"]

    scene(STUB, play)
