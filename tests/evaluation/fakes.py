"""A bot and an understanding that know their lines, to test the scoring without a model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from boussole.evaluation.bots import Turn, WatchedBot
from boussole.evaluation.command import Subject
from boussole.evaluation.material import Place, Scenario
from boussole.evaluation.understanding import LONGEST_WAY
from boussole.triage.conditions import FactValue
from boussole.triage.knowledge import load_knowledge

PLACE = Place("cas.yml", "x1")


def text(words: str) -> dict[str, Any]:
    return {"recipient_id": "x", "text": words}


def custom(kind: str, **others: Any) -> dict[str, Any]:
    return {"recipient_id": "x", "custom": {"type": kind, **others}}


def asks(question: str) -> Turn:
    return Turn([text("Une question ?"), custom("question", id=question)])


def plans(facts: Mapping[str, Any], steps: Sequence[str]) -> Turn:
    return Turn([text("Voici."), custom("plan", facts=facts, steps=[{"id": step} for step in steps])])


class ScriptedBot:
    """Gives its turns one after the other, then the last one for ever; ``/resume`` gives ``facts``."""

    def __init__(self, *turns: Turn, facts: Mapping[str, Any] | None = None) -> None:
        self.turns = list(turns)
        self.facts = facts or {}
        self.heard: list[str] = []
        self.senders: set[str] = set()

    def send(self, sender: str, said: str) -> Turn:
        self.senders.add(sender)
        self.heard.append(said)
        if said == "/resume":
            return plans(self.facts, [])
        return self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]


class FormBot:
    """Asks every question in order, takes buttons, and reads any other text with ``read``."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self.read = read
        self.known: dict[str, dict[str, str]] = {}

    def send(self, sender: str, said: str) -> Turn:
        known = self.known.setdefault(sender, {})
        waiting = [slot for slot in LONGEST_WAY if slot not in known]
        for slot, value in LONGEST_WAY.items():
            if said == f'/repondre{{"{slot}": "{value}"}}':
                known[slot] = value
        if not said.startswith("/"):
            known[waiting[0]] = self.read(said)
        if said == "/resume":
            return plans(known, [])
        waiting = [slot for slot in LONGEST_WAY if slot not in known]
        return asks(waiting[0]) if waiting else plans(known, [])


class FakeUnderstanding:
    """Answers from a table of texts."""

    def __init__(self, values: Mapping[str, FactValue], levels: Mapping[str, set[str]]) -> None:
        self.values = values
        self.levels = levels

    def answer(self, question: str, said: str) -> FactValue | None:
        return self.values.get(said)

    def alerts(self, said: str) -> frozenset[str]:
        return frozenset(self.levels.get(said, ()))


def scenario(**changes: Any) -> Scenario:
    """A mother's case: everything known but danger, which she answers in her words."""
    case: dict[str, Any] = {
        "place": PLACE,
        "opening": "ma fille est insultée",
        "facts": {
            "danger": "non",
            "profil": "parent",
            "victime_mineure": "oui",
            "nature": ("insultes", "menaces"),
            "cadre_scolaire": "oui",
            "contenu_public": "non",
            "auteur_connu": "oui",
            "plateforme_alertee": "non",
        },
        "said": frozenset({"profil", "nature"}),
        "answers": {"danger": "non ça va"},
    }
    return Scenario(**{**case, **changes})


@contextmanager
def subject(bot: Any, understanding: Any = None) -> Iterator[Subject]:
    yield Subject("faux", WatchedBot(bot, load_knowledge()), understanding or FakeUnderstanding({}, {}))
