"""The website's channel: what it reads, and what it answers when something breaks."""

import asyncio
import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from boussole.channels import rest
from boussole.channels.gate import BadSenderError
from boussole.channels.rest import BadRequestError, OnNewMessage, RestInput, answer, breakdown_text, read_request
from boussole.serving.failures import report_failure
from boussole.triage.model import Knowledge

SENDER = "a" * 32
SECRET = "motsecretquinedoitpasfuiter"
NUMBERS = {"17", "112", "114", "3114", "3018"}


def ask(on_new_message: OnNewMessage) -> list[dict[str, Any]]:
    """What the channel answers to a message when the bot does ``on_new_message``."""
    message = UserMessage(SECRET, CollectingOutputChannel(), SENDER, input_channel=RestInput.name())
    return asyncio.run(answer(on_new_message, message))


def numbers(messages: list[dict[str, Any]]) -> set[str]:
    """The phone numbers in the last message."""
    return set(re.findall(r"\b\d{2,4}\b", messages[-1]["text"]))


async def reply(message: UserMessage) -> None:
    await message.output_channel.send_text_message(message.sender_id, "Bonjour.")


async def break_down(message: UserMessage) -> None:
    raise RuntimeError(message.text)


async def break_down_halfway(message: UserMessage) -> None:
    await reply(message)
    raise RuntimeError(message.text)


async def be_cancelled(message: UserMessage) -> None:
    raise asyncio.CancelledError(message.text)


async def stay_silent(message: UserMessage) -> None:
    """Say nothing."""


async def hide_a_failure(message: UserMessage) -> None:
    """Go on as Rasa does when an action fails."""
    await reply(message)
    report_failure(ValueError(message.text))


def test_a_turn_that_goes_well_is_answered_as_it_is() -> None:
    assert ask(reply) == [{"recipient_id": SENDER, "text": "Bonjour."}]


async def hang(message: UserMessage) -> None:
    """Wait for what never comes."""
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait as long as a person may."""
    monkeypatch.setattr(rest, "TURN_SECONDS", 0.05)


@pytest.mark.parametrize("failing", [break_down, break_down_halfway, be_cancelled, stay_silent, hide_a_failure, hang])
def test_whatever_breaks_the_emergency_numbers_are_the_last_words(failing: OnNewMessage) -> None:
    messages = ask(failing)
    assert numbers(messages) >= NUMBERS
    assert messages[-1]["recipient_id"] == SENDER


@pytest.mark.parametrize("failing", [break_down_halfway, hide_a_failure])
def test_what_was_already_said_stays(failing: OnNewMessage) -> None:
    assert [message["text"] for message in ask(failing)] == ["Bonjour.", breakdown_text()]


@pytest.mark.parametrize(
    ("failing", "logged"),
    [
        (break_down, "RuntimeError"),
        (be_cancelled, "CancelledError"),
        (stay_silent, "no reply"),
        (hide_a_failure, "ValueError"),
        (hang, "TimeoutError"),
    ],
)
def test_the_log_says_what_failed_and_no_word_of_the_person(
    failing: OnNewMessage, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(failing)
    ours = [record.getMessage() for record in caplog.records if record.name == "boussole.channels.rest"]
    assert ours == [f"a turn failed: {logged}"]
    assert SECRET not in caplog.text
    assert SENDER not in caplog.text


def test_a_turn_that_goes_well_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    ask(reply)
    assert not caplog.text


def test_the_words_for_a_breakdown_are_those_of_the_data(knowledge: Knowledge) -> None:
    assert breakdown_text() == knowledge.messages["panne"].text.variants["vous"]


def request(body: object) -> Any:
    """A request with a JSON body."""
    return SimpleNamespace(json=body)


def test_a_message_is_read_with_its_sender() -> None:
    message = read_request(request({"sender": SENDER, "message": " bonjour "}))
    assert (message.sender_id, message.text) == (SENDER, "bonjour")
    assert message.metadata == {"tronque": False}


def test_a_message_that_is_too_long_is_cut_and_marked() -> None:
    message = read_request(request({"sender": SENDER, "message": "a" * 6_000}))
    assert len(message.text) == 5_000
    assert message.metadata == {"tronque": True}


def test_a_forged_payload_loses_its_slash() -> None:
    assert read_request(request({"sender": SENDER, "message": "/restart"})).text == "restart"


@pytest.mark.parametrize("body", [None, [], "text", 12])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(BadRequestError, match="JSON object"):
        read_request(request(body))


@pytest.mark.parametrize("text", [None, 12, ["bonjour"], {"text": "bonjour"}, True])
def test_a_message_that_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(BadRequestError, match="« message » must be a text"):
        read_request(request({"sender": SENDER, "message": text}))


@pytest.mark.parametrize("body", [{"message": "bonjour"}, {"sender": "default", "message": "bonjour"}])
def test_a_message_without_a_proper_sender_is_refused(body: object) -> None:
    with pytest.raises(BadSenderError, match="« sender »"):
        read_request(request(body))


def test_a_body_that_is_not_json_is_refused() -> None:
    class Broken:
        @property
        def json(self) -> object:
            raise ValueError("no JSON")

    broken: Any = Broken()
    with pytest.raises(BadRequestError, match="must be JSON"):
        read_request(broken)
