"""The one renderer: what the bot says in a turn -> messages for a channel with given abilities."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boussole.channels.abilities import Abilities
from boussole.channels.markup import Line
from boussole.channels.parts import ALERT_TITLE, plan_opening, plan_steps

# Said with every numbered list, to anybody: neither « tu » nor « vous ».
BY_NUMBER = "On peut répondre par un numéro ou avec ses mots."
# Stands above the choices when the question itself is too long to stand there.
ANSWERS = "Réponses possibles :"
_CUT = "…"

Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Option:
    """A choice: what is read on it, what it sends, and a longer text beside it when the channel shows one."""

    title: str
    payload: str
    detail: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A message to send.

    ``text`` is in the channel's markup and ``plain`` without any; ``options`` are shown as buttons, or in a list that
    opens when ``as_list``. Numbered choices are in the text.
    """

    text: str
    plain: str
    options: tuple[Option, ...] = ()
    as_list: bool = False


def render(messages: Sequence[Mapping[str, Any]], abilities: Abilities) -> tuple[Outgoing, ...]:
    """Return what to send for the messages of one turn, in order.

    Args:
        messages: each with ``text``, ``buttons`` and ``custom`` (contract.md, section 4), any of which may be missing
            or None. A plan is shown from its object, any other message from its text.
        abilities: what the channel can show.

    Returns:
        Messages that hold to the channel's limits. An alert is alone in its message; a step of a plan is cut only when
        it is longer than a message may be.
    """
    return tuple(outgoing for message in messages for outgoing in _render(message, abilities))


def render_text(text: str, abilities: Abilities) -> tuple[Outgoing, ...]:
    """Return what to send for a plain text."""
    return render([{"text": text}], abilities)


def is_numbered(message: Mapping[str, Any], abilities: Abilities) -> bool:
    """Tell whether the choices of ``message`` are shown as a numbered list."""
    options = _options(message)
    return bool(options) and not _as_buttons(options, abilities) and not _as_rows(options, abilities)


def _render(message: Mapping[str, Any], abilities: Abilities) -> Iterator[Outgoing]:
    custom = message.get("custom") or {}
    text = message.get("text") or ""
    blocks = [_lines(text)] if text else []
    if custom.get("type") == "alerte":
        blocks = [(Line(ALERT_TITLE, bold=True), *_lines(text))]
    elif custom.get("type") == "plan":
        opening = plan_opening(text)
        blocks = [_lines(opening)] if opening else []
        for step in plan_steps(custom):
            lines = (Line(row) for line in step.lines for row in line.split("\n"))
            blocks.append((Line(f"{step.number}. {step.heading}", bold=True), *lines))
    options = _options(message)
    if not options:
        yield from (_outgoing(lines, abilities) for lines in _pack(blocks, abilities))
    elif is_numbered(message, abilities):
        blocks.append(tuple(_numbered(options)))
        yield from (_outgoing(lines, abilities) for lines in _pack(blocks, abilities))
    else:
        yield from _with_menu(_pack(blocks, abilities), options, abilities)


def _lines(text: str) -> Lines:
    return tuple(Line(row) for row in text.strip().split("\n"))


def _options(message: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(button["title"], button["payload"]) for button in message.get("buttons") or ())


def _numbered(options: Sequence[Option]) -> Iterator[Line]:
    for number, option in enumerate(options, start=1):
        yield Line(f"{number}. {option.title}")
    yield Line(BY_NUMBER)


def _as_buttons(options: Sequence[Option], abilities: Abilities) -> bool:
    return len(options) <= abilities.buttons and all(len(o.title) <= abilities.button_length for o in options)


def _as_rows(options: Sequence[Option], abilities: Abilities) -> tuple[Option, ...]:
    """Return the choices as rows of a list, or nothing when they do not fit."""
    if len(options) > abilities.rows or any(len(option.title) > abilities.detail_length for option in options):
        return ()
    rows = tuple(_row(option, abilities.row_length) for option in options)
    # Two rows that read the same could not be told apart.
    return rows if len({row.title for row in rows}) == len(rows) else ()


def _row(option: Option, length: int) -> Option:
    title = option.title
    if len(title) > length:
        # « ? » says nothing that the words before it do not say.
        title = title.rstrip(" ?!.")
    if len(title) <= length:
        return Option(title, option.payload)
    return Option(shorten(title, length), option.payload, option.title)


def shorten(text: str, length: int) -> str:
    """Return ``text`` cut after a word, with « … », so that it has at most ``length`` characters."""
    if len(text) <= length:
        return text
    cut = text[: length - len(_CUT) + 1].rsplit(" ", 1)[0][: length - len(_CUT)]
    return cut.rstrip(" ,;:") + _CUT


def _with_menu(packed: Sequence[Lines], options: tuple[Option, ...], abilities: Abilities) -> Iterator[Outgoing]:
    before, above = list(packed[:-1]), packed[-1] if packed else (Line(ANSWERS),)
    if len(abilities.markup(above)) > abilities.menu_limit:
        before, above = [*before, above], (Line(ANSWERS),)
    yield from (_outgoing(lines, abilities) for lines in before)
    plain = _outgoing(above, abilities)
    if _as_buttons(options, abilities):
        yield Outgoing(plain.text, plain.plain, options)
    else:
        yield Outgoing(plain.text, plain.plain, _as_rows(options, abilities), as_list=True)


def _outgoing(lines: Lines, abilities: Abilities) -> Outgoing:
    return Outgoing(abilities.markup(lines), "\n".join(line.text for line in lines))


def _pack(blocks: Sequence[Lines], abilities: Abilities) -> list[Lines]:
    """Gather blocks into messages of a comfortable length, without cutting those that fit in a message."""
    packed: list[Lines] = []
    for block in blocks:
        joined = (*packed[-1], Line(""), *block) if packed else block
        if packed and len(abilities.markup(joined)) <= min(abilities.comfort, abilities.limit):
            packed[-1] = joined
        elif len(abilities.markup(block)) <= abilities.limit:
            packed.append(block)
        else:
            packed += _split(block, abilities)
    return packed


def _split(block: Lines, abilities: Abilities) -> list[Lines]:
    """Cut a block that is longer than a message: between lines, else after a sentence, else after a word."""
    pieces: list[Lines] = []
    for line in block:
        for part in _fitting(line, abilities):
            if pieces and len(abilities.markup((*pieces[-1], part))) <= abilities.limit:
                pieces[-1] = (*pieces[-1], part)
            else:
                pieces.append((part,))
    return pieces


def _fitting(line: Line, abilities: Abilities) -> Iterator[Line]:
    if len(abilities.markup((line,))) <= abilities.limit:
        yield line
        return
    for separator in (r"(?<=[.!?…]) ", r" "):
        parts = re.split(separator, line.text)
        if len(parts) > 1:
            middle = _middle(parts)
            for half in (parts[:middle], parts[middle:]):
                yield from _fitting(Line(" ".join(half), line.bold), abilities)
            return
    half_way = len(line.text) // 2
    yield from _fitting(Line(line.text[:half_way], line.bold), abilities)
    yield from _fitting(Line(line.text[half_way:], line.bold), abilities)


def _middle(parts: Sequence[str]) -> int:
    """Return after how many parts half of the text is said: at least one, and not all."""
    half = sum(map(len, parts)) / 2
    said = 0
    for number, part in enumerate(parts[:-1], start=1):
        said += len(part)
        if said >= half:
            return number
    return len(parts) - 1
