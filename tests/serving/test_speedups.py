"""What is quicker is still the same."""

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet, UserUttered

from boussole.serving import speedups

SAME = RemoteAction("action_plan", None)
stock = RemoteAction._validate_action_result


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
