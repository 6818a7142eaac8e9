"""Choices shown as a numbered list: which one a message picks."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boussole.serving.memory import IDLE_MINUTES
from boussole.understanding.ages import read_number
from boussole.understanding.lexicon import load_lexicon
from boussole.understanding.normalise import fold

OUT_OF_RANGE = "Ce numéro n'est pas dans la liste : elle va de 1 à {last}. On peut aussi répondre avec ses mots."
# A number that is no choice may be the age itself.
AGE_QUESTION = "victime_mineure"

_CHOICE = re.compile(
    r"(?:(?:je choisis|le|la|les|numero|no|n°|choix|option|reponse) ?)*"
    r"(?P<number>[a-z-]+|\d+)(?:ere?|re|nde?|i?e?me|e)?[ .):!]*"
)
_ORDINALS = ("premier", "deuxieme", "troisieme", "quatrieme", "cinquieme", "sixieme", "septieme", "huitieme")


def read_choice(typed: str) -> int | None:
    """Return the number that the whole of ``typed`` says (« 2 », « 2. », « le 2 », « deux », « la 2e »), or None."""
    match = _CHOICE.fullmatch(fold(typed))
    if match is None:
        return None
    word = match["number"]
    ordinal = "premier" if word == "premiere" else word
    if ordinal in _ORDINALS:
        return _ORDINALS.index(ordinal) + 1
    numbers = load_lexicon().numbers
    if word.isdigit() or all(part in numbers for part in word.split("-")):
        return read_number(word, numbers)
    return None


@dataclass(frozen=True)
class Numbered:
    """The choices that a person has before them: the question's id, if it is one, and what each choice sends."""

    question: str
    payloads: tuple[str, ...]

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Numbered":
        """Return the choices of a message of the bot."""
        question = (message.get("custom") or {}).get("id") or ""
        return cls(question, tuple(button["payload"] for button in message.get("buttons") or ()))

    def pick(self, text: str) -> str:
        """Return what the choice that ``text`` names sends; ``text`` itself when it names none.

        Raises:
            LookupError: ``text`` is a number that is not in the list; the message says so to the person.
        """
        number = read_choice(text)
        if number is None or not self.payloads:
            return text
        if 1 <= number <= len(self.payloads):
            return self.payloads[number - 1]
        if self.question == AGE_QUESTION:
            return text
        raise LookupError(OUT_OF_RANGE.format(last=len(self.payloads)))


class PendingChoices:
    """The choices that each conversation has before it, as long as the conversation itself is kept.

    They hold facts' names and values, never anybody's words.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty; ``clock`` gives seconds from any fixed point."""
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Numbered]] = OrderedDict()

    def remember(self, conversation: str, messages: Sequence[Mapping[str, Any]]) -> None:
        """Keep the choices that ``messages`` put before the person; forget those before."""
        self._forget_idle()
        self._kept.pop(conversation, None)
        asked = next((message for message in reversed(messages) if message.get("buttons")), None)
        if asked:
            self._kept[conversation] = (self._clock(), Numbered.of(asked))

    def of(self, conversation: str) -> Numbered:
        """Return the choices that the conversation has before it; none when it has none."""
        self._forget_idle()
        kept = self._kept.get(conversation)
        return kept[1] if kept else Numbered("", ())

    def _forget_idle(self) -> None:
        limit = self._clock() - IDLE_MINUTES * 60
        while self._kept and next(iter(self._kept.values()))[0] <= limit:
            self._kept.popitem(last=False)
