"""``boussole bench``: the stock deployment of Rasa, then ours, measured the same way."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from boussole.bench.load import CONVERSATION, run_load
from boussole.bench.processes import Deployment, deployed, free_port
from boussole.bench.report import Measure, Reduction, as_json, table
from boussole.evaluation.default_pipeline import CLASSIFIER, DEFAULT_PIPELINE
from boussole.serving.agent import ENDPOINTS_VARIABLE
from boussole.serving.stores import PATH_VARIABLE
from boussole.triage.knowledge import PROJECT
from boussole.understanding.corpus import load_corpus
from boussole.understanding.examples import Example

_BIN = Path(sys.executable).parent
# What `rasa init` writes for policies.
_STOCK_POLICIES = (
    {"name": "MemoizationPolicy"}, {"name": "RulePolicy"},
    {"name": "UnexpecTEDIntentPolicy", "max_history": 5},
    {"name": "TEDPolicy", "max_history": 5, "constrain_similarities": True},
)  # fmt: skip
# One step of a training's progress bar: « Epochs:  50%|█████     | 1/2 [00:31<00:31, ».
_EPOCH = re.compile(
    r"Epochs:[^|]*\|[^|]*\| *(?P<epoch>\d+)/\d+ \[(?:(?P<hours>\d+):)?(?P<minutes>\d\d):(?P<seconds>\d\d)"
)
# The files of data/ that are the dialogue; the rest is sentences.
DIALOGUE = ("rules", "stories")
_NEURAL = (CLASSIFIER, "ResponseSelector", "UnexpecTEDIntentPolicy", "TEDPolicy")


@dataclass(frozen=True)
class Options:
    """How to measure.

    ``seconds`` each load lasts, ``clients`` of the larger load, ``stock`` also measures Rasa's deployment (its model is
    trained first, with so many ``epochs`` on one sentence in ``every``, unless ``stock_model`` is given), ``training``
    also measures ours, ``processes`` shows the throughput of 1 to so many processes, ``json_file`` takes the figures.
    """

    seconds: float = 30.0
    clients: int = 32
    stock: bool = True
    stock_model: Path | None = None
    epochs: int = 2
    every: int = 8
    training: bool = True
    processes: int = 1
    json_file: Path | None = None


def bench(options: Options) -> int:
    """Measure, print the table, and write the figures.

    Returns:
        0, whatever the figures are: they are read by people.

    Raises:
        DeploymentError: a deployment does not start.
        RuntimeError: a training fails, or redis-server is missing for several processes.
    """
    with TemporaryDirectory(prefix="boussole-bench-") as temporary:
        folder = Path(temporary)
        measures, reduction = [], None
        if options.stock:
            model, training = options.stock_model, None
            if model is None:
                model, training, reduction = _train_stock(options, folder)
            measures.append(_measure(_stock(folder, model), options, training))
        measures.append(_measure_ours(options, folder))
        growth = _measure_growth(options, folder) if options.processes > 1 else {}
    figures = as_json(measures, installed_bytes(), growth, reduction)
    print(table(figures))
    if options.json_file:
        options.json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def installed_bytes() -> int:
    """Return the size of this Python environment on disk."""
    return sum(path.lstat().st_size for path in Path(sys.prefix).rglob("*") if path.is_file() and not path.is_symlink())


def stock_config(epochs: int) -> dict[str, Any]:
    """Return Rasa's default configuration for French, with so many epochs for its neural parts."""

    def with_epochs(part: Mapping[str, object]) -> dict[str, object]:
        return {**part, "epochs": epochs} if part["name"] in _NEURAL else dict(part)

    return {
        "recipe": "default.v1", "assistant_id": "stock", "language": "fr",
        "pipeline": [with_epochs(part) for part in DEFAULT_PIPELINE],
        "policies": [with_epochs(part) for part in _STOCK_POLICIES],
    }  # fmt: skip


def _train_stock(options: Options, folder: Path) -> tuple[Path, float, Reduction]:
    data = folder / "data"
    data.mkdir()
    examples = load_corpus()[:: options.every]
    write_examples(data / "nlu.yml", examples)
    for name in DIALOGUE:
        shutil.copy(PROJECT / "data" / f"{name}.yml", data)
    (folder / "config.yml").write_text(yaml.safe_dump(stock_config(options.epochs)), encoding="utf-8")
    log = folder / "stock-training.log"
    _tell(f"stock: training, {options.epochs} epochs on {len(examples)} sentences, one in {options.every}")
    seconds = _time_training([
        str(_BIN / "rasa"), "train", "--config", str(folder / "config.yml"), "--domain", "domain.yml", "--data",
        str(data), "--out", str(folder), "--fixed-model-name", "stock", "--force",
    ], log)  # fmt: skip
    one = epoch_seconds(log.read_text(encoding="utf-8", errors="replace"))
    return folder / "stock.tar.gz", seconds, Reduction(options.epochs, options.every, len(examples), one)


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write sentences with their intents to ``path``, as Rasa's training data."""
    texts: dict[str, list[dict[str, str]]] = {}
    for example in examples:
        texts.setdefault(example.intent, []).append({"text": example.text})
    # DIET needs two sentences of an intent.
    blocks = [{"intent": intent, "examples": found} for intent, found in texts.items() if len(found) > 1]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")


