"""Whole cases: played from the opening to the plan, and compared with what the rules give for the true facts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from boussole.channels.gate import new_sender
from boussole.evaluation.bots import Bot, Turn
from boussole.evaluation.figures import Failure, Figure, Result, count, mean, ratio, share
from boussole.evaluation.material import Scenario
from boussole.evaluation.understanding import LEVEL_OF_DANGER
from boussole.triage.conditions import UNKNOWN, Facts, values_of
from boussole.triage.facts import complete, read_slots
from boussole.triage.model import Knowledge
from boussole.triage.plan import select_steps
from boussole.understanding.crisis import LEVELS

# Eleven questions and a few repetitions fit; whoever is asked more has left.
MOST_TURNS = 25


@dataclass(frozen=True)
class Exchange:
    """A message of the person, the question that it answers (None for the opening), and the bot's turn."""

    asked: str | None
    said: str
    turn: Turn


@dataclass(frozen=True)
class Played:
    """A scenario as it went."""

    scenario: Scenario
    exchanges: tuple[Exchange, ...]

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """The finished plan, or None when the conversation led to none."""
        last = self.exchanges[-1].turn
        return last.plan if last.question is None else None

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions asked, in order, with their repetitions."""
        return tuple(one.turn.question for one in self.exchanges if one.turn.question)

    @property
    def alerts(self) -> frozenset[str]:
        """The crisis levels raised at any moment."""
        return frozenset(level for one in self.exchanges for level in one.turn.alerts)


@dataclass(frozen=True)
class Verdict:
    """What was right and wrong in a played scenario.

    ``shared``, ``missing`` and ``extra`` are step ids; ``compared`` slots, of which ``wrong`` are wrong or
    missing; ``known`` the questions asked although the opening answers them; ``again`` one id for each
    repetition; ``alert`` the level to raise, if any, and ``unduly`` those raised when nobody is in danger.
    """

    shared: frozenset[str]
    missing: frozenset[str]
    extra: frozenset[str]
    compared: frozenset[str]
    wrong: frozenset[str]
    known: tuple[str, ...]
    again: tuple[str, ...]
    alert: str | None
    caught: bool
    unduly: frozenset[str]

    @property
    def exact(self) -> bool:
        """Whether the plan has the right steps and no other."""
        return not self.missing and not self.extra

    @property
    def fine(self) -> bool:
        """Whether nothing at all was wrong."""
        fault = self.wrong or self.known or self.again or self.unduly or (self.alert and not self.caught)
        return self.exact and not fault


def play_scenario(knowledge: Knowledge, bot: Bot, scenario: Scenario) -> Played:
    """Say the opening, answer each question, and stop at the finished plan or when nothing is asked."""
    sender = new_sender()
    exchanges: list[Exchange] = []
    asked: str | None = None
    said = scenario.opening
    while len(exchanges) < MOST_TURNS:
        turn = bot.send(sender, said)
        exchanges.append(Exchange(asked, said, turn))
        asked = turn.question
        if asked is None:
            break
        said = scenario.answers.get(asked) or in_words(knowledge, asked, scenario.facts)
    return Played(scenario, tuple(exchanges))


def in_words(knowledge: Knowledge, question: str, facts: Facts) -> str:
    """Return the answer of a person who has no words of their own: the buttons', or that they do not know."""
    values = values_of(facts, question)
    if question not in knowledge.questions or not values or UNKNOWN in values:
        return knowledge.common_buttons["ne_sait_pas"]
    buttons = knowledge.questions[question].buttons
    return ", ".join(buttons[value].for_reader("vous") for value in values)


def judge(knowledge: Knowledge, played: Played, today: date) -> Verdict:
    """Return what was right and wrong; ``today`` is the day of the conversation."""
    scenario = played.scenario
    expected = frozenset(select_steps(knowledge, complete(knowledge, scenario.facts, today)))
    got = frozenset(step["id"] for step in played.plan["steps"]) if played.plan else frozenset()
    known = found_facts(knowledge, played)
    # Nobody is asked about a platform: it counts only where it was said.
    compared = frozenset(slot for slot in scenario.facts if slot in knowledge.questions or slot in scenario.said)
    alert = LEVEL_OF_DANGER.get("".join(values_of(scenario.facts, "danger")))
    asked = Counter(played.questions)
    return Verdict(
        shared=expected & got,
        missing=expected - got,
        extra=got - expected,
        compared=compared if played.plan else frozenset(),
        wrong=frozenset(slot for slot in compared if played.plan and not agrees(scenario.facts, known, slot)),
        known=tuple(question for question in asked if question in scenario.said),
        again=tuple(question for question, times in asked.items() for _ in range(times - 1)),
        alert=alert,
        caught=alert in played.alerts,
        unduly=frozenset() if alert else played.alerts,
    )


