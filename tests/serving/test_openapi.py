"""The server keeps to `docs/openapi.yml`, and the file to the project's data."""

import json
import uuid
from importlib.metadata import version
from typing import Any

import jsonschema
import pytest
from rasa.core.channels.channel import InputChannel

from boussole.channels.gate import check_sender
from boussole.channels.headers import BODY_LIMIT
from boussole.channels.operations import OperationsInput
from boussole.channels.rest import RestInput
from boussole.triage.model import Knowledge
from tests import openapi
from tests.servers import OPENING, Server, new_sender, question

SAID = "/webhooks/rest/webhook"
FORGOTTEN = "/webhooks/rest/forget"


def schema(name: str) -> dict[str, Any]:
    """One of the file's schemas."""
    return openapi.resolve({"$ref": f"#/components/schemas/{name}"})


def test_every_schema_is_one() -> None:
    for part in openapi.description()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(part)


def test_every_reference_leads_somewhere() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                openapi.resolve(node)
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(openapi.description())


def test_the_version_is_the_project_s() -> None:
    assert openapi.description()["info"]["version"] == version("boussole")


@pytest.mark.parametrize(
    ("channel", "prefix"), [(RestInput, "/webhooks/rest"), (OperationsInput, "")], ids=["rest", "operations"]
)
def test_every_route_is_described_and_nothing_else(channel: type[InputChannel], prefix: str) -> None:
    async def nobody(_: Any) -> None:
        """Hear nothing."""

    futures = channel().blueprint(nobody)._future_routes
    routes = {(method, prefix + route.uri) for route in futures for method in route.methods if method != "OPTIONS"}
    paths = openapi.description()["paths"]
    described = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    mine = {call for call in described if call[1].startswith("/webhooks/") == bool(prefix)}
    assert routes == mine


def test_ids_have_the_form_that_the_gate_lets_through() -> None:
    pattern = schema("Sender")
    for sender in (str(uuid.uuid4()), uuid.uuid4().hex, "a" * 20, "a" * 64, "a" * 19, "a" * 65, "é" * 30, ""):
        fits = jsonschema.Draft202012Validator(pattern).is_valid(sender)
        try:
            check_sender(sender)
        except ValueError:
            assert not fits, sender
        else:
            assert fits, sender


def test_levels_of_alert_are_those_of_the_data(knowledge: Knowledge) -> None:
    assert set(schema("Alert")["properties"]["niveau"]["enum"]) == set(knowledge.alerts)


def test_a_whole_conversation_is_as_described(faulty: Server) -> None:
    sender, text, asked = new_sender(), OPENING, []
    seen: set[str] = set()
    for text in (
        OPENING,
        "elle veut mourir",
        "quelle est la recette de la tarte aux pommes ?",
        *["je ne sais pas"] * 12,
    ):
        messages = faulty.say(sender, text)
        openapi.check("POST", SAID, 200, messages)
        asked.append(question(messages))
        seen |= {message["custom"]["type"] for message in messages if "custom" in message}
    assert seen >= {"question", "alerte", "plan"}
    assert asked[-1] is None


@pytest.mark.parametrize("path", ["/webhooks/rest/", "/sante", "/sante/vivant", "/sante/pret"])
def test_what_an_operator_asks_is_as_described(faulty: Server, path: str) -> None:
    status, body = faulty.get(path)
    openapi.check("GET", path, status, json.loads(body))


@pytest.mark.parametrize("path", ["/sante", "/sante/pret", "/metrics"])
def test_through_a_proxy_there_is_nothing_there(faulty: Server, path: str) -> None:
    openapi.check("GET", path, faulty.get(path, {"X-Forwarded-For": "192.0.2.1"})[0], None)


@pytest.mark.parametrize("path", [SAID, FORGOTTEN])
@pytest.mark.parametrize("body", [b"", b"[]", b'{"sender": "default"}', b"a" * (BODY_LIMIT + 1)])
def test_a_refusal_is_as_described(faulty: Server, path: str, body: bytes) -> None:
    status, answer = faulty.post(path, body)
    assert status in (400, 413)
    openapi.check("POST", path, status, json.loads(answer))


def test_forgetting_is_as_described(faulty: Server) -> None:
    status, answer = faulty.post(FORGOTTEN, json.dumps({"sender": new_sender()}).encode())
    assert (status, answer) == (204, b"")
    openapi.check("POST", FORGOTTEN, status, None)
