"""The chat of ``boussole chat``: one person, one terminal or pipe, and Rasa's agent in the same process."""

import asyncio
import contextlib
import importlib
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from rasa.core.channels.channel import UserMessage

from boussole.channels.choices import AGE_QUESTION, OUT_OF_RANGE, read_choice
from boussole.channels.gate import Incoming, admit, check_sender, is_payload, new_sender
from boussole.channels.output import WholeMessages
from boussole.channels.rest import answer, breakdown_text
from boussole.channels.screen import Style, draw_message, draw_table, draw_text
from boussole.understanding.normalise import fold

CHANNEL = "terminal"
# Narrower, the numbered choices break up; wider, lines are hard to follow.
MIN_WIDTH, MAX_WIDTH = 40, 100
# Seconds without an answer after which the person is shown that the bot is at work.
PATIENCE = 2.0
THINKING, ERASED = "…", "\r \r"

# These texts are said before anything is known of the person: neither « tu » nor « vous ».
NUMBERS = "Urgence : 17 ou 112, 114 par SMS. Idées de mort : 3114, jour et nuit. Enfant en danger : 119. Jeunes : 3018."
OPENING = (
    "Boussole aide face au cyberharcèlement. C'est un programme, pas une personne ; la conversation n'est pas gardée.\n"
    "Pour commencer, quelques mots suffisent : que se passe-t-il ? À une question, on répond par un numéro "
    "ou avec ses mots. /aide montre les commandes, /quitter arrête."
)
GOODBYE = f"Au revoir, et courage. {NUMBERS}"
COMMANDS = {
    "/plan": "le plan, avec ce qui est su jusqu'ici",
    "/retour": "reprend la dernière réponse",
    "/effacer": "oublie toute la conversation",
    "/aide": "cette aide",
    "/quitter": "oublie tout et arrête ; quitter, exit, Ctrl-C et Ctrl-D aussi",
}
WORDS = {
    "pourquoi": "explique la question",
    "en fait…": "corrige une réponse : « en fait c'est privé »",
    "passer": "laisse la question de côté",
    "résumé": "montre le plan",
    "recommencer": "repart de zéro",
    "parler à quelqu'un": "donne les numéros",
}

_LEAVE = frozenset({"/quitter", "/quit", "/exit", "quitter", "quit", "exit"})
_HELP = "/aide"
# What is typed -> the bot's own command (gate.COMMANDS), where the two differ.
_ALIASES = {"/plan": "/resume"}


@dataclass(frozen=True)
class Terminal:
    """Where the conversation happens.

    ``read`` returns the next line, or None at the end of input; it may raise KeyboardInterrupt. ``write`` takes text,
    line breaks included. ``width`` is in columns; ``color`` allows colours and ``links`` OSC 8 hyperlinks.
    ``interactive`` says that a person sits at the keyboard.
    """

    read: Callable[[], str | None]
    write: Callable[[str], None]
    width: int = 80
    color: bool = False
    links: bool = False
    interactive: bool = False

    @classmethod
    def of_process(cls, no_color: bool = False) -> Self:
        """Return the terminal or the pipes of this process.

        Args:
            no_color: plain text, without colours nor hyperlinks, as ``NO_COLOR`` in the environment asks for too.
        """
        for stream in (sys.stdin, sys.stdout):
            # A byte that is not of the terminal's encoding must not end the conversation.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        interactive = sys.stdin.isatty() and sys.stdout.isatty()
        plain = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        color = sys.stdout.isatty() and not plain
        return cls(
            read=_prompt if interactive else _next_line,
            write=_print,
            width=shutil.get_terminal_size().columns,
            color=color,
            links=color and _knows_links(os.environ),
            interactive=interactive,
        )

    @property
    def style(self) -> Style:
        """How to draw on this terminal, 40 to 100 columns wide."""
        return Style(max(MIN_WIDTH, min(MAX_WIDTH, self.width)), self.color, self.links)


def _prompt() -> str | None:
    # Imported for its effect: a line can be edited, accents included, and be longer than 4,096 bytes.
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")
    try:
        return input("> ")
    except EOFError:
        return None


