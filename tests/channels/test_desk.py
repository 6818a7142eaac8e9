"""The desk: once each, in order, in the channel's voice, whatever fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import WAITS, BusyError, RefusedError
from boussole.channels.desk import Desk, Received
from boussole.channels.gate import check_sender
from boussole.channels.ledger import Ledger
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import breakdown_text
from boussole.serving.turns import answering, current_turn
from boussole.triage.model import Knowledge
from tests.channels.platforms import KEY, QUESTION, SECRET, Bot, Waits

ALICE, BOB = ("alice",), ("bob",)


class Wire:
    """A way to the person that keeps what is sent, and fails as told first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent: list[str] = []

    async def __call__(self, outgoing: Outgoing, place: int) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(outgoing.plain)


def desk(channel: str = "sms", ledger: Ledger | None = None, waits: Waits | None = None) -> Desk:
    return Desk(channel, CHANNELS[channel], KEY, ledger or Ledger(":memory:"), waits or Waits())


def play(*steps: Callable[[], Awaitable[Any]]) -> None:
    """Run steps one after the other."""

    async def run() -> None:
        for step in steps:
            await step()

    asyncio.run(run())


def test_a_message_is_answered() -> None:
    bot, wire = Bot(), Wire()
    play(lambda: desk().handle(Received("1", ALICE, "bonjour"), bot, wire))
    assert bot.texts == ["bonjour"]
    assert wire.sent == ["Réponse 1."]


def test_a_message_presented_again_is_not_answered_again() -> None:
    bot, wire, counter = Bot(), Wire(), desk()
    again = Received("1", ALICE, "bonjour")
    play(lambda: counter.handle(again, bot, wire), lambda: counter.handle(again, bot, wire))
    assert len(bot.heard) == len(wire.sent) == 1


def test_the_store_is_told_which_message_of_the_platform_is_answered() -> None:
    turns: list[str | None] = []

    class Note(Bot):
        async def __call__(self, message: UserMessage) -> None:
            turns.append(current_turn())
            await super().__call__(message)

    # Three messages of one request: the proxy's id would be the same for all.
    with answering("proxy"):
        for number in ("1", "2", "1"):
            play(lambda number=number: desk().handle(Received(number, ALICE, "bonjour"), Note(), Wire()))  # type: ignore[misc]
    assert None not in turns
    assert turns[0] == turns[2] != turns[1]


def test_a_message_presented_again_while_it_is_being_answered_waits_for_that_answer() -> None:
    async def run() -> None:
        bot, wire, counter = Bot(hold=asyncio.Event()), Wire(), desk()
        again = Received("1", ALICE, "bonjour")
        first = asyncio.create_task(counter.handle(again, bot, wire))
        await bot.called.wait()
        second = asyncio.create_task(counter.handle(again, bot, wire))
        await asyncio.sleep(0)
        assert not second.done()
        assert bot.hold
        bot.hold.set()
        await asyncio.gather(first, second)
        assert wire.sent == ["Réponse 1."]

    asyncio.run(run())


def test_a_restart_does_not_double_an_answer(tmp_path: Any) -> None:
    bot, wire = Bot(), Wire()
    for _ in range(2):
        ledger = Ledger(tmp_path / "canaux.sqlite")
        counter = desk(ledger=ledger)
        play(lambda counter=counter: counter.handle(Received("1", ALICE, "bonjour"), bot, wire))  # type: ignore[misc]
        ledger.close()
    assert wire.sent == ["Réponse 1."]


def test_a_platform_that_hangs_up_does_not_stop_the_answer() -> None:
    async def run() -> None:
        bot, wire, counter = Bot(hold=asyncio.Event()), Wire(), desk()
        call = asyncio.create_task(counter.handle(Received("1", ALICE, "bonjour"), bot, wire))
        await bot.called.wait()
        call.cancel()
        assert bot.hold
        bot.hold.set()
        await counter.finish()
        assert wire.sent == ["Réponse 1."]

    asyncio.run(run())


