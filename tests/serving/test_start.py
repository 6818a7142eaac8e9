"""A start without what is not used answers the same, loads what is used after all, and can be turned off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from boussole.serving import spacy_files
from boussole.serving.spacy_files import SYMBOLS, StaticVectors, murmur_hash, spacy_vocabulary
from boussole.triage.knowledge import PROJECT
from boussole.understanding import vectors
from boussole.understanding.vectors import load_vectors

HEAVY = ("tensorflow", "jax", "matplotlib.pyplot", "pymongo.collection", "boto3.session", "spacy.language")
# Reads a few sentences of every kind with the newest model, and says what was imported.
READ = """
import asyncio, json, logging, sys
from boussole.serving import quiet, start
quiet.prepare()
start.begin()
from boussole.serving.agent import load_agent
async def read():
    agent = await load_agent()
    start.settle()
    return [await agent.parse_message(text) for text in json.loads(sys.argv[1])]
read = [{key: one[key] for key in ("intent", "entities")} for one in asyncio.run(read())]
from boussole.serving.later import _StandIn
real = [name for name, module in sys.modules.items() if not isinstance(module, _StandIn)]
import gc
print(json.dumps({"read": read, "heavy": [name for name in json.loads(sys.argv[2]) if name in real],
                  "collector": gc.isenabled(), "frozen": gc.get_freeze_count()}))
"""
TEXTS = [
    "bonjour",
    "ma fille de 14 ans est insultée sur instagram depuis trois semaines",
    "jveu mourir",
    "someone is sending pictures of me to my whole school and it is awful",
    "on m'a fait chanté avec une video intime, j'ai porté plainte mais snap répond pas",
]


def python(code: str, *words: str, lazy: str = "1") -> str:
    """Run ``code`` in a new process; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "BOUSSOLE_LAZY": lazy, "PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_bot_reads_the_same_with_everything_imported_and_with_next_to_nothing() -> None:
    whole = json.loads(python(READ, json.dumps(TEXTS), json.dumps(HEAVY), lazy="0"))
    light = json.loads(python(READ, json.dumps(TEXTS), json.dumps(HEAVY)))
    assert light["read"] == whole["read"]
    assert light["heavy"] == []
    assert "tensorflow" in whole["heavy"]
    assert light["collector"]
    assert light["frozen"] > 100_000


def test_a_neural_component_of_a_model_is_the_real_one() -> None:
    code = """
from boussole.serving import quiet, start
quiet.prepare()
start.begin()
from rasa.shared.utils.common import class_from_module_path
found = class_from_module_path("rasa.nlu.classifiers.diet_classifier.DIETClassifier")
import inspect, sys
print(inspect.isclass(found) and issubclass(found, sys.modules["rasa.engine.graph"].GraphComponent))
"""
    assert python(code) == "True"


def test_what_belongs_to_tensorflow_comes_when_it_is_used() -> None:
    code = """
from boussole.serving import quiet, start
quiet.prepare()
start.begin()
import sys
from rasa.utils import train_utils
before = "tensorflow" in sys.modules
callback = train_utils.RasaTrainingLogger(1, silent=True)
print(before, "tensorflow" in sys.modules, type(callback).__name__)
"""
    assert python(code) == "False True RasaTrainingLogger"


def test_a_training_and_rasa_s_own_commands_start_as_rasa_does() -> None:
    code = """
import sys
import rasa.__main__, boussole.serving.training, boussole.serving.agent
from boussole.serving.later import _FINDER
print(_FINDER in sys.meta_path)
"""
    assert python(code) == "False"


def test_every_word_has_the_vector_that_spacy_gives_it() -> None:
    ours, theirs = StaticVectors(spacy_vocabulary()), load_vectors()
    words = [word for word in theirs.strings if word == word.lower()]
    assert ours.vectors_length == theirs.vectors_length
    for word in [*words[:: len(words) // 5000], *SYMBOLS, "case", "élève", "zzzzqq", "🙂", ""]:
        assert ours.has_vector(word) == theirs.has_vector(word), word
        if word:
            assert np.array_equal(ours[word].vector, theirs[word].vector), word


def test_the_symbols_are_those_of_spacy_that_have_a_vector() -> None:
    from spacy.symbols import IDS

    known = load_vectors()
    assert {name: number for name, number in IDS.items() if name == name.lower() and known.has_vector(name)} == SYMBOLS


@pytest.mark.parametrize("word", ["a", "élève", "cyberharcèlement", "12345678", "🙂🙂🙂", "x" * 1000])
def test_words_are_hashed_as_spacy_does(word: str) -> None:
    from spacy.strings import hash_string

    assert murmur_hash(word.encode()) == hash_string(word)


@pytest.mark.parametrize("files", [{}, {"vectors.cfg": "{"}, {"vectors.cfg": '{"mode": "floret"}'}])
def test_vectors_of_another_kind_are_left_to_spacy(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(spacy_files, "spacy_vocabulary", lambda: tmp_path)
    monkeypatch.setattr(vectors, "load_vectors", load_vectors)
    spacy_files.use_static_vectors()
    assert vectors.load_vectors is load_vectors
    assert "spaCy reads the vectors" in caplog.text
