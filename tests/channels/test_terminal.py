"""What a person sees and may do in the terminal chat, with a bot that says what the test wants."""

import asyncio
import io
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from boussole.channels import terminal as module
from boussole.channels.gate import BadSenderError
from boussole.channels.rest import breakdown_text
from boussole.channels.terminal import Terminal, chat

Reply = dict[str, Any]
Script = Iterable[str | type[BaseException]]

QUESTION: Reply = {
    "text": "Qui êtes-vous ?",
    "buttons": [
        {"title": "Cela m'arrive à moi", "payload": '/repondre{"profil": "victime"}'},
        {"title": "Je suis parent", "payload": '/repondre{"profil": "parent"}'},
        {"title": "Je ne sais pas", "payload": '/repondre{"profil": "inconnu"}'},
    ],
    "custom": {"type": "question", "id": "profil"},
}
AGE: Reply = {
    "text": "Quel âge ?",
    "buttons": [{"title": "Moins de 18 ans", "payload": '/repondre{"victime_mineure": "oui"}'}],
    "custom": {"type": "question", "id": "victime_mineure"},
}
SERVICE = {
    "id": "3018", "nom": "3018", "tel": "3018", "sms": None, "url": "https://3018.fr", "horaires": "",
    "ouvert": True, "ouverture": "ouvert maintenant", "verifie_le": "", "source": "",
}  # fmt: skip
STEP = {
    "id": "preuves", "titre": "Gardez les preuves", "pourquoi": "Parce que : c'est utile.", "texte": "Des captures.",
    "services": [SERVICE], "certain": False, "echeance": "2026-12-01",
}  # fmt: skip
PLAN: Reply = {"text": "Voici le plan.\n1. Repli", "custom": {"type": "plan", "facts": {}, "steps": [STEP]}}
ALERT: Reply = {"text": "Appelez le 17 ou le 112.", "custom": {"type": "alerte", "niveau": "danger"}}
NUMBERS = ("17", "112", "114", "3114", "3018")


class FakeAgent:
    """Says ``replies``, one list for each message; then a plain text."""

    def __init__(self, *replies: Sequence[Reply] | BaseException) -> None:
        self.replies = list(replies)
        self.messages: list[UserMessage] = []

    @property
    def received(self) -> list[str]:
        return [message.text for message in self.messages]

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        reply = self.replies.pop(0) if self.replies else [{"text": "Bien reçu."}]
        if isinstance(reply, BaseException):
            raise reply
        for one in reply:
            await message.output_channel.send_response(message.sender_id, {"elements": None, **one})


def scripted(script: Script) -> Callable[[], str | None]:
    """Lines to type; an exception's class stands for Ctrl-C."""
    lines: Iterator[str | type[BaseException]] = iter(script)

    def read() -> str | None:
        line = next(lines, None)
        if isinstance(line, type):
            raise line
        return line

    return read


def talk(agent: FakeAgent, *script: str | type[BaseException], **options: Any) -> str:
    """Return everything that the terminal showed."""
    written: list[str] = []
    terminal = Terminal(scripted(script), written.append, **{"width": 60, **options})
    asyncio.run(chat(agent, terminal))
    return "".join(written)


def flat(shown: str) -> str:
    return " ".join(shown.split())


# --- Beginning and end ------------------------------------------------------------------------------------------------


def test_opening_says_what_boussole_is_before_anything_is_typed() -> None:
    shown = flat(talk(FakeAgent()))
    assert "un programme, pas une personne" in shown
    assert "/aide" in shown


def test_leaving_gives_the_emergency_numbers() -> None:
    goodbye = talk(FakeAgent()).split("Au revoir")[1]
    assert all(number in goodbye for number in NUMBERS)


@pytest.mark.parametrize("word", ["/quitter", "quitter", "exit", "Quitter", " /QUITTER "])
def test_words_that_leave(word: str) -> None:
    agent = FakeAgent()
    assert "Au revoir" in talk(agent, word, "jamais lu")
    assert agent.received == []


def test_leaving_forgets_the_conversation() -> None:
    agent = FakeAgent()
    talk(agent, "bonjour", "/quitter")
    assert agent.received == ["bonjour", "/effacer"]
    assert len({message.sender_id for message in agent.messages}) == 1


