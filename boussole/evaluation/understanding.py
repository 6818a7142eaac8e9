"""What the bot understands of a single text: read directly, or seen through a conversation."""

import json
from datetime import date
from typing import Protocol

from boussole.channels.gate import new_sender
from boussole.evaluation.bots import Bot
from boussole.triage.conditions import Facts, FactValue
from boussole.triage.facts import complete, read_slots
from boussole.triage.model import Knowledge
from boussole.understanding.crisis import LEVEL_FACT
from boussole.understanding.reader import Context, Reader

LEVEL_OF_DANGER = {fact: level for level, fact in LEVEL_FACT.items()}
# With these answers every question is asked, in order: `danger` to `un_mois_passe`.
LONGEST_WAY = {
    "danger": "non",
    "profil": "victime",
    "victime_mineure": "oui",
    "nature": "insultes",
    "cadre_scolaire": "non",
    "contenu_public": "oui",
    "moteur_recherche": "non",
    "auteur_connu": "non",
    "plateforme_alertee": "oui",
    "reponse_plateforme": "attente",
    "un_mois_passe": "non",
}


class Understanding(Protocol):
    """What single texts can be given to."""

    def answer(self, question: str, text: str) -> FactValue | None:
        """Return the value that ``text`` gives as an answer to ``question``, or None."""

    def alerts(self, text: str) -> frozenset[str]:
        """Return the crisis levels that ``text`` raises as a first message."""


class DirectUnderstanding:
    """Asks the reader, without a conversation around it."""

    def __init__(self, knowledge: Knowledge, reader: Reader, today: date) -> None:
        """Keep the parts; ``today`` is the day on which the texts are written."""
        self._knowledge = knowledge
        self._reader = reader
        self._today = today

    def answer(self, question: str, text: str) -> FactValue | None:
        """Return the value of ``question`` that ``text`` states or implies, or None."""
        stated = self._reader.read(text, Context(self._today, pending=question)).facts
        # The actions complete the facts too: « il y a deux mois » says that a month has passed.
        return stated.get(question) or complete(self._knowledge, stated, self._today).get(question)

    def alerts(self, text: str) -> frozenset[str]:
        """Return the levels read in ``text``, and the one that goes with a danger it states."""
        reading = self._reader.read(text, Context(self._today))
        danger = reading.facts.get("danger")
        stated = {LEVEL_OF_DANGER[danger]} if isinstance(danger, str) and danger in LEVEL_OF_DANGER else set()
        return frozenset(reading.alerts) | stated


class PlayedUnderstanding:
    """Has a new conversation for each text."""

    def __init__(self, knowledge: Knowledge, bot: Bot) -> None:
        """Keep the parts."""
        self._knowledge = knowledge
        self._bot = bot

    def answer(self, question: str, text: str) -> FactValue | None:
        """Lead a conversation to ``question`` with buttons, say ``text``, and return what the plan knows then."""
        sender = new_sender()
        # A first answer that nobody asked for is taken too, and starts the questions.
        asked: str | None = next(name for name in LONGEST_WAY if name != question)
        for _ in LONGEST_WAY:
            if asked not in LONGEST_WAY:
                return None
            asked = self._bot.send(sender, button(asked, LONGEST_WAY[asked])).question
            if asked == question:
                self._bot.send(sender, text)
                return known_facts(self._knowledge, self._bot, sender).get(question)
        return None

    def alerts(self, text: str) -> frozenset[str]:
        """Return the levels of the turn that follows ``text``."""
        return frozenset(self._bot.send(new_sender(), text).alerts)


def known_facts(knowledge: Knowledge, bot: Bot, sender: str) -> Facts:
    """Return the facts of a conversation: those of the plan as it stands."""
    plan = bot.send(sender, "/resume").plan
    return read_slots(knowledge, plan["facts"]) if plan else {}


def button(question: str, value: str) -> str:
    """Return what the button of ``value`` sends."""
    return f"/repondre{json.dumps({question: value})}"
