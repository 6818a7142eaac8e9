"""What makes Rasa quicker without changing what it does; docs/adr/0022 has what each is worth."""

from functools import cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for


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
