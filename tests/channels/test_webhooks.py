"""What every platform with a webhook may do to us, on every channel: nothing is lost, doubled or leaked."""

import asyncio
import logging
from typing import Any

import pytest

from boussole.channels.delivery import WAITS
from boussole.channels.desk import LATER
from boussole.channels.ledger import SqliteLedger
from boussole.channels.rest import breakdown_text
from tests.channels.platforms import SECRET, Answer, Bot, Door, Platform, Waits
from tests.channels.stubs import PERSON, SIGNING, STUBS, TOKEN, Stub, scene

EVERY = pytest.mark.parametrize("stub", STUBS.values(), ids=STUBS)
# Mattermost's webhooks are only heard in public: nothing is read there, and there is one answer.
TALKING = pytest.mark.parametrize("stub", [s for s in STUBS.values() if s.name != "mattermost"], ids=lambda s: s.name)


def sent(stub: Stub, platform: Platform) -> list[str]:
    """The texts that the platform was given."""
    return [stub.text(body) for body in platform.bodies()]


def is_answer(stub: Stub, texts: list[str]) -> bool:
    """Tell whether there is one answer, the bot's or that of groups."""
    return len(texts) == 1 and ("D'autres personnes lisent" if stub.name == "mattermost" else "Réponse 1.") in texts[0]


def without_secrets(log: str) -> bool:
    """Tell whether a log names nobody, and holds neither words nor secrets."""
    return not any(secret in log for secret in (SECRET, PERSON, TOKEN, SIGNING))


