"""Whatever somebody types: the reader answers, states only values that exist, and stays quick on what is hard."""

import subprocess
import sys
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain

from boussole.serving.agent import latest_model
from boussole.serving.reader import load_reader
from boussole.triage.facts import read_slots
from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.understanding.normalise import READ_LIMIT
from boussole.understanding.reader import Context, Reader

TODAY = date(2026, 11, 22)
# The same inputs each time, so that a failure is a failure for everybody.
fuzzed = settings(max_examples=200, deadline=None, derandomize=True)
# Pieces that mean something to some rule, glued in any order.
PIECES = st.sampled_from([
    "oui", "non", "pas", "j'ai", "ma fille", "12 ans", "999999999999 ans", "il y a", "3", "semaines", "le 31 février",
    "12/13/2026", "29/02/2027", "demain", "insta", "mourir", "suicide", "«", "»", "'", "’", "!!!", "???", "\n", "😀",
    "‮", "\x00", "ß", "ﬁ", "é", "e\u0301", "a" * 200, "mdr" * 50, "{", "}", "/", "\\", "<b>", "en fait",
])  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES).map("".join))


@cache
def reader() -> Reader:
    """The trained reader."""
    return load_reader(latest_model())


@cache
def intents() -> frozenset[str]:
    """The intents that rules know what to do with."""
    return frozenset(Domain.load(str(PROJECT / "domain.yml")).intents)


@fuzzed
@given(text=TEXTS, pending=st.none() | st.sampled_from(sorted(load_knowledge().questions)))
def test_any_text_after_any_question_is_read(text: str, pending: str | None) -> None:
    knowledge = load_knowledge()
    reading = reader().read(text[:READ_LIMIT], Context(TODAY, pending))
    assert reading.intent in intents()
    assert 0 <= reading.confidence <= 1
    assert set(reading.alerts) <= knowledge.alerts.keys()
    assert set(reading.withdrawn) <= knowledge.facts.keys()
    assert reading.topic is None or reading.topic in knowledge.faq
    # Every fact is one that the triage core accepts as it is, and a platform is one that we know.
    stated = dict(reading.facts)
    platforms = stated.pop("plateforme", ())
    assert set((platforms,) if isinstance(platforms, str) else platforms) <= knowledge.platforms.keys() | {"inconnu"}
    assert read_slots(knowledge, stated).keys() == stated.keys()


@fuzzed
@given(text=TEXTS)
def test_a_text_is_read_the_same_way_twice(text: str) -> None:
    context = Context(TODAY, "danger")
    assert reader().read(text, context) == reader().read(text, context)


# Texts on which a careless pattern takes minutes.
HARD = {
    "one letter": "a" * READ_LIMIT,
    "one word": "non " * (READ_LIMIT // 4),
    "open quotes": "« " * (READ_LIMIT // 2),
    "dates": "il y a " * (READ_LIMIT // 7),
    "digits": "1" * READ_LIMIT,
    "apostrophes": "j'" * (READ_LIMIT // 2),
    "accents": "e\u0301" * (READ_LIMIT // 2),
    "sentences": "il a dit que. " * (READ_LIMIT // 14),
    "dashes": "-" * READ_LIMIT,
    "spaces": " " * (READ_LIMIT - 1) + "a",
    "marks": "!?" * (READ_LIMIT // 2),
}
# Read in another process, which can be ended: a pattern that hangs cannot be interrupted in this one.
PATIENCE_SECONDS = 120


def test_the_longest_and_hardest_texts_do_not_hang() -> None:
    code = (
        "from tests.understanding.test_fuzz import HARD, TODAY, reader, Context\n"
        "for name, text in HARD.items():\n    reader().read(text, Context(TODAY, 'danger')); print(name, flush=True)"
    )
    try:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            cwd=PROJECT,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"hangs after {error.stdout!r}")
    assert ended.stdout.splitlines()[-len(HARD) :] == list(HARD)