def agrees(truth: Facts, found: Facts, slot: str) -> bool:
    """Tell whether a fact was found; of several natures, one of the true ones is enough."""
    return bool(set(values_of(truth, slot)) & set(values_of(found, slot)))


def found_facts(knowledge: Knowledge, played: Played) -> Facts:
    """Return the facts of the plan; none without a plan."""
    return read_slots(knowledge, played.plan["facts"]) if played.plan else {}


def score_scenarios(knowledge: Knowledge, played: Sequence[Played], today: date) -> Result:
    """Return the figures of section 2 of scenario-format.md, and the scenarios where anything was wrong."""
    verdicts = [judge(knowledge, one, today) for one in played]
    failures = [
        _failure(knowledge, one, verdict) for one, verdict in zip(played, verdicts, strict=True) if not verdict.fine
    ]
    figures = (*_plan_figures(played, verdicts), *_fact_figures(verdicts), *_talk_figures(played, verdicts))
    return Result("scenarios", figures, tuple(failures))


def _plan_figures(played: Sequence[Played], verdicts: Sequence[Verdict]) -> tuple[Figure, ...]:
    shared = sum(len(verdict.shared) for verdict in verdicts)
    missing = sum(len(verdict.missing) for verdict in verdicts)
    extra = sum(len(verdict.extra) for verdict in verdicts)
    return (
        share("scenarios.exact_plans", "exact plans", sum(verdict.exact for verdict in verdicts), len(verdicts)),
        ratio("scenarios.step_precision", "step precision", shared, shared + extra),
        ratio("scenarios.step_recall", "step recall", shared, shared + missing),
        ratio("scenarios.step_f1", "step F1", 2 * shared, 2 * shared + missing + extra),
        count("scenarios.no_plan", "no plan reached", sum(one.plan is None for one in played)),
    )


def _fact_figures(verdicts: Sequence[Verdict]) -> tuple[Figure, ...]:
    compared = Counter(slot for verdict in verdicts for slot in sorted(verdict.compared))
    wrong = Counter(slot for verdict in verdicts for slot in verdict.wrong)
    by_slot = (
        share(f"scenarios.wrong_facts.{slot}", f"wrong facts: {slot}", wrong[slot], total, rising=False)
        for slot, total in sorted(compared.items())
    )
    return (
        share("scenarios.wrong_facts", "wrong facts", wrong.total(), compared.total(), rising=False),
        *by_slot,
    )


def _talk_figures(played: Sequence[Played], verdicts: Sequence[Verdict]) -> tuple[Figure, ...]:
    in_danger = [verdict for verdict in verdicts if verdict.alert]
    calm = [verdict for verdict in verdicts if not verdict.alert]
    by_level = (
        share(
            f"scenarios.false_alarms.{level}",
            f"false alarms: {level}",
            sum(level in one.unduly for one in calm),
            len(calm),
            rising=False,
        )
        for level in LEVELS
    )
    alarms = sum(bool(one.unduly) for one in calm)
    return (
        mean("scenarios.asked_known", "questions already answered", [len(verdict.known) for verdict in verdicts]),
        mean("scenarios.asked_again", "questions asked twice", [len(verdict.again) for verdict in verdicts]),
        share("scenarios.danger_caught", "danger caught", sum(one.caught for one in in_danger), len(in_danger)),
        share("scenarios.false_alarms", "false alarms", alarms, len(calm), rising=False),
        *by_level,
        mean("scenarios.turns", "turns to the plan", [len(one.exchanges) for one in played if one.plan]),
    )


def _failure(knowledge: Knowledge, played: Played, verdict: Verdict) -> Failure:
    truth, found = played.scenario.facts, found_facts(knowledge, played)
    wrong = sorted(verdict.wrong)
    expected: dict[str, Any] = {
        "steps": sorted(verdict.missing),
        "facts": {slot: _plain(truth, slot) for slot in wrong},
        "alert": None if verdict.caught else verdict.alert,
    }
    got: dict[str, Any] = {
        "steps": sorted(verdict.extra),
        "facts": {slot: _plain(found, slot) for slot in wrong},
        "alerts": sorted(verdict.unduly),
        "asked although said": list(verdict.known),
        "asked again": list(verdict.again),
        "plan": None if played.plan else f"none after {len(played.exchanges)} turns",
    }
    said = [f"{one.asked} ? {one.said}" if one.asked else one.said for one in played.exchanges]
    return Failure(played.scenario.place, said, _filled(expected), _filled(got))


def _plain(facts: Facts, slot: str) -> str | None:
    return ", ".join(values_of(facts, slot)) or None


def _filled(sides: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sides.items() if value}
