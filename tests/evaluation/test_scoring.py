"""Single answers, crisis and robustness."""

from typing import Any

import pytest

from boussole.evaluation.alarms import hear, score_alarms
from boussole.evaluation.answers import Answered, give_answer, score_answers
from boussole.evaluation.bots import Turn, WatchedBot
from boussole.evaluation.dialogues import Endured, differences, play_dialogue, score_dialogues
from boussole.evaluation.figures import Result
from boussole.evaluation.material import CrisisText, Dialogue, SingleAnswer
from boussole.triage.conditions import FactValue
from boussole.triage.model import Knowledge
from tests.evaluation.fakes import PLACE, FakeUnderstanding, ScriptedBot, asks, custom, plans, text


def counts(result: Result) -> dict[str, Any]:
    return {figure.id: figure.counts or figure.value for figure in result.figures}


@pytest.mark.parametrize(
    ("question", "value", "got", "right"),
    [
        ("danger", "non", "non", True),
        ("danger", "non", "suicide", False),
        ("danger", "inconnu", None, False),
        ("nature", ("menaces", "insultes"), ("insultes", "raid"), True),
        ("nature", ("menaces",), ("raid",), False),
    ],
)
def test_an_answer_is_right_when_its_value_is_found(
    question: str, value: FactValue, got: FactValue | None, right: bool
) -> None:
    assert Answered(SingleAnswer(PLACE, question, "a", value), got).right is right


def test_answers_are_counted_in_all_and_by_question() -> None:
    understanding = FakeUnderstanding({"ça va": "non", "moi": "victime"}, {})
    answers = [
        SingleAnswer(PLACE, "danger", "ça va", "non"),
        SingleAnswer(PLACE, "danger", "bof", "inconnu"),
        SingleAnswer(PLACE, "profil", "moi", "victime"),
    ]
    result = score_answers([give_answer(understanding, answer) for answer in answers])
    assert counts(result) == {
        "answers.right": (2, 3),
        "answers.right.danger": (1, 2),
        "answers.right.profil": (1, 1),
    }
    (failure,) = result.failures
    assert (failure.said, failure.expected, failure.got) == (
        "danger ? bof",
        {"danger": "inconnu"},
        {"danger": None},
    )


def test_alarms_are_counted_by_level_and_each_level_of_two_counts() -> None:
    understanding = FakeUnderstanding({}, {"a": {"suicide"}, "b": {"enfance"}, "d": {"danger"}})
    texts = [
        CrisisText(PLACE, "a", frozenset({"suicide"})),
        CrisisText(PLACE, "b", frozenset({"suicide", "enfance"})),
        CrisisText(PLACE, "c", frozenset()),
        CrisisText(PLACE, "d", frozenset()),
    ]
    result = score_alarms([hear(understanding, one) for one in texts])
    assert counts(result) == {
        "crisis.suicide": (1, 2),
        "crisis.danger": (0, 0),
        "crisis.enfance": (1, 1),
        "crisis.false_alarms": (1, 2),
    }
    assert [(failure.said, failure.got["levels"]) for failure in result.failures] == [
        ("b", ["enfance"]),
        ("d", ["danger"]),
    ]


def test_a_further_level_is_no_false_alarm() -> None:
    heard = hear(FakeUnderstanding({}, {"a": {"suicide", "danger"}}), CrisisText(PLACE, "a", frozenset({"suicide"})))
    assert score_alarms([heard]).failures == ()


def end(dialogue: Dialogue, *turns: Turn, facts: dict[str, Any] | None = None, broken: tuple[str, ...] = ()) -> Any:
    return differences(Endured(dialogue, turns, facts or {}, broken))


def test_what_a_dialogue_leaves_out_is_not_compared() -> None:
    assert end(Dialogue(PLACE, ("a",)), asks("danger"), facts={"profil": "auteur"}) == {}


def test_facts_are_compared_at_the_end_and_a_list_holds_at_least_what_is_expected() -> None:
    dialogue = Dialogue(PLACE, ("a",), facts={"profil": "parent", "nature": ("insultes",)})
    assert end(dialogue, asks("danger"), facts={"profil": "parent", "nature": ("insultes", "raid")}) == {}
    assert end(dialogue, asks("danger"), facts={"nature": ("raid",)}) == {
        "profil": ("parent", None),
        "nature": ("insultes", "raid"),
    }


def test_the_pending_question_is_that_of_the_last_turn() -> None:
    dialogue = Dialogue(PLACE, ("a", "b"), question="profil")
    assert end(dialogue, asks("danger"), asks("profil")) == {}
    assert end(dialogue, asks("profil"), asks("danger")) == {"question": ("profil", "danger")}


@pytest.mark.parametrize("wanted", [True, False])
def test_objects_are_looked_for_in_the_last_turn(wanted: bool) -> None:
    dialogue = Dialogue(PLACE, ("a",), objects={"plan": wanted})
    assert bool(end(dialogue, plans({}, []))) is not wanted
    assert bool(end(dialogue, plans({}, []), asks("danger"))) is wanted


def test_an_alert_may_come_at_any_turn() -> None:
    dialogue = Dialogue(PLACE, ("a", "b"), alert="suicide")
    assert end(dialogue, Turn([custom("alerte", niveau="suicide")]), asks("danger")) == {}
    assert end(dialogue, asks("danger"), Turn([custom("alerte", niveau="enfance")])) == {
        "alert": ("suicide", "enfance")
    }


def test_a_dialogue_is_played_message_by_message_in_one_conversation(knowledge: Knowledge) -> None:
    bot = ScriptedBot(asks("danger"), facts={"profil": "parent"})
    dialogue = Dialogue(PLACE, ("", "bonjour"), facts={"profil": "parent"})
    endured = play_dialogue(knowledge, WatchedBot(bot, knowledge), dialogue)
    assert bot.heard == ["", "bonjour", "/resume"]
    assert len(bot.senders) == 1
    assert endured.facts == {"profil": "parent"}


def test_a_broken_turn_fails_its_dialogue_only(knowledge: Knowledge) -> None:
    bot = WatchedBot(ScriptedBot(Turn([]), Turn([text("Bonjour")])), knowledge)
    played = [play_dialogue(knowledge, bot, Dialogue(PLACE, (word,))) for word in ("a", "b")]
    result = score_dialogues(played)
    assert counts(result) == {"robustness.as_expected": (1, 2), "robustness.broken": 1}
    assert result.failures[0].got == {"broken turns": ["a"]}
