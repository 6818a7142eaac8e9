"""Measuring: the figures are what they say, and a deployment that does not start says so."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
import yaml

from boussole.bench.command import epoch_seconds, stock_config, write_examples
from boussole.bench.load import CONVERSATION, Load, run_load
from boussole.bench.processes import Deployment, DeploymentError, deployed, free_port
from boussole.bench.report import GOALS, Measure, Reduction, as_json, ratios, reached, table
from boussole.understanding.examples import make_example

# A webhook that answers at once, and counts nothing.
STUB = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'[{"text": "bonjour"}]' if self.path == "/good" else b'[]'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def stub(folder: Path) -> tuple[Deployment, str]:
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    return Deployment("stub", [[sys.executable, "-c", STUB, str(port)]], [f"{root}/good"], folder), root


def test_a_deployment_is_started_loaded_weighed_and_ended(tmp_path: Path) -> None:
    deployment, root = stub(tmp_path)
    with deployed(deployment) as seconds:
        good = asyncio.run(run_load([f"{root}/good"], 3, 0.3))
        empty = asyncio.run(run_load([f"{root}/empty"], 1, 0.05))
        assert deployment.memory_bytes() > 1_000_000
        assert deployment.cpu_seconds() > 0
    assert seconds > 0
    assert good.latencies
    assert not good.errors
    assert good.turns_per_second > 0
    # An answer without a word in it is no answer.
    assert empty.errors
    assert not empty.latencies
    assert deployment.processes[0].poll() is not None


def test_a_process_that_ends_is_said_with_the_place_of_its_log(tmp_path: Path) -> None:
    broken = Deployment("broken", [[sys.executable, "-c", "1/0"]], ["http://127.0.0.1:1/"], tmp_path / "broken")
    with pytest.raises(DeploymentError, match="broken"), deployed(broken):
        pytest.fail("it did not start")
    assert "ZeroDivisionError" in (tmp_path / "broken/0.log").read_text()


def test_percentiles_are_those_of_the_latencies() -> None:
    load = Load(10, [number / 100 for number in range(100)])
    assert (load.percentile(50), load.percentile(95), load.percentile(99)) == (0.5, 0.95, 0.99)
    assert load.turns_per_second == 10
    assert Load().percentile(95) == 0


def measure(name: str, factor: float, training: float | None = 10) -> Measure:
    return Measure(
        name, 5 * factor, int(2**30 * factor), (0.1, 0.2, 0.3), (0.1 * factor, 0.4 * factor, 1), 100 / factor, 0, 0.36,
        training,
    )  # fmt: skip


def test_ratios_are_ours_over_the_stock_deployment() -> None:
    assert ratios(measure("ours", 1), measure("stock", 10)) == {
        "turns_per_second": 10, "p95_32_clients": 0.1, "memory": pytest.approx(0.1), "cold_start": 0.1, "training": 1,
    }  # fmt: skip
    assert ratios(measure("ours", 1, None), measure("stock", 1))["training"] is None


def test_the_json_has_every_ratio_of_the_goals_and_the_table_says_which_is_missed() -> None:
    figures = as_json([measure("stock", 10), measure("ours", 1)], 2**30, {1: 100.0, 2: 180.0})
    assert json.loads(json.dumps(figures))["ratios"].keys() == GOALS.keys()
    printed = table(figures)
    assert "ours / stock, training: 1 (goal <= 0.2, missed)" in printed
    assert "ours / stock, turns_per_second: 10 (goal >= 10)" in printed
    assert "10.0 core-hours" in printed
    assert "2 process(es): 180.0 turns per second" in printed


def test_without_the_stock_deployment_there_is_no_ratio() -> None:
    assert "ratios" not in as_json([measure("ours", 1)], 0, {})


def test_more_is_better_for_throughput_only() -> None:
    assert reached("turns_per_second", 11)
    assert not reached("turns_per_second", 9)
    assert reached("memory", 0.2)
    assert not reached("memory", 0.3)


def test_the_stock_configuration_is_rasa_s_default_one() -> None:
    config = stock_config(3)
    names = [part["name"] for part in config["pipeline"]]
    assert "DIETClassifier" in names
    assert next(part for part in config["pipeline"] if part["name"] == "DIETClassifier")["epochs"] == 3
    assert {part["name"] for part in config["policies"]} == {
        "MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy",
    }  # fmt: skip


BAR = "\rEpochs: {percent:3}%|█████     | {epoch}/3 [{elapsed}<00:31, 31.0s/it, t_loss=4.76]"


def bars(*elapsed: str) -> str:
    return "".join(BAR.format(percent=33 * epoch, epoch=epoch, elapsed=at) for epoch, at in enumerate(elapsed))


def test_an_epoch_costs_what_the_progress_bars_say_after_the_first_one() -> None:
    one = bars("00:00", "00:31", "00:41", "00:51")
    assert epoch_seconds(f"TEDPolicy {one} DIET {bars('00:00', '59:50', '1:00:00', '1:00:30')}") == 10 + 20
    # Rasa draws the last step more than once.
    assert epoch_seconds(one + BAR.format(percent=100, epoch=3, elapsed="00:51")) == 10


@pytest.mark.parametrize("log", ["", "nothing of the kind", bars("00:00", "00:31")])
def test_one_epoch_alone_does_not_tell_what_another_costs(log: str) -> None:
    assert epoch_seconds(log) is None


def test_a_reduced_stock_training_is_said_with_what_the_whole_would_have_taken() -> None:
    reduction = Reduction(epochs=2, every=8, sentences=5_000, epoch_seconds=10)
    figures = as_json([measure("stock", 10, 300), measure("ours", 1, 256)], 0, {}, reduction)
    assert figures["stock_training"]["seconds_at_100_epochs"] == 300 + 98 * 10
    assert figures["stock_training"]["ratio_at_100_epochs"] == pytest.approx(0.2)
    # What was measured is what the goal is held against.
    assert figures["ratios"]["training"] == pytest.approx(256 / 300)
    printed = table(figures)
    assert "5000 sentences, one in 8, for 2 epochs in place of 100" in printed
    assert "ours / stock, training: 0.2" in printed
    unknown = as_json([measure("stock", 10, 300)], 0, {}, Reduction(1, 8, 5_000, None))
    assert unknown["stock_training"]["seconds_at_100_epochs"] is None
    assert "extrapolated" not in table(unknown)


def test_the_stock_model_learns_our_sentences_with_their_intents(tmp_path: Path) -> None:
    examples = [make_example(text, intent, {}) for text, intent in (
        ("bonjour", "saluer"), ("merci", "remercier"), ("salut", "saluer"),
    )]  # fmt: skip
    write_examples(tmp_path / "nlu.yml", examples)
    written = yaml.safe_load((tmp_path / "nlu.yml").read_text())
    # One sentence alone cannot be learned.
    assert written["nlu"] == [{"intent": "saluer", "examples": [{"text": "bonjour"}, {"text": "salut"}]}]


def test_a_conversation_of_the_load_is_eight_turns() -> None:
    # docs/scaling.md counts with it.
    assert len(CONVERSATION) == 8
