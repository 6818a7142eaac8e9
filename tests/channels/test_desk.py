"""The desk: once each, in order, in the channel's voice, whatever fails."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import WAITS, BusyError, RefusedError, UndeliveredError
from boussole.channels.desk import LATER, MOST_TRIES, Desk, Received
from boussole.channels.gate import check_sender
from boussole.channels.identity import keyed_hash
from boussole.channels.ledger import SqliteLedger
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import breakdown_text
from boussole.serving.turns import answering, current_turn
from boussole.triage.model import Knowledge
from tests.channels import golden
from tests.channels.platforms import KEY, SECRET, Bot, Kept, Waits

ALICE, BOB = ("alice",), ("bob",)


class Wire:
    """A way to the person that keeps what is sent, and fails as told first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.errors_after: int | None = None
        self.sent: list[str] = []

    async def __call__(self, outgoing: Outgoing, place: int) -> None:
        if self.errors:
            raise self.errors.pop(0)
        if len(self.sent) == self.errors_after:
            raise BusyError("status 500")
        self.sent.append(outgoing.plain)


def desk(
    channel: str = "sms", ledger: SqliteLedger | None = None, waits: Waits | None = None, agent: Any = None
) -> Desk:
    made = Desk(channel, CHANNELS[channel], KEY, ledger or SqliteLedger(":memory:"), waits or Waits())
    made.join(agent)
    return made


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
            play(partial(desk().handle, Received(number, ALICE, "bonjour"), Note(), Wire()))
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
        ledger = SqliteLedger(tmp_path / "canaux.sqlite")
        counter = desk(ledger=ledger)
        play(partial(counter.handle, Received("1", ALICE, "bonjour"), bot, wire))
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

        ledger, wire = SqliteLedger(":memory:"), Wire(BusyError("status 500"))
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


@pytest.mark.parametrize("typed", ["2", "deux", "le deuxième"])
def test_a_number_picks_a_choice_of_the_question_that_the_conversation_is_at(typed: str) -> None:
    bot, asked = Bot(), Kept(requested_slot="profil")
    play(lambda: desk("sms", agent=asked).handle(Received("1", ALICE, typed), bot, Wire()))
    assert bot.texts == ['/repondre{"profil": "parent"}']


def test_a_number_out_of_the_list_is_told_and_asks_nothing_of_the_bot() -> None:
    bot, wire, asked = Bot(), Wire(), Kept(requested_slot="profil")
    play(lambda: desk("sms", agent=asked).handle(Received("1", ALICE, "99"), bot, wire))
    assert not bot.heard
    assert f"de 1 à {len(golden.question('profil')['buttons'])}" in wire.sent[-1]


def test_an_age_is_no_choice() -> None:
    bot, asked = Bot(), Kept(requested_slot="victime_mineure")
    play(lambda: desk("sms", agent=asked).handle(Received("1", ALICE, "13"), bot, Wire()))
    assert bot.texts == ["13"]


@pytest.mark.parametrize(
    ("question", "typed", "heard"),
    [
        ("profil", "2", '/repondre{"profil": "parent"}'),
        ("profil", "une", "une"),
        ("profil", "99", "99"),
        ("victime_mineure", "2", "2"),
    ],
)
def test_where_choices_are_buttons_a_figure_means_that_button_and_anything_else_is_words(
    question: str, typed: str, heard: str
) -> None:
    bot, asked = Bot(), Kept(requested_slot=question)
    play(lambda: desk("telegram", agent=asked).handle(Received("1", ALICE, typed), bot, Wire()))
    assert bot.texts == [heard]


@pytest.mark.parametrize("agent", [None, Kept(), Kept(requested_slot="inconnu")])
def test_a_number_is_only_words_without_choices(agent: Any) -> None:
    bot = Bot()
    play(lambda: desk("sms", agent=agent).handle(Received("1", ALICE, "2"), bot, Wire()))
    assert bot.texts == ["2"]


def test_the_lone_choice_after_a_plan_can_be_picked() -> None:
    bot = Bot()
    play(lambda: desk("sms", agent=Kept(autre_cas="oui")).handle(Received("1", ALICE, "1"), bot, Wire()))
    assert bot.texts == ["/recommencer"]


class OutOfOrder(Kept):
    """Rasa's agent, whose store is away."""

    async def retrieve(self, conversation: str) -> Kept:
        raise ConnectionError(SECRET)


def test_a_store_that_is_away_does_not_keep_a_number_from_the_bot(caplog: pytest.LogCaptureFixture) -> None:
    bot = Bot()
    play(lambda: desk("sms", agent=OutOfOrder()).handle(Received("1", ALICE, "2"), bot, Wire()))
    assert bot.texts == ["2"]
    assert "ConnectionError" in caplog.text
    assert SECRET not in caplog.text


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
    assert identity != Desk("sms", CHANNELS["sms"], b"x" * 32, SqliteLedger(":memory:")).conversation(("33612345678",))
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


def test_a_minor_who_sends_a_picture_is_spoken_to_as_before(knowledge: Knowledge) -> None:
    wire, minor = Wire(), Kept(profil="victime", victime_mineure="oui", redacteur_mineur="oui")
    play(lambda: desk(agent=minor).handle(Received("1", ALICE, None), Bot(), wire))
    assert wire.sent == [knowledge.messages["illisible"].text.for_reader("tu")]