@EVERY
def test_a_message_is_answered_once_however_often_it_is_presented(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for _ in range(3):
            assert await entrance.post(*stub.request("on m'insulte")) == 200
        assert is_answer(stub, sent(stub, platform))
        assert len(bot.heard) <= 1
        assert all(PERSON not in message.sender_id for message in bot.heard)

    scene(stub, play)


@EVERY
def test_a_message_presented_again_at_once_is_answered_once(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        again = [entrance.post(*stub.request("on m'insulte")) for _ in range(4)]
        assert await asyncio.gather(*again) == [200] * 4
        assert is_answer(stub, sent(stub, platform))

    scene(stub, play)


@EVERY
def test_a_message_presented_again_after_a_restart_is_answered_once(stub: Stub, tmp_path: Any) -> None:
    answers: list[str] = []

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request("on m'insulte")) == 200
        answers.extend(sent(stub, platform))

    for _ in range(2):
        ledger = SqliteLedger(tmp_path / "canaux.sqlite")
        scene(stub, play, ledger=ledger)
        ledger.close()
    assert is_answer(stub, answers)


@EVERY
@pytest.mark.parametrize("key", ["autre-secret", "", "secret-de-signaturé"])
def test_a_forged_request_is_not_heard_and_the_log_says_so_without_words(
    stub: Stub, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request(SECRET, key=key)) == 403
        assert not bot.heard
        assert not platform.calls

    with caplog.at_level(logging.DEBUG):
        scene(stub, play)
    assert "a request that is not the platform's was refused" in caplog.text
    assert without_secrets(caplog.text)


@EVERY
def test_a_request_without_any_signature_is_not_heard(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        body, headers = stub.request(SECRET, key="")
        kept = {name: value for name, value in headers.items() if name == "Content-Type"}
        assert await entrance.post(body, kept) == 403
        assert not bot.heard
        assert not platform.calls

    scene(stub, play)


@EVERY
def test_a_body_of_ten_megabytes_is_refused_unread(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request(SECRET * 400_000)) == 413
        assert not bot.heard
        assert not platform.calls
        assert await entrance.post(*stub.request("on m'insulte")) == 200

    with caplog.at_level(logging.DEBUG):
        scene(stub, play)
    assert "a request that is too long was refused" in caplog.text
    assert without_secrets(caplog.text)


@EVERY
def test_a_long_body_that_hides_its_length_is_refused_too(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        async def chunks() -> Any:
            for _ in range(stub.channel("").body_limit // 100_000 + 2):
                yield b"a" * 100_000

        _, headers = stub.request("x")
        async with entrance.client.post(f"{entrance.url}/webhook", data=chunks(), headers=headers) as answer:
            assert answer.status == 413
        assert not bot.heard

    scene(stub, play)


@EVERY
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"texte"', b"[" * 100_000, b"\xff\xfe"], ids=lambda b: repr(b[:4]))
def test_what_cannot_be_read_is_not_heard(stub: Stub, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        # Nearly anything is a form, where nothing is found then.
        assert await entrance.post(*stub.sign(body, SIGNING)) in ((200, 403) if stub.name == "sms" else (400, 403))
        assert not bot.heard
        assert not platform.calls

    with caplog.at_level(logging.DEBUG):
        scene(stub, play)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("stub", "event"), [(stub, event) for stub in STUBS.values() for event in stub.unknown], ids=lambda v: str(v)[:70]
)
def test_an_unknown_event_is_accepted_and_left_alone(stub: Stub, event: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.sign(event, SIGNING)) == 200
        assert not bot.heard
        assert not platform.calls

    with caplog.at_level(logging.INFO):
        scene(stub, play)
    assert "a request that needs no answer" in caplog.text
    assert without_secrets(caplog.text)


@pytest.mark.parametrize(
    ("stub", "busy"),
    [(stub, busy) for stub in STUBS.values() for busy in stub.busy],
    ids=lambda v: getattr(v, "name", ""),
)
def test_a_platform_that_asks_to_wait_gets_the_answer_later_once_and_in_order(
    stub: Stub, busy: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(bot.heard) <= 1
        first, *rest = sent(stub, platform)
        assert rest == ([first] if stub.name == "mattermost" else ["Un.", "Deux."])
        assert waits.seconds == [7.0]

    with caplog.at_level(logging.DEBUG):
        scene(stub, play, busy, bot=Bot([[{"text": "Un."}, {"text": "Deux."}]]), waits=waits)
    assert f"trying again in 7 s: status {busy.status}" in caplog.text
    assert without_secrets(caplog.text)


@EVERY
def test_a_platform_that_breaks_or_hangs_up_gets_the_answer_later_once(
    stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(bot.heard) <= 1
        assert len(platform.calls) == 4
        assert is_answer(stub, sent(stub, platform)[-1:])
        assert waits.seconds == [1.0, 2.0, 4.0]

    with caplog.at_level(logging.DEBUG):
        scene(stub, play, Answer(500, SECRET), Answer(0), Answer(503, "panne"), waits=waits)
    assert "status 500" in caplog.text
    assert "ServerDisconnectedError" in caplog.text
    assert without_secrets(caplog.text)


REPLY = [{"text": "Un."}, {"text": "Deux."}]


@pytest.mark.parametrize("stub", [s for s in STUBS.values() if not s.insists], ids=lambda s: s.name)
def test_an_answer_that_is_given_up_is_presented_again_and_the_rest_of_it_sent(
    stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        # 503: the platform presents it again.
        assert await entrance.post(*stub.request(SECRET)) == 503
        assert sent(stub, platform) == ["Un."] + ["Deux."] * (len(WAITS) + 1)
        assert waits.seconds == list(WAITS)
        platform.calls.clear()
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert sent(stub, platform) == ["Deux."]
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(platform.calls) == 1

    broken = [Answer(500, SECRET)] * (len(WAITS) + 1)
    with caplog.at_level(logging.DEBUG):
        scene(stub, play, Answer(stub.status, stub.yes), *broken, bot=Bot([REPLY, REPLY]), waits=waits)
    assert "given up for now: status 500" in caplog.text
    assert without_secrets(caplog.text)


@pytest.mark.parametrize("stub", [s for s in STUBS.values() if s.insists], ids=lambda s: s.name)
def test_where_the_platform_would_not_ask_again_an_answer_that_is_given_up_is_tried_again_later(
    stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(platform.calls) == len(WAITS) + 2
        assert waits.seconds == [*WAITS, LATER]
        assert is_answer(stub, sent(stub, platform)[-1:])
        assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(platform.calls) == len(WAITS) + 2

    once = [{"text": "Réponse 1."}]
    with caplog.at_level(logging.DEBUG):
        scene(stub, play, *[Answer(500, SECRET)] * (len(WAITS) + 1), bot=Bot([once, once]), waits=waits)
    assert "given up for now: status 500" in caplog.text
    assert without_secrets(caplog.text)


@EVERY
def test_a_refusal_is_not_insisted_upon(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    waits = Waits()

    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for _ in range(2):
            assert await entrance.post(*stub.request(SECRET)) == 200
        assert len(platform.calls) == 1
        assert not waits.seconds

    bot = Bot([[{"text": "Un."}, {"text": "Deux."}]])
    with caplog.at_level(logging.DEBUG):
        scene(stub, play, stub.refusal, bot=bot, waits=waits)
    assert f"refused a message: status {stub.refusal.status}" in caplog.text
    assert without_secrets(caplog.text)


@EVERY
def test_words_and_tokens_do_not_follow_a_redirection(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        assert await entrance.post(*stub.request("on m'insulte")) == 200
        assert len(platform.calls) == 1

    scene(stub, play, Answer(307, None, {"Location": "/ailleurs"}))


@TALKING
def test_a_bot_that_says_nothing_still_gives_the_numbers(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        await entrance.post(*stub.request("bonjour"))
        [text] = sent(stub, platform)
        assert all(number in text for number in ("17", "112", "114", "3114", "3018"))
        assert text.replace("<code>", "").replace("</code>", "")[:20] == breakdown_text()[:20]

    scene(stub, play, bot=Bot([[]]))


@TALKING
def test_two_messages_of_one_person_are_answered_in_their_order(stub: Stub) -> None:
    async def play(entrance: Door, platform: Platform, bot: Bot) -> None:
        for number, text in enumerate(("un beau jour", "deux mots"), start=1):
            assert await entrance.post(*stub.request(text, number)) == 200
        assert bot.texts == ["un beau jour", "deux mots"]
        assert len({message.sender_id for message in bot.heard}) == 1
        assert sent(stub, platform) == ["Réponse 1.", "Réponse 2."]

    scene(stub, play)
