"""Whatever a messenger's webhook is sent: no 500, no hang, no leak, and nothing but texts reaches the bot.

The bodies are genuine ones of each platform, signed as it signs, with parts replaced by anything that JSON can hold:
what nobody could sign is refused before it is read, which the tests of each channel show.
"""

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels import stubs
from tests.channels.platforms import Bot, Door, Platform
from tests.channels.stubs import SIGNING, Stub, scene

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


def signed(stub: Stub, body: Any) -> tuple[bytes, dict[str, str]]:
    """A body as it goes over the network, and the headers by which the platform is known."""
    if stub.name == "sms":
        form = {str(key): str(value) for key, value in body.items()} if isinstance(body, dict) else {}
        body = {key: value.encode("utf-8", "replace").decode() for key, value in form.items()}
    elif not isinstance(body, dict):
        body = json.dumps(body).encode()
    return stub.sign(body, SIGNING)


def genuine(stub: Stub) -> tuple[dict[str, Any], ...]:
    """Bodies as the platform sends them."""
    said = stub.event("on m'insulte", 1)
    if stub.name == "telegram":
        message = said["message"]
        pressed = {"id": "q1", "from": message["from"], "message": message, "data": "/aide"}
        photo = {**message, "photo": [{"file_id": "x"}], "text": None}
        return said, {"update_id": 2, "callback_query": pressed}, {"update_id": 3, "message": photo}
    if stub.name == "whatsapp":
        reply = {"type": "list_reply", "list_reply": {"id": "/aide", "title": "Aide"}}
        return said, stubs.whatsapp("", 2, type="interactive", interactive=reply), stubs.whatsapp("", 3, type="image")
    if stub.name == "slack":
        button = {"type": "button", "value": "/aide", "action_ts": "1.5"}
        pressed = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D1"}, "actions": [button]}
        return said, stubs.slack("on m'insulte", 2, type="app_mention", channel="C1"), pressed
    return (said,)


def play(stub: Stub, bodies: list[Any]) -> tuple[list[int], Bot]:
    """Send bodies to a channel; return the statuses, and the bot that heard what came through."""
    bot, statuses = Bot(), []

    async def send_all(entrance: Door, platform: Platform, bot: Bot) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            statuses.extend([await entrance.post(*signed(stub, body)) for body in bodies])

    scene(stub, send_all, bot=bot)
    return statuses, bot


@pytest.mark.parametrize("stub", stubs.STUBS.values(), ids=stubs.STUBS)
@fuzzed
@given(data=st.data())
def test_a_spoilt_message_of_a_platform_is_answered_or_refused(
    stub: Stub, data: st.DataObject, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = data.draw(st.lists(spoilt(genuine(stub)), min_size=REQUESTS, max_size=REQUESTS))
    statuses, bot = play(stub, bodies)
    worst = [(status, body) for status, body in zip(statuses, bodies, strict=True) if status >= 500]
    assert not worst
    assert all(isinstance(text, str) for text in bot.texts)
    assert "on m'insulte" not in caplog.text