def test_a_picture_is_answered_while_the_store_is_away(knowledge: Knowledge) -> None:
    wire = Wire()
    play(lambda: desk(agent=OutOfOrder()).handle(Received("1", ALICE, None), Bot(), wire))
    assert wire.sent == [knowledge.messages["illisible"].text.for_reader("vous")]


def test_a_busy_platform_gets_the_message_later_once() -> None:
    waits, wire = Waits(), Wire(BusyError("429", 7.0), BusyError("500"), BusyError("500"), TimeoutError())
    play(lambda: desk(waits=waits).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert wire.sent == ["Réponse 1."]
    assert waits.seconds == [7.0, WAITS[1], WAITS[2], WAITS[3]]


def test_a_platform_may_not_ask_to_wait_for_ever() -> None:
    waits = Waits()
    play(lambda: desk(waits=waits).handle(Received("1", ALICE, "x"), Bot(), Wire(BusyError("429", 1e9))))
    assert waits.seconds == [300.0]


def broken() -> list[Exception]:
    return [BusyError("status 500")] * (len(WAITS) + 1)


def test_a_platform_that_stays_broken_is_given_up_and_the_log_says_so_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits, wire = Waits(), Wire(*broken())
    bot = Bot([[{"text": SECRET}, {"text": "suite"}]])
    with caplog.at_level(logging.DEBUG), pytest.raises(UndeliveredError):
        play(lambda: desk(waits=waits).handle(Received("1", ALICE, SECRET), bot, wire))
    assert not wire.sent
    assert waits.seconds == list(WAITS)
    assert "given up for now: status 500" in caplog.text
    assert SECRET not in caplog.text
    assert "alice" not in caplog.text


def test_nobody_insists_for_ever() -> None:
    waits, wire = Waits(), Wire()
    wire.errors_after = 0
    stubborn = Desk("sms", CHANNELS["sms"], KEY, SqliteLedger(":memory:"), waits, insists=True)
    with pytest.raises(UndeliveredError):
        play(lambda: stubborn.handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert waits.seconds.count(LATER) == MOST_TRIES
    assert 24 * 3600 <= sum(waits.seconds) <= 72 * 3600


def test_what_the_person_says_next_does_not_wait_for_an_answer_that_was_given_up() -> None:
    async def run() -> None:
        given_up, go_on = asyncio.Event(), asyncio.Event()

        async def wait(seconds: float) -> None:
            if seconds == LATER:
                given_up.set()
                await go_on.wait()

        wire, bot = Wire(*broken()), Bot([[{"text": "première"}], [{"text": "seconde"}], [{"text": "première"}]])
        stubborn = Desk("sms", CHANNELS["sms"], KEY, SqliteLedger(":memory:"), wait, insists=True)
        first = asyncio.create_task(stubborn.handle(Received("1", ALICE, "un jour"), bot, wire))
        await given_up.wait()
        await stubborn.handle(Received("2", ALICE, "deux mots"), bot, wire)
        assert wire.sent == ["seconde"]
        go_on.set()
        await first

    asyncio.run(run())


def test_a_message_that_was_given_up_can_come_again(tmp_path: Any) -> None:
    ledger, wire = SqliteLedger(tmp_path / "canaux.sqlite"), Wire(*broken())
    with pytest.raises(UndeliveredError):
        play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert wire.sent == ["Réponse 1."]


def test_an_answer_that_was_given_up_is_no_use_any_more_once_the_person_went_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger, wire, bot = SqliteLedger(":memory:"), Wire(*broken()), Bot()
    with pytest.raises(UndeliveredError):
        play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), bot, wire))
    turn = hashlib.sha256(keyed_hash(KEY, "message", "sms", "1").encode()).hexdigest()[:32]
    play(lambda: desk(ledger=ledger, agent=Kept(turn, "plus tard")).handle(Received("1", ALICE, "bonjour"), bot, wire))
    assert (len(bot.heard), wire.sent) == (1, [])
    assert "overtaken" in caplog.text


def test_what_was_sent_of_an_answer_is_not_sent_again() -> None:
    ledger, reply = SqliteLedger(":memory:"), [{"text": "un"}, {"text": "deux"}, {"text": "trois"}]
    first, second = Wire(), Wire()
    first.errors_after = 2
    with pytest.raises(UndeliveredError):
        play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot([reply]), first))
    play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot([reply]), second))
    assert (first.sent, second.sent) == (["un", "deux"], ["trois"])


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
    ledger, wire = SqliteLedger(":memory:"), Wire()
    ledger.close()
    play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), Bot(), wire))
    assert wire.sent == ["Réponse 1."]
    assert "cannot be read: ProgrammingError" in caplog.text


def test_a_ledger_that_breaks_meanwhile_doubles_no_message(caplog: pytest.LogCaptureFixture) -> None:
    ledger, wire = SqliteLedger(":memory:"), Wire()

    async def close(message: Any) -> None:
        ledger.close()
        await Bot()(message)

    play(lambda: desk(ledger=ledger).handle(Received("1", ALICE, "bonjour"), close, wire))
    assert wire.sent == ["Réponse 1."]
    assert "cannot be written: ProgrammingError" in caplog.text
