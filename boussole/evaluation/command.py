"""``boussole evaluate``: plays `evaluation/*.yml` against the bot and says how it did."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

import requests

from boussole.clock import PARIS, VARIABLE, now
from boussole.evaluation.alarms import Heard, hear, score_alarms
from boussole.evaluation.answers import Answered, give_answer, score_answers
from boussole.evaluation.bots import HttpBot, InProcessBot, WatchedBot
from boussole.evaluation.dialogues import Endured, play_dialogue, score_dialogues
from boussole.evaluation.figures import Result
from boussole.evaluation.material import CrisisText, Dialogue, Entry, Scenario, SingleAnswer, load_material
from boussole.evaluation.progress import counted
from boussole.evaluation.report import Run, compared_with, read_previous, save, table
from boussole.evaluation.scenarios import Played, play_scenario, score_scenarios
from boussole.evaluation.understanding import DirectUnderstanding, PlayedUnderstanding, Understanding
from boussole.serving.agent import latest_model
from boussole.serving.reader import load_reader
from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.triage.model import Knowledge

MATERIAL = PROJECT / "evaluation"
RESULTS = PROJECT / "results"
# A fixed day, so that « il y a trois semaines » means the same in every run and runs compare.
CLOCK = "2026-11-22T12:00"
# Characters of a message that broke a turn: enough to find it.
SHOWN = 100


@dataclass(frozen=True)
class Subject:
    """What is measured: its ``name`` for the report, how to talk to it, and how to have one text understood."""

    name: str
    bot: WatchedBot
    understanding: Understanding


@contextmanager
def in_process(model: Path | None = None) -> Iterator[Subject]:
    """Give the bot of ``model`` (by default the newest of `models/`), in this process.

    Raises:
        NoModelError: there is no trained model.
    """
    knowledge = load_knowledge()
    model = model or latest_model()
    try:
        reader = load_reader(model)
    except ValueError:
        # Another pipeline, such as Rasa's own (stock.py): what it understands shows in a conversation only.
        reader = None
    with asyncio.Runner() as runner:
        bot = WatchedBot(InProcessBot(runner, model), knowledge)
        direct = DirectUnderstanding(knowledge, reader, now().date()) if reader else None
        yield Subject(model.name, bot, direct or PlayedUnderstanding(knowledge, bot))


@contextmanager
def over_http(url: str) -> Iterator[Subject]:
    """Give the bot that answers at ``url``, such as http://127.0.0.1:5005."""
    knowledge = load_knowledge()
    with requests.Session() as session:
        bot = WatchedBot(HttpBot(session, url), knowledge)
        yield Subject(url, bot, PlayedUnderstanding(knowledge, bot))


def set_clock() -> None:
    """Fix the clock of this process, unless it is fixed already."""
    if not os.environ.get(VARIABLE):
        os.environ[VARIABLE] = CLOCK


def evaluate(paths: Sequence[Path], subject: AbstractContextManager[Subject], folder: Path = RESULTS) -> int:
    """Measure ``subject`` on the files at ``paths``; print the table, write the figures and failures to ``folder``.

    Args:
        paths: files of the formats of scenario-format.md; none for every file of `evaluation/`.
        subject: entered only once the files are known to be readable.
        folder: where the previous run's figures are, if any; made if need be.

    Returns:
        0, or 1 when a turn broke.

    Raises:
        OSError, ValueError: a file cannot be read or written, an entry is malformed, or the bot does not answer.
    """
    knowledge = load_knowledge()
    files = [load_material(knowledge, path) for path in paths or default_paths()]
    previous = read_previous(folder)
    with subject as measured:
        results = measure(knowledge, measured, files, sys.stderr)
    run = Run(
        date=datetime.now(PARIS).isoformat(timespec="minutes"),
        clock=now().isoformat(timespec="minutes"),
        bot=measured.name,
        files=tuple(entries[0].place.file for entries in files),
    )
    save(folder, run, results)
    print(table(results, previous))
    print(f"\n{compared_with(run, previous)}\nFigures and failures: {folder}")
    return _broken(measured.bot.broken)


def default_paths() -> list[Path]:
    """Return the files of `evaluation/`.

    Raises:
        FileNotFoundError: there is none.
    """
    paths = sorted(MATERIAL.glob("*.yml"))
    if not paths:
        raise FileNotFoundError(f"no .yml file in {MATERIAL}: give files to measure on")
    return paths


def _broken(messages: Sequence[str]) -> int:
    for message in messages:
        print(f"boussole: a turn broke on: {' '.join(message.split())[:SHOWN]}", file=sys.stderr)
    return 1 if messages else 0


def measure(
    knowledge: Knowledge, subject: Subject, files: Sequence[Sequence[Entry]], stream: TextIO
) -> tuple[Result, ...]:
    """Play the entries of ``files`` and return one result for each kind; progress goes to ``stream``."""
    played: list[Played] = []
    answered: list[Answered] = []
    heard: list[Heard] = []
    endured: list[Endured] = []
    for entries in files:
        for entry in counted(entries, entries[0].place.file, stream):
            match entry:
                case Scenario():
                    played.append(play_scenario(knowledge, subject.bot, entry))
                case SingleAnswer():
                    answered.append(give_answer(subject.understanding, entry))
                case CrisisText():
                    heard.append(hear(subject.understanding, entry))
                case Dialogue():
                    endured.append(play_dialogue(knowledge, subject.bot, entry))
    results: list[Result] = []
    if played:
        results.append(score_scenarios(knowledge, played, now().date()))
    if answered:
        results.append(score_answers(answered))
    if heard:
        results.append(score_alarms(heard))
    if endured:
        results.append(score_dialogues(endured))
    return tuple(results)