def test_nothing_is_forgotten_when_nothing_was_said() -> None:
    agent = FakeAgent()
    talk(agent)
    assert agent.received == []


def test_end_of_input_leaves_and_forgets() -> None:
    agent = FakeAgent()
    assert "Au revoir" in talk(agent, "bonjour")
    assert agent.received[-1] == "/effacer"


def test_goodbye_comes_even_when_forgetting_fails() -> None:
    assert "Au revoir" in talk(FakeAgent([{"text": "Oui."}], RuntimeError("x")), "bonjour")


def test_sender_is_new_and_unguessable_each_time() -> None:
    first, second = FakeAgent(), FakeAgent()
    talk(first, "a")
    talk(second, "a")
    assert first.messages[0].sender_id != second.messages[0].sender_id


def test_sender_can_be_given_and_is_checked() -> None:
    agent = FakeAgent()
    terminal = Terminal(scripted(["bonjour"]), lambda _: None)
    asyncio.run(chat(agent, terminal, "x" * 24))
    assert agent.messages[0].sender_id == "x" * 24
    with pytest.raises(BadSenderError):
        asyncio.run(chat(agent, terminal, "court"))


# --- Ctrl-C -----------------------------------------------------------------------------------------------------------


def test_ctrl_c_at_the_prompt_leaves_with_the_numbers() -> None:
    agent = FakeAgent()
    shown = talk(agent, "bonjour", KeyboardInterrupt, "jamais lu")
    assert all(number in shown.split("Au revoir")[1] for number in NUMBERS)
    assert agent.received == ["bonjour", "/effacer"]


@pytest.mark.parametrize("stuck", [False, True])
def test_ctrl_c_while_the_bot_thinks_leaves_with_the_numbers(stuck: bool) -> None:
    written: list[str] = []

    class Slow(FakeAgent):
        async def handle_message(self, message: UserMessage) -> None:
            await super().handle_message(message)
            if message.text == "bonjour" and stuck:
                # The bot waits, and asyncio makes a cancellation of Ctrl-C.
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)
                await asyncio.Event().wait()
            elif message.text == "bonjour":
                raise KeyboardInterrupt

    agent = Slow()
    asyncio.run(chat(agent, Terminal(scripted(["bonjour", "jamais lu"]), written.append)))
    shown = "".join(written)
    assert all(number in shown.split("Au revoir")[1] for number in NUMBERS)
    assert breakdown_text()[:20] not in shown
    assert agent.received == ["bonjour", "/effacer"]


def test_second_ctrl_c_while_forgetting_still_says_goodbye() -> None:
    agent = FakeAgent([{"text": "Oui."}], KeyboardInterrupt())
    assert "Au revoir" in talk(agent, "bonjour", KeyboardInterrupt)


# --- Texts and choices ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("columns", "widest"), [(10, 40), (40, 40), (60, 60), (100, 100), (300, 100)])
def test_nothing_is_wider_than_the_terminal(columns: int, widest: int) -> None:
    agent = FakeAgent([{"text": "mot " * 200}, ALERT, QUESTION], [PLAN])
    shown = talk(agent, "bonjour", "99", "1", "/aide", width=columns)
    assert widest - 15 < max(map(len, shown.split("\n"))) <= widest


@pytest.mark.parametrize("typed", ["2", "2.", " 2 ", "deux", "Deux", "le 2", "n° 2", "2)", "la deuxième", "no deux"])
def test_number_sends_the_choice(typed: str) -> None:
    agent = FakeAgent([QUESTION])
    shown = talk(agent, "bonjour", typed)
    assert agent.received[1] == '/repondre{"profil": "parent"}'
    assert "→ Je suis parent" in shown


def test_free_text_answers_a_question_as_well() -> None:
    agent = FakeAgent([QUESTION])
    talk(agent, "bonjour", "deux garçons de ma classe")
    assert agent.received[1] == "deux garçons de ma classe"