def epoch_seconds(log: str) -> float | None:
    """Return what one epoch more costs all the neural parts together, by the progress bars of a training's log.

    The first epoch of each, which also builds the graph, does not count. None when no part had two.
    """
    bars: list[dict[int, int]] = [{}]
    for step in _EPOCH.finditer(log):
        epoch = int(step["epoch"])
        if epoch == 0:
            bars.append({})
        bars[-1][epoch] = 3600 * int(step["hours"] or 0) + 60 * int(step["minutes"]) + int(step["seconds"])
    costs = [(bar[max(bar)] - bar[1]) / (max(bar) - 1) for bar in bars if bar and 1 in bar and max(bar) > 1]
    return sum(costs) if costs else None


def _stock(folder: Path, model: Path) -> Deployment:
    port, actions = free_port(), free_port()
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    (folder / "endpoints.yml").write_text(
        f"action_endpoint: {{url: 'http://127.0.0.1:{actions}/webhook'}}\n", encoding="utf-8"
    )
    return Deployment(
        "stock",
        [
            [str(_BIN / "rasa"), "run", "actions", "--port", str(actions)],
            [
                str(_BIN / "rasa"), "run", "-i", "127.0.0.1", "--port", str(port), "--model", str(model),
                "--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml"),
            ],
        ],
        [f"http://127.0.0.1:{port}/webhooks/rest/webhook"],
        folder / "stock",
    )  # fmt: skip


def _measure_ours(options: Options, folder: Path) -> Measure:
    training = None
    if options.training:
        _tell("ours: training")
        code = f"from pathlib import Path; from boussole.serving.training import train; train(Path({str(folder)!r}))"
        training = _time_training([sys.executable, "-c", code], folder / "our-training.log")
    return _measure(_ours(folder / "ours", 1, {}), options, training)


def _ours(folder: Path, count: int, environment: dict[str, str]) -> Deployment:
    ports = [free_port() for _ in range(count)]
    return Deployment(
        "ours",
        [[sys.executable, "-m", "boussole.cli", "run", "--port", str(port)] for port in ports],
        [f"http://127.0.0.1:{port}/webhooks/rest/webhook" for port in ports],
        folder,
        {PATH_VARIABLE: str(folder / "conversations.sqlite"), **_UNLIMITED, **environment},
    )


def _tell(what: str) -> None:
    print(f"{what}…", file=sys.stderr, flush=True)


# One address plays many people.
_UNLIMITED = {"BOUSSOLE_PER_ADDRESS": "1000000", "BOUSSOLE_PER_CONVERSATION": "1000000"}


def _time_training(command: Sequence[str], log: Path) -> float:
    begin = time.perf_counter()
    with log.open("wb") as out:
        if subprocess.run(command, stdout=out, stderr=out, cwd=PROJECT, check=False).returncode:
            raise RuntimeError(f"a training failed: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    return time.perf_counter() - begin


def _measure(deployment: Deployment, options: Options, training: float | None) -> Measure:
    _tell(f"{deployment.name}: start and load")
    with deployed(deployment) as cold_start:
        # What is loaded or compiled at the first turns is not a turn's cost.
        asyncio.run(run_load(deployment.urls, 1, min(options.seconds, 5)))
        one = asyncio.run(run_load(deployment.urls, 1, options.seconds))
        before = deployment.cpu_seconds()
        many = asyncio.run(run_load(deployment.urls, options.clients, options.seconds))
        used = deployment.cpu_seconds() - before
        memory = deployment.memory_bytes()
    conversations = len(many.latencies) / len(CONVERSATION)
    return Measure(
        deployment.name, cold_start, memory,
        (one.percentile(50), one.percentile(95), one.percentile(99)),
        (many.percentile(50), many.percentile(95), many.percentile(99)),
        many.turns_per_second, one.errors + many.errors, used / conversations if conversations else 0.0, training,
    )  # fmt: skip


def _measure_growth(options: Options, folder: Path) -> dict[int, float]:
    growth = {}
    with _redis(folder) as url:
        environment = {ENDPOINTS_VARIABLE: str(PROJECT / "deploy/endpoints.redis.yml"), "BOUSSOLE_REDIS_URL": url}
        for count in range(1, options.processes + 1):
            ours = _ours(folder / f"growth-{count}", count, environment)
            with deployed(ours):
                growth[count] = asyncio.run(run_load(ours.urls, options.clients, options.seconds)).turns_per_second
    return growth


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    program, port = shutil.which("redis-server"), free_port()
    if program is None:
        raise RuntimeError("redis-server is missing: on Debian, apt-get install redis-server")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ))
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()