def _next_line() -> str | None:
    return sys.stdin.readline() or None


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _knows_links(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal is one of those known to draw OSC 8 hyperlinks; others may print them as garbage."""
    vte = environment.get("VTE_VERSION", "")
    return (
        (vte.isdigit() and int(vte) >= 5000)
        or any(environment.get(name) for name in ("KONSOLE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID"))
        or environment.get("TERM_PROGRAM") in {"iTerm.app", "WezTerm", "vscode", "ghostty"}
        or environment.get("TERM", "").startswith(("xterm-kitty", "alacritty", "foot", "contour"))
    )


async def chat(agent: Any, terminal: Terminal, sender: str | None = None) -> None:
    """Hold one conversation, until the person leaves or the input ends; then forget it.

    Ctrl-C (KeyboardInterrupt, or the cancellation that asyncio makes of it) is one of the ways to leave.

    Args:
        agent: Rasa's agent.
        terminal: where to read and write.
        sender: the conversation id; by default a new one.

    Raises:
        BadSenderError: ``sender`` is malformed.
        OSError: the terminal or pipe is gone.
    """
    conversation = _Conversation(agent, terminal, check_sender(sender) if sender else new_sender())
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        await conversation.run()
    await conversation.leave()


def say_goodbye(terminal: Terminal) -> None:
    """Write the last words, with the emergency numbers."""
    # Ctrl-C and Ctrl-D leave the cursor behind the prompt.
    terminal.write(f"\n{draw_text(GOODBYE, terminal.style)}\n")


class _Conversation:
    """One conversation; ``question`` is the pending message with choices, None when there is none."""

    def __init__(self, agent: Any, terminal: Terminal, sender: str) -> None:
        self.agent = agent
        self.terminal = terminal
        self.sender = sender
        self.question: Mapping[str, Any] | None = None
        self.begun = False

    async def run(self) -> None:
        """Answer line after line, until the person leaves or the input ends."""
        self._say(OPENING)
        while (line := self.terminal.read()) is not None:
            typed = line.strip()
            command = fold(typed)
            if command in _LEAVE:
                return
            if command == _HELP:
                self._help()
            elif typed and (incoming := self._read(typed, command)):
                await self._turn(incoming)

    async def leave(self) -> None:
        """Forget the conversation and say goodbye, even when Ctrl-C comes again in the meantime."""
        with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
            if self.begun:
                # Rasa 3.6's tracker stores have no way to delete a conversation: the bot's own command forgets it.
                await self._send(Incoming("/effacer", truncated=False))
        say_goodbye(self.terminal)

    def _read(self, typed: str, command: str) -> Incoming | None:
        """Return what goes to the bot; None when the person was told to choose another number."""
        command = _ALIASES.get(command, command)
        if command.startswith("/") and is_payload(command):
            return admit(command)
        number = read_choice(typed)
        buttons = (self.question or {}).get("buttons") or ()
        if number is None or not buttons:
            return admit(typed)
        if 1 <= number <= len(buttons):
            self._say(f"→ {buttons[number - 1]['title']}")
            return Incoming(buttons[number - 1]["payload"], truncated=False)
        if self._asks_age():
            return admit(typed)
        self._say(OUT_OF_RANGE.format(last=len(buttons)))
        self._ask_again()
        return None

    def _asks_age(self) -> bool:
        return ((self.question or {}).get("custom") or {}).get("id") == AGE_QUESTION

    async def _turn(self, incoming: Incoming) -> None:
        with _thinking(self.terminal):
            messages = await self._send(incoming)
        task = asyncio.current_task()
        if task and task.cancelling():
            # The failure that a turn ends with is then only Ctrl-C's.
            raise asyncio.CancelledError
        for message in messages:
            self._show(draw_message(message, self.terminal.style))
        if not any(message.get("text") == breakdown_text() for message in messages):
            # After a breakdown the same answer can be tried again.
            self.question = next((message for message in reversed(messages) if message.get("buttons")), None)

    async def _send(self, incoming: Incoming) -> list[dict[str, Any]]:
        self.begun = True
        message = UserMessage(
            incoming.text, WholeMessages(), self.sender,
            input_channel=CHANNEL, metadata={"tronque": incoming.truncated},
        )  # fmt: skip
        return await answer(self.agent.handle_message, message)

    def _help(self) -> None:
        style = self.terminal.style
        self._show(f"Commandes :\n{draw_table(COMMANDS, style)}")
        self._show(f"Mots qui marchent à tout moment :\n{draw_table(WORDS, style)}")
        self._say(NUMBERS)
        self._ask_again()

    def _ask_again(self) -> None:
        if self.question:
            self._show(draw_message(self.question, self.terminal.style))

    def _say(self, text: str) -> None:
        self._show(draw_text(text, self.terminal.style))

    def _show(self, drawn: str) -> None:
        if drawn:
            self.terminal.write(f"{drawn}\n\n")


@contextlib.contextmanager
def _thinking(terminal: Terminal) -> Iterator[None]:
    """Show a sign of life when the answer takes long; from a thread, as the model keeps the event loop busy."""
    if not terminal.interactive:
        yield
        return
    shown = threading.Event()

    def show() -> None:
        shown.set()
        terminal.write(THINKING)

    timer = threading.Timer(PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown.is_set():
            terminal.write(ERASED)
