"""Robustness: dialogues that try the bot's patience; every turn must hold, and the end be as expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boussole.channels.gate import new_sender
from boussole.evaluation.bots import Turn, WatchedBot
from boussole.evaluation.figures import Failure, Result, count, share
from boussole.evaluation.material import Dialogue
from boussole.evaluation.understanding import known_facts
from boussole.triage.conditions import Facts, values_of
from boussole.triage.model import Knowledge


@dataclass(frozen=True)
class Endured:
    """A dialogue as it went: the bot's ``turns``, the ``facts`` known at the end, and the messages that broke it."""

    dialogue: Dialogue
    turns: tuple[Turn, ...]
    facts: Facts
    broken: tuple[str, ...] = ()


def play_dialogue(knowledge: Knowledge, bot: WatchedBot, dialogue: Dialogue) -> Endured:
    """Say every message, then ask for the plan to see what is known."""
    sender = new_sender()
    before = len(bot.broken)
    turns = tuple(bot.send(sender, text) for text in dialogue.turns)
    facts = known_facts(knowledge, bot, sender) if dialogue.facts else {}
    return Endured(dialogue, turns, facts, tuple(bot.broken[before:]))


def differences(endured: Endured) -> dict[str, tuple[Any, Any]]:
    """Return what is not as expected: name -> (expected, got). What the dialogue leaves out is not compared."""
    dialogue, last = endured.dialogue, endured.turns[-1]
    found: dict[str, tuple[Any, Any]] = {}
    for slot in dialogue.facts:
        true, got = values_of(dialogue.facts, slot), values_of(endured.facts, slot)
        # A list holds at least what is expected; any other fact has one value.
        if not set(true) <= set(got):
            found[slot] = (", ".join(true), ", ".join(got) or None)
    if dialogue.question and last.question != dialogue.question:
        found["question"] = (dialogue.question, last.question)
    for kind, wanted in dialogue.objects.items():
        if last.has(kind) != wanted:
            found[kind] = (wanted, not wanted)
    raised = sorted({level for turn in endured.turns for level in turn.alerts})
    if dialogue.alert and dialogue.alert not in raised:
        found["alert"] = (dialogue.alert, ", ".join(raised) or None)
    if endured.broken:
        found["broken turns"] = (None, list(endured.broken))
    return found


def score_dialogues(endured: Sequence[Endured]) -> Result:
    """Return how many dialogues went as expected, how many turns broke, and what was different."""
    compared = [(one, differences(one)) for one in endured]
    as_expected = sum(not found for _, found in compared)
    figures = (
        share("robustness.as_expected", "dialogues as expected", as_expected, len(endured)),
        count("robustness.broken", "broken turns", sum(len(one.broken) for one in endured)),
    )
    failures = tuple(
        Failure(
            one.dialogue.place,
            list(one.dialogue.turns),
            {name: expected for name, (expected, _) in found.items()},
            {name: got for name, (_, got) in found.items()},
        )
        for one, found in compared
        if found
    )
    return Result("robustness", figures, failures)
