"""The actions behind the interface of Rasa's action endpoint, without a server."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection

from boussole.serving.failures import watch_failures
from boussole.serving.inprocess import InProcessActions

SECRET = "motsecretquinedoitpasfuiter"


@pytest.fixture(scope="module")
def project() -> InProcessActions:
    """The endpoint with the project's own actions."""
    return InProcessActions()


def tracker(**slots: object) -> dict[str, Any]:
    """What Rasa sends of a conversation."""
    return {
        "sender_id": "a" * 32, "slots": slots, "events": [], "paused": False, "active_loop": {},
        "latest_message": {"text": SECRET, "intent": {}, "entities": []}, "latest_action_name": None,
    }  # fmt: skip


def call(endpoint: InProcessActions, action: str, **slots: object) -> Any:
    """What the endpoint answers when Rasa asks for an action."""
    request = {"next_action": action, "sender_id": "a" * 32, "tracker": tracker(**slots), "domain": {}}
    return asyncio.run(endpoint.request(json=request))


def with_action(run: Callable[..., Any]) -> InProcessActions:
    """An endpoint with one more action, `action_essai`."""
    endpoint = InProcessActions()
    endpoint._executor.register_function("action_essai", run)
    return endpoint


def test_an_action_of_the_project_answers_with_its_events_and_its_words(project: InProcessActions) -> None:
    result = call(project, "action_au_revoir")
    assert result["events"] == []
    assert "Au revoir" in result["responses"][0]["text"]


def test_what_comes_back_is_plain_json() -> None:
    def run(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        return [SlotSet("nature", ("insultes", "menaces"))]

    result = call(with_action(run), "action_essai")
    assert result["events"][0]["value"] == ["insultes", "menaces"]
    assert json.loads(json.dumps(result)) == result


def test_an_action_cannot_change_rasa_s_own_objects() -> None:
    def run(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        tracker.slots["nature"].append("menaces")
        domain["actions"] = []
        return []

    nature, domain = ["insultes"], {"actions": ["action_essai"]}
    request = {"next_action": "action_essai", "sender_id": "a", "tracker": tracker(nature=nature), "domain": domain}
    asyncio.run(with_action(run).request(json=request))
    assert nature == ["insultes"]
    assert domain == {"actions": ["action_essai"]}


def test_an_action_may_step_back_and_this_is_no_failure() -> None:
    def run(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ActionExecutionRejection("action_essai")

    with watch_failures() as failures, pytest.raises(ClientResponseError) as error:
        call(with_action(run), "action_essai")
    assert error.value.status == 400
    assert json.loads(error.value.text)["action_name"] == "action_essai"
    assert not failures


def test_an_action_that_does_not_exist_is_a_failure_of_the_turn(project: InProcessActions) -> None:
    with watch_failures() as failures, pytest.raises(ClientResponseError) as error:
        call(project, "action_inconnue")
    assert error.value.status == 404
    assert failures


def test_an_action_that_breaks_is_a_failure_of_the_turn_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def run(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ValueError(tracker.latest_message["text"])

    endpoint = with_action(run)
    with caplog.at_level(logging.WARNING), watch_failures() as failures, pytest.raises(ClientResponseError) as error:
        call(endpoint, "action_essai")
    assert (error.value.status, error.value.text) == (500, "")
    assert failures == {"ValueError"}
    assert "action action_essai failed: ValueError" in caplog.text
    assert SECRET not in caplog.text