def test_a_server_that_stops_does_not_wait_for_a_broken_platform_and_the_message_can_come_again() -> None:
    async def run() -> None:
        waiting = asyncio.Event()

        async def wait(_: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        ledger, wire = Ledger(":memory:"), Wire(BusyError("status 500"))
        stopping = Desk("sms", CHANNELS["sms"], KEY, ledger, wait)
        call = asyncio.create_task(stopping.handle(Received("1", ALICE, "bonjour"), Bot(), wire))
        await waiting.wait()
        await stopping.finish(seconds=0)
        with pytest.raises(asyncio.CancelledError):
            await call
        await desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot(), wire)
        assert wire.sent == ["Réponse 1."]

    asyncio.run(run())


def test_messages_of_one_person_pass_in_order_and_those_of_another_do_not_wait() -> None:
    async def run() -> None:
        slow, counter, wire, other = Bot(hold=asyncio.Event()), desk(), Wire(), Wire()
        first = asyncio.create_task(counter.handle(Received("1", ALICE, "un"), slow, wire))
        await slow.called.wait()
        second = asyncio.create_task(counter.handle(Received("2", ALICE, "deux"), slow, wire))
        await counter.handle(Received("3", BOB, "trois"), Bot(), other)
        assert (slow.texts, other.sent) == (["un"], ["Réponse 1."])
        assert slow.hold
        slow.hold.set()
        await asyncio.gather(first, second)
        assert slow.texts == ["un", "deux"]

    asyncio.run(run())


def test_a_number_picks_a_choice_where_choices_are_numbered() -> None:
    bot, wire, counter = Bot([[QUESTION]]), Wire(), desk("sms")
    play(
        lambda: counter.handle(Received("1", ALICE, "bonjour"), bot, wire),
        lambda: counter.handle(Received("2", ALICE, "deux"), bot, wire),
    )
    assert bot.texts[1] == '/repondre{"profil": "parent"}'


def test_a_number_out_of_the_list_is_told_and_asks_nothing_of_the_bot() -> None:
    bot, wire, counter = Bot([[QUESTION]]), Wire(), desk("sms")
    play(
        lambda: counter.handle(Received("1", ALICE, "bonjour"), bot, wire),
        lambda: counter.handle(Received("2", ALICE, "9"), bot, wire),
    )
    assert len(bot.heard) == 1
    assert "de 1 à 4" in wire.sent[-1]


def test_a_number_is_only_words_where_choices_are_buttons() -> None:
    bot, wire, counter = Bot([[QUESTION]]), Wire(), desk("telegram")
    play(
        lambda: counter.handle(Received("1", ALICE, "bonjour"), bot, wire),
        lambda: counter.handle(Received("2", ALICE, "2"), bot, wire),
    )
    assert bot.texts[1] == "2"


def test_choices_are_one_s_own() -> None:
    bot, wire, counter = Bot([[QUESTION]]), Wire(), desk("sms")
    play(
        lambda: counter.handle(Received("1", ALICE, "bonjour"), bot, wire),
        lambda: counter.handle(Received("2", BOB, "2"), bot, wire),
    )
    assert bot.texts[1] == "2"


def test_after_a_breakdown_the_same_number_can_be_tried_again() -> None:
    bot, wire, counter = Bot([[QUESTION], []]), Wire(), desk("sms")
    play(
        lambda: counter.handle(Received("1", ALICE, "bonjour"), bot, wire),
        lambda: counter.handle(Received("2", ALICE, "2"), bot, wire),
        lambda: counter.handle(Received("3", ALICE, "2"), bot, wire),
    )
    assert wire.sent[-2] == breakdown_text()
    assert bot.texts[1] == bot.texts[2] == '/repondre{"profil": "parent"}'


def test_nobody_sends_rasa_commands() -> None:
    bot = Bot()
    play(lambda: desk().handle(Received("1", ALICE, '/restart{"danger": "non"}'), bot, Wire()))
    assert bot.texts == ["?"]


def test_a_long_message_is_cut_and_the_bot_is_told() -> None:
    bot = Bot()
    play(lambda: desk().handle(Received("1", ALICE, "a" * 6000), bot, Wire()))
    assert (len(bot.texts[0]), bot.heard[0].metadata) == (5000, {"tronque": True})


