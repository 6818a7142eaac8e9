"""From the bot's messages to lines on a terminal: wrapped, numbered, set apart; the terminal itself is elsewhere."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boussole.channels.parts import ALERT_TITLE, StepParts, plan_opening, plan_steps

BOLD, BOLD_RED = "1", "1;31"

_NO_BREAK = "\u00a0"
# Spaces at which French does not break a line; a number stays with the word that says how to use it.
_BOUND = re.compile(r" (?=[:;?!»])|(?<=«) |(?<=\d) (?=\d|h\b)|(?<=tél\.) (?=\d)|(?<=SMS) (?=au \d)|(?<=SMS au) (?=\d)")
_LINK = re.compile(
    r"(?<=tél\. )(?P<tel>\+?\d[\d ]*\d)"
    r"|(?<=SMS au )(?P<sms>\+?\d[\d ]*\d)"
    r"|https?://[!-~]*[A-Za-z0-9/]"
)  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How to draw: ``width`` in columns, whether colours may be used, and whether OSC 8 hyperlinks may."""

    width: int
    color: bool = False
    links: bool = False


def draw_message(message: Mapping[str, Any], style: Style) -> str:
    """Return one message of the bot as text for the screen, without a final newline.

    Args:
        message: what Rasa gives to an output channel: ``text``, ``buttons`` and ``custom`` (contract.md, section 4),
            each of which may be missing or None. A plan is drawn from its object, any other message from its text.
        style: how to draw.

    Returns:
        The lines, or an empty text when there is nothing to show.
    """
    custom = message.get("custom") or {}
    text = message.get("text") or ""
    lines: list[str] = []
    if custom.get("type") == "plan":
        lines += _plan(text, custom, style)
    elif custom.get("type") == "alerte":
        lines += _alert(text, style)
    elif text:
        lines += _paragraph(text, style)
    lines += _choices(message.get("buttons") or (), style)
    return "\n".join(lines)


def draw_text(text: str, style: Style) -> str:
    """Return ``text`` wrapped; its own line breaks stay."""
    return "\n".join(_paragraph(text, style))


def draw_table(rows: Mapping[str, str], style: Style) -> str:
    """Return one line or more for each key, its explanation in a second column."""
    indent = max(map(len, rows)) + 4
    lines: list[str] = []
    for key, text in rows.items():
        lines += _paragraph(text, style, first=f"  {key}".ljust(indent), rest=" " * indent)
    return "\n".join(lines)


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return the lines of ``text``, none longer than ``width`` columns.

    A word that is longer by itself, such as an address, stays whole: cut, it could not be copied.

    Args:
        text: its line breaks stay; characters that command a terminal are dropped.
        width: in columns, with the indents.
        first: what the first line begins with.
        rest: what the others begin with; lines of an item that begins with « • » are set two columns further.
    """
    lines: list[str] = []
    for row in _printable(text).split("\n"):
        hang = f"{rest}  " if row.startswith("• ") else rest
        lines += textwrap.wrap(
            _BOUND.sub(_NO_BREAK, row), width, initial_indent=rest if lines else first, subsequent_indent=hang,
            break_long_words=False, break_on_hyphens=False,
        ) or [""]  # fmt: skip
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _printable(text: str) -> str:
    # A text may quote what the person typed: it must not reach the terminal as a command.
    plain = text.replace("\t", " ")
    return "".join(char for char in plain if char == "\n" or unicodedata.category(char) != "Cc")


def _paragraph(text: str, style: Style, first: str = "", rest: str = "", code: str = "") -> list[str]:
    return [_paint(_linked(line, style), style, code) for line in wrap(text, style.width, first, rest)]


def _paint(line: str, style: Style, code: str) -> str:
    return f"\x1b[{code}m{line}\x1b[0m" if style.color and code and line else line


def _linked(line: str, style: Style) -> str:
    return _LINK.sub(_hyperlink, line) if style.links else line


def _hyperlink(match: re.Match[str]) -> str:
    scheme = f"{match.lastgroup}:" if match.lastgroup else ""
    target = scheme + match[0].replace(" ", "")
    return f"\x1b]8;;{target}\x1b\\{match[0]}\x1b]8;;\x1b\\"


def _alert(text: str, style: Style) -> list[str]:
    if style.color:
        return _paragraph(f"{ALERT_TITLE}\n{text}", style, code=BOLD_RED)
    inner = style.width - 4
    framed = (f"| {_linked(line, style)}{' ' * (inner - len(line))} |" for line in wrap(text, inner))
    return [f"+-- {ALERT_TITLE} {'-' * (inner - len(ALERT_TITLE) - 2)}+", *framed, f"+{'-' * (inner + 2)}+"]


def _choices(buttons: Sequence[Mapping[str, str]], style: Style) -> Iterator[str]:
    for number, button in enumerate(buttons, start=1):
        yield from _paragraph(button["title"], style, first=f"{number:>3}. ", rest=" " * 5)


def _plan(text: str, plan: Mapping[str, Any], style: Style) -> Iterator[str]:
    # The text repeats the steps, for channels that show nothing richer; only its opening is not in the object.
    opening = plan_opening(text)
    if opening:
        yield from _paragraph(opening, style)
    for step in plan_steps(plan):
        if opening or step.number > 1:
            yield ""
        yield from _step(step, style)


def _step(step: StepParts, style: Style) -> Iterator[str]:
    head = f"{step.number}. "
    indent = " " * len(head)
    yield from _paragraph(step.heading, style, head, indent, BOLD)
    for line in step.lines:
        yield from _paragraph(line, style, indent, indent)