@pytest.mark.parametrize("typed", ["0", "4", "99", "3018", "vingt"])
def test_number_out_of_range_is_told_and_the_question_asked_again(typed: str) -> None:
    agent = FakeAgent([QUESTION])
    shown = flat(talk(agent, "bonjour", typed, "1"))
    assert "de 1 à 3" in shown
    assert shown.count("Qui êtes-vous ?") == 2
    assert agent.received[1] == '/repondre{"profil": "victime"}'


def test_number_that_is_no_choice_may_be_the_age() -> None:
    agent = FakeAgent([AGE])
    talk(agent, "bonjour", "13")
    assert agent.received[1] == "13"


def test_number_without_a_question_is_a_text() -> None:
    agent = FakeAgent([QUESTION], [PLAN])
    talk(agent, "bonjour", "1", "2")
    assert agent.received[2] == "2"


def test_choices_stay_after_a_breakdown() -> None:
    agent = FakeAgent([QUESTION], RuntimeError("x"))
    shown = flat(talk(agent, "bonjour", "2", "2"))
    assert breakdown_text() in shown
    assert agent.received[1:3] == ['/repondre{"profil": "parent"}'] * 2


def test_long_text_is_cut_and_the_bot_is_told() -> None:
    agent = FakeAgent()
    talk(agent, "a" * 6000, "court")
    assert [len(text) for text in agent.received[:2]] == [5000, 5]
    assert [message.metadata["tronque"] for message in agent.messages[:2]] == [True, False]


def test_nobody_types_rasa_payloads() -> None:
    agent = FakeAgent()
    talk(agent, '/restart{"a": "b"}', "/session_start")
    assert not any(text.startswith("/") for text in agent.received[:2])


def test_empty_lines_are_skipped() -> None:
    agent = FakeAgent()
    talk(agent, "", "  \n", "bonjour\n")
    assert agent.received == ["bonjour", "/effacer"]


# --- Alerts and plans -------------------------------------------------------------------------------------------------


def test_alert_is_set_apart_without_colour() -> None:
    shown = talk(FakeAgent([ALERT, {"text": "Suite."}]), "bonjour")
    assert re.search(r"^\+-- URGENCE -+\+$\n(^\| .* \|$\n)+^\+-+\+$\n\nSuite\.", shown, re.MULTILINE)


def test_alert_is_red_with_colour() -> None:
    assert "\x1b[1;31mAppelez le 17 ou le 112.\x1b[0m" in talk(FakeAgent([ALERT]), "bonjour", color=True)


def test_plan_is_shown_from_its_object() -> None:
    shown = flat(talk(FakeAgent([PLAN]), "/plan"))
    assert "Voici le plan. 1. Gardez les preuves (peut-être) Des captures. Échéance : 1er décembre 2026" in shown
    assert "• 3018 : tél. 3018, https://3018.fr (ouvert maintenant) Parce que : c'est utile." in shown
    assert "Repli" not in shown
    assert "{" not in shown


def test_no_escape_codes_without_colour() -> None:
    assert "\x1b" not in talk(FakeAgent([ALERT, QUESTION], [PLAN]), "bonjour", "1", "/aide")


def test_hyperlinks_only_when_the_terminal_has_them() -> None:
    assert "\x1b]8;;tel:3018\x1b\\3018" in talk(FakeAgent([PLAN]), "/plan", links=True)
    assert "\x1b]8" not in talk(FakeAgent([PLAN]), "/plan", color=True)


# --- Commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sent"),
    [("/plan", "/resume"), ("/résumé", "/resume"), ("/retour", "/retour"), ("/Effacer", "/effacer"),
     ("/pourquoi", "/pourquoi"), ("résumé", "résumé"), ("retour", "retour")],
)  # fmt: skip
def test_commands_reach_the_bot(typed: str, sent: str) -> None:
    agent = FakeAgent()
    talk(agent, typed)
    assert agent.received[0] == sent


def test_help_is_local_and_repeats_the_pending_question() -> None:
    agent = FakeAgent([QUESTION])
    shown = talk(agent, "bonjour", "/aide", "1")
    assert agent.received[1] == '/repondre{"profil": "victime"}'
    for word in ("/plan", "/retour", "/effacer", "/quitter", "pourquoi", "recommencer", "parler à quelqu'un"):
        assert word in shown
    assert shown.count("Qui êtes-vous ?") == 2


