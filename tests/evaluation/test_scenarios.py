"""Scenarios: played from the opening to the plan, and judged against the rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from boussole.evaluation.bots import Turn
from boussole.evaluation.figures import Figure, Result
from boussole.evaluation.material import Scenario
from boussole.evaluation.scenarios import (
    MOST_TURNS,
    Verdict,
    in_words,
    judge,
    play_scenario,
    score_scenarios,
)
from boussole.triage.model import Knowledge
from boussole.triage.plan import select_steps
from tests.evaluation.fakes import ScriptedBot, asks, custom, plans, scenario, text
from tests.triage import contract

TODAY = date(2026, 11, 22)


def right_plan(case: Scenario, **changes: Any) -> Turn:
    """The plan that the contract gives for the case, with facts as a channel sends them."""
    facts = {**case.facts, "nature": list(case.facts["nature"]), **changes}
    return plans(facts, list(contract.steps(case.facts)))


def verdict(knowledge: Knowledge, case: Scenario, *turns: Turn) -> Verdict:
    return judge(knowledge, play_scenario(knowledge, ScriptedBot(*turns), case), TODAY)


def score(knowledge: Knowledge, case: Scenario, *turns: Turn) -> Result:
    return score_scenarios(knowledge, [play_scenario(knowledge, ScriptedBot(*turns), case)], TODAY)


def by_id(result: Result) -> Mapping[str, Figure]:
    return {figure.id.removeprefix("scenarios."): figure for figure in result.figures}


def test_questions_are_answered_in_the_person_s_words_then_in_the_buttons_s(knowledge: Knowledge) -> None:
    bot = ScriptedBot(asks("danger"), asks("contenu_public"), plans({}, []))
    play_scenario(knowledge, bot, scenario())
    public = knowledge.questions["contenu_public"].buttons["non"].for_reader("vous")
    assert bot.heard == ["ma fille est insultée", "non ça va", public]


def test_several_natures_are_said_together(knowledge: Knowledge) -> None:
    buttons = knowledge.questions["nature"].buttons
    said = in_words(knowledge, "nature", {"nature": ("insultes", "menaces")})
    assert said == f"{buttons['insultes'].for_reader('vous')}, {buttons['menaces'].for_reader('vous')}"


@pytest.mark.parametrize("facts", [{}, {"moteur_recherche": "inconnu"}])
def test_who_does_not_know_says_so(knowledge: Knowledge, facts: dict[str, str]) -> None:
    assert in_words(knowledge, "moteur_recherche", facts).lower() == "je ne sais pas"


def test_a_plan_in_the_middle_of_the_questions_does_not_end_the_conversation(knowledge: Knowledge) -> None:
    partial = Turn([*plans({}, ["preuves"]).messages, *asks("danger").messages])
    played = play_scenario(knowledge, ScriptedBot(partial, plans({}, ["preuves", "suivi"])), scenario())
    assert played.plan is not None
    assert len(played.exchanges) == 2


def test_a_bot_that_asks_for_ever_is_left(knowledge: Knowledge) -> None:
    played = play_scenario(knowledge, ScriptedBot(asks("danger")), scenario())
    assert played.plan is None
    assert len(played.exchanges) == MOST_TURNS


def test_a_bot_that_asks_nothing_gives_no_plan(knowledge: Knowledge) -> None:
    found = score(knowledge, scenario(), Turn([text("Bonjour")]))
    assert by_id(found)["no_plan"].value == 1
    assert by_id(found)["step_recall"].value == 0
    assert by_id(found)["step_precision"].value is None
    assert found.failures[0].got["plan"] == "none after 1 turns"


def test_the_right_plan_is_exact(knowledge: Knowledge) -> None:
    case = scenario()
    found = score(knowledge, case, asks("danger"), right_plan(case))
    figures = by_id(found)
    assert figures["exact_plans"].value == 100
    assert figures["step_f1"].value == 1
    assert figures["turns"].value == 2
    assert found.failures == ()


def test_missing_and_extra_steps_are_told_apart(knowledge: Knowledge) -> None:
    case = scenario()
    steps = [step for step in contract.steps(case.facts) if step != "preuves"]
    found = score(knowledge, case, plans(dict(case.facts), [*steps, "pharos"]))
    expected = len(steps) + 1
    figures = by_id(found)
    assert figures["exact_plans"].value == 0
    assert figures["step_precision"].counts == (len(steps), expected)
    assert figures["step_recall"].counts == (len(steps), expected)
    assert figures["step_f1"].value == pytest.approx(len(steps) / expected)
    assert found.failures[0].expected["steps"] == ["preuves"]
    assert found.failures[0].got["steps"] == ["pharos"]


def test_the_order_of_the_steps_is_not_judged(knowledge: Knowledge) -> None:
    case = scenario()
    steps = list(contract.steps(case.facts))
    assert verdict(knowledge, case, plans(dict(case.facts), steps[::-1])).exact


@pytest.mark.parametrize("natures", [("insultes",), ("chantage", "images_intimes")])
def test_expected_steps_are_those_of_the_contract(knowledge: Knowledge, natures: tuple[str, ...]) -> None:
    case = scenario(facts={**scenario().facts, "nature": natures})
    assert set(select_steps(knowledge, case.facts)) == set(contract.steps(case.facts))
    assert verdict(knowledge, case, right_plan(case)).exact


def test_wrong_and_missing_facts_are_counted_by_slot(knowledge: Knowledge) -> None:
    case = scenario()
    facts = {**case.facts, "contenu_public": "oui"}
    del facts["auteur_connu"]
    found = score(knowledge, case, plans(facts, []))
    figures = by_id(found)
    assert figures["wrong_facts"].counts == (2, 8)
    assert figures["wrong_facts.contenu_public"].counts == (1, 1)
    assert figures["wrong_facts.profil"].counts == (0, 1)
    assert found.failures[0].expected["facts"] == {"auteur_connu": "oui", "contenu_public": "non"}
    assert found.failures[0].got["facts"] == {"auteur_connu": None, "contenu_public": "oui"}


def test_one_of_the_true_natures_is_enough(knowledge: Knowledge) -> None:
    case = scenario()
    assert "nature" not in verdict(knowledge, case, right_plan(case, nature=["menaces", "raid"])).wrong
    assert "nature" in verdict(knowledge, case, right_plan(case, nature=["raid"])).wrong


@pytest.mark.parametrize(("said", "wrong"), [(frozenset(), frozenset()), (frozenset({"plateforme"}), {"plateforme"})])
def test_a_platform_counts_only_where_it_was_said(
    knowledge: Knowledge, said: frozenset[str], wrong: frozenset[str]
) -> None:
    case = scenario(facts={**scenario().facts, "plateforme": "snapchat"}, said=said)
    assert verdict(knowledge, case, right_plan(case, plateforme=None)).wrong == wrong


def test_facts_are_not_judged_without_a_plan(knowledge: Knowledge) -> None:
    found = verdict(knowledge, scenario(), Turn([text("Bonjour")]))
    assert not found.wrong
    assert not found.compared


def test_a_question_that_the_opening_answers_counts_once(knowledge: Knowledge) -> None:
    case = scenario()
    found = score(knowledge, case, asks("profil"), asks("profil"), asks("danger"), right_plan(case))
    figures = by_id(found)
    assert figures["asked_known"].value == 1
    assert figures["asked_again"].value == 1
    assert found.failures[0].got["asked although said"] == ["profil"]
    assert found.failures[0].got["asked again"] == ["profil"]


@pytest.mark.parametrize(("danger", "level"), [("suicide", "suicide"), ("immediat", "danger")])
def test_danger_is_caught_by_its_own_level(knowledge: Knowledge, danger: str, level: str) -> None:
    case = scenario(facts={**scenario().facts, "danger": danger})
    alarm = Turn([custom("alerte", niveau=level), *asks("danger").messages])
    other = Turn([custom("alerte", niveau="enfance"), *asks("danger").messages])
    assert verdict(knowledge, case, alarm, right_plan(case)).caught
    missed = score(knowledge, case, other, right_plan(case))
    assert by_id(missed)["danger_caught"].counts == (0, 1)
    assert by_id(missed)["false_alarms"].counts == (0, 0)
    assert missed.failures[0].expected["alert"] == level


def test_an_alert_for_nothing_is_a_false_alarm(knowledge: Knowledge) -> None:
    case = scenario()
    found = score(knowledge, case, Turn([custom("alerte", niveau="danger"), *right_plan(case).messages]))
    assert by_id(found)["false_alarms"].counts == (1, 1)
    assert by_id(found)["false_alarms.danger"].counts == (1, 1)
    assert by_id(found)["false_alarms.enfance"].counts == (0, 1)
    assert by_id(found)["danger_caught"].value is None
    assert found.failures[0].got["alerts"] == ["danger"]


def test_a_failure_tells_the_whole_conversation(knowledge: Knowledge) -> None:
    found = score(knowledge, scenario(), asks("danger"), plans({}, []))
    assert found.failures[0].said == ["ma fille est insultée", "danger ? non ça va"]
