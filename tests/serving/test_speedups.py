"""What is quicker is still the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet, UserUttered

from boussole.serving import speedups

SAME = RemoteAction("action_plan", None)
stock = RemoteAction._validate_action_result
stock_run = DaskGraphRunner.run


@pytest.fixture(params=["stock", "ours"])
def validate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Rasa's own check of a result, then ours."""
    monkeypatch.setattr(RemoteAction, "_validate_action_result", stock)
    if request.param == "ours":
        speedups.compile_result_schema()
    return SAME._validate_action_result


@pytest.mark.parametrize("result", [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "danger", "value": "non"}], "responses": [{"text": "bonjour"}]},
])  # fmt: skip
def test_a_good_result_is_accepted(validate: Any, result: dict[str, Any]) -> None:
    assert validate(result) is True


@pytest.mark.parametrize("result", [
    [], {"events": {}}, {"events": [{"name": "danger"}]}, {"responses": ["bonjour"]},
    {"events": [{"event": "slot", "value": "non"}]},
])  # fmt: skip
def test_a_wrong_result_is_refused(validate: Any, result: Any) -> None:
    with pytest.raises(ValidationError):
        validate(result)


def test_every_kind_of_event_is_still_read_back_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "resolve_by_type", staticmethod(Event.resolve_by_type))
    speedups.look_up_events_once()
    for event in (SlotSet("danger", "non"), ActionExecuted("action_listen"), Restarted(), UserUttered("bonjour")):
        for _ in range(2):
            assert type(Event.from_parameters(event.as_dict())) is type(event)
    with pytest.raises(ValueError, match="inconnu"):
        Event.resolve_by_type("inconnu")


class Number(GraphComponent):
    """A node: its ``number`` plus all that it is given."""

    def __init__(self, number: int) -> None:
        self._number = number

    @classmethod
    def create(cls, config: dict[str, Any], **_: Any) -> "Number":
        return cls(config["number"])

    def add(self, left: int = 0, right: int = 0) -> int:
        if left < 0:
            raise RuntimeError("less than nothing")
        return self._number + left + right


def node(number: int, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Number, "create", "add", {"number": number}, is_target=False)


@pytest.fixture(params=["stock", "ours"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Run a graph of four nodes with Rasa's own method, then with ours."""
    monkeypatch.setattr(DaskGraphRunner, "run", stock_run)
    if request.param == "ours":
        speedups.run_nodes_in_order()
    nodes = {
        "last": node(1000, left="first", right="second"), "second": node(100, left="first"),
        "first": node(10, left="given"), "apart": node(7),
    }  # fmt: skip
    schema = GraphSchema(nodes)
    runner = DaskGraphRunner.create(schema, LocalModelStorage(tmp_path), ExecutionContext(schema))
    run: Callable[..., Any] = runner.run
    return run


def test_nodes_run_after_what_they_need(run: Callable[..., Any]) -> None:
    for given in (1, 2):
        assert run(inputs={"given": given}, targets=["last"]) == {"last": 1000 + 10 + given + 100 + 10 + given}
    assert run(inputs={"given": 1}, targets=["second", "apart"]) == {"second": 111, "apart": 7}


def test_a_failure_in_a_node_is_a_failure_of_the_run(run: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match=r"first|runner") as failure:
        run(inputs={"given": -1}, targets=["last"])
    assert type(failure.value).__module__.startswith("rasa.engine")


def test_an_input_that_is_called_like_a_node_is_refused(run: Callable[..., Any]) -> None:
    with pytest.raises(GraphRunError, match="clashes"):
        run(inputs={"given": "first"}, targets=["last"])
