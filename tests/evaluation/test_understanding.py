"""A single text understood directly or in a conversation."""

from datetime import date
from typing import Any

import pytest

from boussole.evaluation.bots import Turn
from boussole.evaluation.understanding import LONGEST_WAY, DirectUnderstanding, PlayedUnderstanding
from boussole.triage.model import Knowledge
from boussole.triage.tree import next_question
from boussole.understanding.reader import Context, Reading
from tests.evaluation.fakes import FormBot, ScriptedBot, custom, text

TODAY = date(2026, 11, 22)


class FakeReader:
    """Gives one reading, and keeps the contexts."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.contexts: list[Context] = []

    def read(self, said: str, context: Context) -> Reading:
        self.contexts.append(context)
        return self.reading


def direct(knowledge: Knowledge, reading: Reading) -> DirectUnderstanding:
    reader: Any = FakeReader(reading)
    return DirectUnderstanding(knowledge, reader, TODAY)


def test_an_answer_is_read_against_its_question(knowledge: Knowledge) -> None:
    reader: Any = FakeReader(Reading("nier", facts={"contenu_public": "non"}))
    assert DirectUnderstanding(knowledge, reader, TODAY).answer("contenu_public", "non") == "non"
    assert reader.contexts == [Context(TODAY, "contenu_public")]


def test_an_answer_that_says_nothing_gives_none(knowledge: Knowledge) -> None:
    assert direct(knowledge, Reading("incompris")).answer("danger", "euh") is None


def test_what_an_answer_implies_counts_as_in_the_bot(knowledge: Knowledge) -> None:
    reading = Reading("repondre", facts={"date_signalement": "2026-09-01"})
    assert direct(knowledge, reading).answer("un_mois_passe", "début septembre") == "oui"


def test_an_answer_counts_even_where_the_core_would_drop_it(knowledge: Knowledge) -> None:
    reading = Reading("repondre", facts={"contenu_public": "non", "moteur_recherche": "non"})
    assert direct(knowledge, reading).answer("moteur_recherche", "non c'est privé") == "non"


def test_a_danger_that_is_stated_raises_its_level(knowledge: Knowledge) -> None:
    reading = Reading("detresse", facts={"danger": "immediat"}, alerts=("enfance",))
    assert direct(knowledge, reading).alerts("il me tape") == {"danger", "enfance"}
    assert direct(knowledge, Reading("nier", facts={"danger": "non"})).alerts("ça va") == frozenset()


def test_the_longest_way_asks_every_question(knowledge: Knowledge) -> None:
    known: dict[str, str] = {}
    while question := next_question(knowledge, known):
        known[question.id] = LONGEST_WAY[question.id]
    assert list(known) == list(knowledge.questions)
    assert list(LONGEST_WAY) == list(knowledge.questions)


@pytest.mark.parametrize("question", [slot for slot in LONGEST_WAY if slot != "nature"])
def test_a_conversation_is_led_to_any_question(knowledge: Knowledge, question: str) -> None:
    bot = FormBot(read=lambda said: said)
    value = LONGEST_WAY[question]
    assert PlayedUnderstanding(knowledge, bot).answer(question, value) == value
    assert len(bot.known) == 1


def test_a_conversation_that_never_asks_gives_none(knowledge: Knowledge) -> None:
    bot = ScriptedBot(Turn([text("Bonjour")]))
    assert PlayedUnderstanding(knowledge, bot).answer("danger", "non") is None


def test_each_text_of_crisis_opens_its_own_conversation(knowledge: Knowledge) -> None:
    bot = ScriptedBot(Turn([text("Appelez"), custom("alerte", niveau="suicide")]))
    played = PlayedUnderstanding(knowledge, bot)
    assert played.alerts("a") == played.alerts("b") == {"suicide"}
    assert len(bot.senders) == 2