# --- When things go wrong, or slowly ----------------------------------------------------------------------------------


def test_failure_still_gives_the_numbers_and_no_traceback() -> None:
    shown = flat(talk(FakeAgent(RuntimeError("secret"), [{"text": "De retour."}]), "bonjour", "encore"))
    assert breakdown_text() in shown
    assert "De retour." in shown
    assert "secret" not in shown
    assert "Traceback" not in shown


def test_silence_counts_as_a_failure() -> None:
    assert breakdown_text() in flat(talk(FakeAgent([]), "bonjour"))


class Thinking(FakeAgent):
    """Answers once the sign of life was written."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = threading.Event()

    async def handle_message(self, message: UserMessage) -> None:
        assert self.shown.wait(timeout=10)
        await super().handle_message(message)


def test_slow_answer_shows_a_sign_of_life_and_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    agent, written = Thinking(), []

    def write(text: str) -> None:
        written.append(text)
        if text == module.THINKING:
            agent.shown.set()

    terminal = Terminal(scripted(["bonjour", KeyboardInterrupt]), write, interactive=True)
    asyncio.run(chat(agent, terminal))
    thinking = written.index(module.THINKING)
    assert written[thinking + 1] == module.ERASED
    assert written[thinking + 2] == "Bien reçu.\n\n"


def test_quick_answer_shows_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 3600)
    assert module.THINKING not in talk(FakeAgent(), "bonjour", interactive=True).replace("en fait…", "")


def test_pipe_shows_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    assert module.THINKING not in talk(FakeAgent(), "bonjour")


# --- The process's own terminal ---------------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A standard stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch, typed: str = "") -> None:
    """Put the test on a terminal of 72 columns with hyperlinks; not a fixture: pytest then puts its streams back."""
    for name in ("NO_COLOR", "TERM_PROGRAM", "KONSOLE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("VTE_VERSION", "6800")
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setattr(sys, "stdin", Screen(typed))
    monkeypatch.setattr(sys, "stdout", Screen())


def test_terminal_has_colour_links_and_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(monkeypatch)
    terminal = Terminal.of_process()
    assert (terminal.color, terminal.links, terminal.interactive, terminal.width) == (True, True, True, 72)


def test_unknown_terminal_gets_no_hyperlinks(monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(monkeypatch)
    monkeypatch.delenv("VTE_VERSION")
    terminal = Terminal.of_process()
    assert (terminal.color, terminal.links) == (True, False)


@pytest.mark.parametrize("setting", [("NO_COLOR", "1"), ("TERM", "dumb"), None])
def test_plain_text_on_demand(monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str] | None) -> None:
    on_screen(monkeypatch)
    if setting:
        monkeypatch.setenv(*setting)
    terminal = Terminal.of_process(no_color=setting is None)
    assert (terminal.color, terminal.links, terminal.interactive) == (False, False, True)


def test_prompt_ends_with_ctrl_d(monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(monkeypatch, "bonjour\n")
    terminal = Terminal.of_process()
    assert [terminal.read(), terminal.read()] == ["bonjour", None]


def test_piped_input_is_one_message_per_line_without_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("bonjour\n\n2\nsans fin de ligne"))
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    agent = FakeAgent([QUESTION])
    asyncio.run(chat(agent, Terminal.of_process()))
    shown = output.getvalue()
    assert agent.received == ["bonjour", '/repondre{"profil": "parent"}', "sans fin de ligne", "/effacer"]
    assert "> " not in shown
    assert "\x1b" not in shown
    assert shown.endswith("\n")


def test_foreign_bytes_do_not_end_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bonjour \xe9\xff\n"), encoding="utf-8"))
    monkeypatch.setattr(sys, "stdout", output)
    agent = FakeAgent()
    asyncio.run(chat(agent, Terminal.of_process()))
    assert agent.received[0].startswith("bonjour ")


def test_terminal_is_a_value() -> None:
    terminal = Terminal(scripted([]), lambda _: None)
    with pytest.raises(AttributeError):
        setattr(terminal, "width", 12)  # noqa: B010 - the assignment itself is what must fail
    assert replace(terminal, width=12).style.width == 40
