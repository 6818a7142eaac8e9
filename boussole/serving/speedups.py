"""What makes Rasa quicker without changing what it does; docs/adr/0022 and 0023 have what each is worth."""

import json
from functools import cache, wraps
from graphlib import TopologicalSorter
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for

# Names of Rasa's own, in the states of its rules.
_PREVIOUS_ACTION = "prev_action"
_UNSET = "should_not_be_set"
_NOTHING: dict[str, Any] = {}


def apply() -> None:
    """Make all of these replacements in this process."""
    compile_result_schema()
    look_up_events_once()
    run_nodes_in_order()
    prepare_rules()
    remember_unique_mappings()


@cache
def _result_validator() -> Any:
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(_: Any, result: dict[str, Any]) -> bool:
    error = best_match(_result_validator().iter_errors(result))
    if error is not None:
        raise error
    return True


def compile_result_schema() -> None:
    """Check the schema of an action's result once in this process, instead of at each of the actions of each turn.

    Results are still validated, against the same schema.
    """
    from rasa.core.actions.action import RemoteAction

    RemoteAction._validate_action_result = _validate_action_result


def look_up_events_once() -> None:
    """Find the class of a kind of event once, instead of walking all of Rasa's for each event that is read back."""
    from rasa.shared.core.events import Event

    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))


def run_nodes_in_order() -> None:
    """Run the dozen nodes of the inference graph one after the other, in an order found once, without a scheduler.

    Rasa has dask plan and run them anew at each message and each predicted action, one at a time too.
    """
    from rasa.engine.runner.dask import DaskGraphRunner

    DaskGraphRunner.run = _run_nodes


def _run_nodes(self: Any, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
    """Run what ``targets`` need; see ``DaskGraphRunner.run``."""
    from rasa.engine.exceptions import GraphRunError

    wanted = tuple(targets or self._graph_schema.target_names)
    plans = self.__dict__.setdefault("_boussole_plans", {})
    if wanted not in plans:
        plans[wanted] = _plan(self, wanted)
    outputs: dict[str, Any] = dict.fromkeys(name for name, _, _ in plans[wanted])
    self._add_inputs_to_graph(inputs, outputs)
    try:
        for name, node, needs in plans[wanted]:
            if name not in (inputs or ()):
                outputs[name] = node(*(outputs.get(need, need) for need in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(outputs[name] for name in wanted)


def _plan(runner: Any, targets: tuple[str, ...]) -> list[tuple[str, Any, tuple[str, ...]]]:
    nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
    needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
    order = TopologicalSorter({name: set(needed) & nodes.keys() for name, needed in needs.items()}).static_order()
    return [(name, runner._instantiated_nodes[name], needs[name]) for name in order]


def prepare_rules() -> None:
    """Read what a rule asks of a state once, instead of at each of the hundred rules of each predicted action."""
    from rasa.core.policies.rule_policy import RulePolicy

    RulePolicy._is_rule_applicable = _is_rule_applicable


def _is_rule_applicable(_: Any, rule_key: str, turn_index: int, conversation_state: dict[str, Any]) -> bool:
    """See ``RulePolicy._is_rule_applicable``."""
    turns = _rule_turns(rule_key)
    if turn_index >= len(turns):
        return True
    previous, asked = turns[turn_index]
    if not previous or not conversation_state.get(_PREVIOUS_ACTION):
        return not previous and not conversation_state.get(_PREVIOUS_ACTION)
    for kind, key, value in asked:
        found = conversation_state.get(kind, _NOTHING).get(key)
        if (found and found != _UNSET) if value == _UNSET else found != value:
            return False
    return True


@cache
def _rule_turns(rule_key: str) -> list[tuple[bool, list[tuple[str, str, Any]]]]:
    """Return, the latest turn first, whether a rule's turn follows an action, and (kind of state, key, value) asked."""
    return [
        (
            bool(state.get(_PREVIOUS_ACTION)),
            [
                (kind, key, tuple(value) if isinstance(value, list) else value)
                for kind, part in state.items()
                for key, value in part.items()
                if value
            ],
        )
        for state in reversed(json.loads(rule_key))
    ]


def remember_unique_mappings() -> None:
    """Find once for each domain which entities fill one slot of a form only, instead of for each slot of each turn."""
    from rasa.core.actions.forms import FormAction

    find = FormAction._create_unique_entity_mappings
    if hasattr(find, "__wrapped__"):
        return

    @wraps(find)
    def remembered(form: Any, domain: Any) -> Any:
        # With the domain, so that another one starts anew.
        known = domain.__dict__.setdefault("_boussole_unique_mappings", {})
        if form.name() not in known:
            known[form.name()] = find(form, domain)
        return known[form.name()]

    FormAction._create_unique_entity_mappings = remembered
