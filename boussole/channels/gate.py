"""What every channel does with a message before the bot reads it."""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from boussole.triage.facts import read_value
from boussole.triage.knowledge import load_knowledge
from boussole.understanding.normalise import READ_LIMIT

# contract.md, section 4: a UUID, or 20 to 64 of these characters. A UUID without dashes is among them.
_SENDER = re.compile(r"[A-Za-z0-9_-]{20,64}")
# Slashes and spaces together: « / /restart » must not keep its second slash.
_SLASHES = re.compile(r"[\s/]+")
_ANSWER = re.compile(r"/repondre(\{.*\})", re.DOTALL)
# A sad « :{ » is no code.
_CODE = re.compile(r"\w\{|^[\s/]*\{")
UNREADABLE = "?"
# The words that work at any moment, which buttons may send as they are.
COMMANDS = frozenset({
    "aide", "recommencer", "retour", "pourquoi", "resume", "effacer", "parler_a_quelquun", "passer",
})  # fmt: skip


class BadSenderError(ValueError):
    """The conversation id is missing, too short or malformed; the message says what is expected."""


@dataclass(frozen=True)
class Incoming:
    """A message ready for the bot: its ``text``, and whether it was cut at 5,000 characters."""

    text: str
    truncated: bool


def check_sender(sender: Any) -> str:
    """Return the conversation id.

    Raises:
        BadSenderError: it is not a UUID nor 20 to 64 characters of ``[A-Za-z0-9_-]``.
    """
    if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
        raise BadSenderError("« sender » must be a UUID, or 20 to 64 characters of A-Z a-z 0-9 _ -")
    return sender


# Of a text that is too long, so much of the end is read, and the beginning: lengths in characters.
END_READ = 1_000
_GAP = " … "


def new_sender() -> str:
    """Return a conversation id that nobody can guess."""
    return str(uuid.uuid4())


def admit(text: str) -> Incoming:
    """Return ``text`` as the bot may read it: of a very long one, the beginning and the end.

    Only what our own buttons send goes through as a Rasa payload; any other text that starts with
    a slash loses it, or all of its words when it is code, so that nobody can set slots or call
    intents from outside.
    """
    cut = text
    if len(text) > READ_LIMIT:
        # What matters most is often said last.
        cut = text[: READ_LIMIT - len(_GAP) - END_READ] + _GAP + text[-END_READ:]
    if cut.lstrip().startswith("/") and not is_payload(cut.strip()):
        # A payload that is not ours is code, not words: nothing may be guessed from it.
        cut = UNREADABLE if _CODE.search(cut) else _SLASHES.sub("", cut, count=1)
    return Incoming(cut.strip(), len(text) > READ_LIMIT)


def is_payload(text: str) -> bool:
    """Tell whether ``text`` is what one of our buttons sends."""
    if text.startswith("/") and text[1:] in COMMANDS:
        return True
    match = _ANSWER.fullmatch(text)
    if match is None:
        return False
    try:
        answer = json.loads(match[1])
    except (ValueError, RecursionError):
        return False
    knowledge = load_knowledge()
    return (
        isinstance(answer, dict)
        and len(answer) == 1
        and all(
            slot in knowledge.questions and isinstance(value, str) and read_value(knowledge.facts[slot], value)
            for slot, value in answer.items()
        )
    )
