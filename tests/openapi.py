"""`docs/openapi.yml`, to hold answers against."""

from functools import cache
from typing import Any

import jsonschema
import yaml

from boussole.triage.knowledge import PROJECT

PATH = PROJECT / "docs" / "openapi.yml"


@cache
def description() -> dict[str, Any]:
    """The whole file."""
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return loaded


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """What a node says, or what it refers to."""
    found: Any = node
    while "$ref" in found:
        place: Any = description()
        for key in found["$ref"].removeprefix("#/").split("/"):
            place = place[key]
        found = place
    return dict(found)


def operation(method: str, path: str) -> dict[str, Any]:
    """What is said of a call."""
    found: dict[str, Any] = description()["paths"][path][method.lower()]
    return found


def check(method: str, path: str, status: int, answer: Any) -> None:
    """Fail unless a call may end with this status and this JSON (None for none)."""
    answers = operation(method, path)["responses"]
    assert str(status) in answers, f"{method} {path} may not answer {status}"
    content = resolve(answers[str(status)]).get("content", {}).get("application/json")
    if content is None:
        assert answer is None, "no JSON is announced"
    else:
        whole = {**content["schema"], "components": description()["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer)
