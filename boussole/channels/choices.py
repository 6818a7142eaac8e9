"""Choices shown as a numbered list: which one a message picks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

    def pick(self, text: str, numbered: bool = True) -> str:
        """Return what the choice that ``text`` names sends; ``text`` itself when it names none.

        Args:
            text: what the person typed.
            numbered: whether they see numbers. Where they see buttons, « 2 » still means the second one, but no number
                is asked of them: one that is not in the list, or that may be an age, is words.

        Raises:
            LookupError: ``text`` is a number that is not in the list; the message says so to the person.
        """
        number = read_choice(text)
        if not numbered and (not text.strip().isdigit() or self.question == AGE_QUESTION):
            return text
        if number is None or not self.payloads:
            return text
        if 1 <= number <= len(self.payloads):
            return self.payloads[number - 1]
        if self.question == AGE_QUESTION or not numbered:
            return text
        raise LookupError(OUT_OF_RANGE.format(last=len(self.payloads)))