def test_the_conversation_id_says_nothing_of_the_person_and_differs_by_channel() -> None:
    identity = desk("sms").conversation(("33612345678",))
    assert check_sender(identity)
    assert "33612345678" not in identity
    assert identity == desk("sms").conversation(("33612345678",))
    assert identity != desk("whatsapp").conversation(("33612345678",))
    assert identity != Desk("sms", CHANNELS["sms"], b"x" * 32, Ledger(":memory:")).conversation(("33612345678",))
    assert desk().conversation(("ab", "c")) != desk().conversation(("a", "bc"))


def test_in_a_group_nothing_is_read_and_the_private_conversation_is_offered(knowledge: Knowledge) -> None:
    bot, wire = Bot(), Wire()
    received = Received("1", ALICE, SECRET, private=False, direct_link="https://t.me/boussole")
    play(lambda: desk().handle(received, bot, wire))
    assert not bot.heard
    assert wire.sent == [knowledge.messages["groupe"].text.for_reader("vous") + "\nhttps://t.me/boussole"]


@pytest.mark.parametrize(
    ("received", "message"),
    [(Received("1", ALICE, None), "illisible"), (Received("1", ALICE, None, encrypted=True), "chiffre")],
)
def test_what_cannot_be_read_is_said_politely_with_the_numbers(
    knowledge: Knowledge, received: Received, message: str
) -> None:
    bot, wire = Bot(), Wire()
    play(lambda: desk().handle(received, bot, wire))
    assert not bot.heard
    assert wire.sent == [knowledge.messages[message].text.for_reader("vous")]
    assert all(number in wire.sent[0] for number in ("17", "112", "114", "3114", "3018"))


def test_a_busy_platform_gets_the_message_later_once() -> None:
    waits, wire = Waits(), Wire(BusyError("429", 7.0), BusyError("500"), BusyError("500"), TimeoutError())
    play(lambda: desk(waits=waits).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert wire.sent == ["Réponse 1."]
    assert waits.seconds == [7.0, WAITS[1], WAITS[2], WAITS[3]]


def test_a_platform_may_not_ask_to_wait_for_ever() -> None:
    waits = Waits()
    play(lambda: desk(waits=waits).handle(Received("1", ALICE, "x"), Bot(), Wire(BusyError("429", 1e9))))
    assert waits.seconds == [300.0]


def test_a_platform_that_stays_broken_is_given_up_and_the_log_says_so_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits, wire = Waits(), Wire(*(BusyError("status 500") for _ in range(len(WAITS) + 1)))
    bot = Bot([[{"text": SECRET}, {"text": "suite"}]])
    with caplog.at_level(logging.DEBUG):
        play(lambda: desk(waits=waits).handle(Received("1", ALICE, SECRET), bot, wire))
    assert not wire.sent
    assert waits.seconds == list(WAITS)
    assert "given up: status 500" in caplog.text
    assert SECRET not in caplog.text
    assert "alice" not in caplog.text


def test_a_refusal_is_final_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    waits, wire, counter, bot = Waits(), Wire(RefusedError("status 403")), desk(), Bot()
    play(
        lambda: counter.handle(Received("1", ALICE, SECRET), bot, wire),
        lambda: counter.handle(Received("1", ALICE, SECRET), bot, wire),
    )
    assert (len(bot.heard), waits.seconds, wire.sent) == (1, [], [])
    assert "refused a message: status 403" in caplog.text


def test_a_bot_that_breaks_still_gives_the_numbers() -> None:
    async def break_down(_: Any) -> None:
        raise RuntimeError(SECRET)

    wire = Wire()
    play(lambda: desk().handle(Received("1", ALICE, "bonjour"), break_down, wire))
    assert wire.sent == [breakdown_text()]


def test_an_answer_that_cannot_be_shown_still_gives_the_numbers(caplog: pytest.LogCaptureFixture) -> None:
    bot, wire = Bot([[{"text": SECRET, "custom": {"type": "plan", "steps": [{}]}}]]), Wire()
    play(lambda: desk().handle(Received("1", ALICE, "bonjour"), bot, wire))
    assert wire.sent == [breakdown_text()]
    assert "KeyError" in caplog.text
    assert SECRET not in caplog.text


def test_a_ledger_out_of_order_loses_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    ledger, wire = Ledger(":memory:"), Wire()
    ledger.close()
    play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert wire.sent == ["Réponse 1."]
    assert "cannot be written" in caplog.text
