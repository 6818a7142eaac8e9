"""What is quicker is still the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet, UserUttered

from boussole.serving import speedups
from boussole.triage.knowledge import PROJECT

SAME = RemoteAction("action_plan", None)
stock = RemoteAction._validate_action_result
stock_run = DaskGraphRunner.run
stock_rule = RulePolicy._is_rule_applicable


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
    for number in (1, 2):
        assert run(inputs={"given": number}, targets=["last"]) == {"last": 1000 + 10 + number + 100 + 10 + number}
    assert run(inputs={"given": 1}, targets=["second", "apart"]) == {"second": 111, "apart": 7}


def test_a_failure_in_a_node_is_a_failure_of_the_run(run: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match=r"first|runner") as failure:
        run(inputs={"given": -1}, targets=["last"])
    assert type(failure.value).__module__.startswith("rasa.engine")


def test_an_input_that_is_called_like_a_node_is_refused(run: Callable[..., Any]) -> None:
    with pytest.raises(GraphRunError, match="clashes"):
        run(inputs={"given": "first"}, targets=["last"])


VALUES = st.sampled_from(["oui", "non", SHOULD_NOT_BE_SET, "", None, ("oui",), ("oui", "non")])
PARTS = st.dictionaries(st.sampled_from(["danger", "profil"]), VALUES, max_size=2)
STATES = st.fixed_dictionaries({}, optional={
    PREVIOUS_ACTION: st.sampled_from([{}, {"action_name": "action_listen"}, {"action_name": "action_plan"}]),
    "slots": PARTS, "user": PARTS,
})  # fmt: skip


@given(st.lists(STATES, max_size=3), st.integers(0, 3), STATES)
def test_a_rule_applies_to_the_same_states(rule: list[dict[str, Any]], turn: int, state: dict[str, Any]) -> None:
    key = json.dumps(rule)
    policy = object.__new__(RulePolicy)
    assert speedups._is_rule_applicable(policy, key, turn, state) == stock_rule(policy, key, turn, state)


def test_unique_mappings_are_found_once_for_each_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def find(form: FormAction, domain: Domain) -> set[str]:
        calls.append(form.name())
        return {f"{form.name()} {len(domain.slots)}"}

    monkeypatch.setattr(FormAction, "_create_unique_entity_mappings", find)
    speedups.remember_unique_mappings()
    speedups.remember_unique_mappings()
    ours, other = Domain.load(str(PROJECT / "domain.yml")), Domain.empty()
    form, again = FormAction("triage_form", None), FormAction("triage_form", None)
    assert form._create_unique_entity_mappings(ours) == again._create_unique_entity_mappings(ours)
    assert form._create_unique_entity_mappings(ours) == {f"triage_form {len(ours.slots)}"}
    assert form._create_unique_entity_mappings(other) == {f"triage_form {len(other.slots)}"}
    assert FormAction("autre", None)._create_unique_entity_mappings(ours) == {f"autre {len(ours.slots)}"}
    assert calls == ["triage_form", "triage_form", "autre"]
