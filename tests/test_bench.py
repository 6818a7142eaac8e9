"""Measuring: the figures are what they say, and a deployment that does not start says so."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from boussole.bench.command import stock_config
from boussole.bench.load import CONVERSATION, Load, run_load
from boussole.bench.processes import Deployment, DeploymentError, deployed, free_port
from boussole.bench.report import GOALS, Measure, as_json, ratios, reached, table

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


def test_a_conversation_of_the_load_is_eight_turns() -> None:
    # docs/scaling.md counts with it.
    assert len(CONVERSATION) == 8
