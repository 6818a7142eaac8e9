"""What can be counted without telling anything about anybody, for Prometheus.

Labels are ids of the project's own data (questions, steps, levels, actions) and names of Python errors: never a
conversation's id, an address, or a word.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

TURNS = Counter("boussole_turns", "Messages answered; outcome is ok or breakdown", ["outcome"], registry=REGISTRY)
LATENCY = Histogram(
    "boussole_turn_seconds",
    "Time from a message to its whole answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
ERRORS = Counter("boussole_errors", "Failures inside turns, by the name of the error", ["error"], registry=REGISTRY)
ACTIONS = Counter("boussole_actions", "Actions run; action_incompris is the fallback", ["action"], registry=REGISTRY)
QUESTIONS = Counter("boussole_questions", "Questions asked", ["question"], registry=REGISTRY)
PLANS = Counter("boussole_plans", "Plans shown", registry=REGISTRY)
STEPS = Counter("boussole_plan_steps", "Steps of the plans shown", ["step"], registry=REGISTRY)
ALERTS = Counter("boussole_alerts", "Emergency messages said", ["level"], registry=REGISTRY)
OFF_TOPIC = Counter("boussole_off_topic", "Messages about something else", registry=REGISTRY)


def count_turn(seconds: float, failures: Iterable[str]) -> None:
    """Count a turn that took ``seconds``, and what failed in it."""
    failed = list(failures)
    TURNS.labels("breakdown" if failed else "ok").inc()
    LATENCY.observe(seconds)
    for name in failed:
        ERRORS.labels(name).inc()


def count_action(action: str, responses: Iterable[Mapping[str, Any]]) -> None:
    """Count an action that ran, and what it said: its objects for machines (contract.md, section 4)."""
    ACTIONS.labels(action).inc()
    for response in responses:
        _count_object(response.get("custom") or {})


def _count_object(custom: Mapping[str, Any]) -> None:
    kind = custom.get("type")
    if kind == "question":
        QUESTIONS.labels(custom["id"]).inc()
    elif kind == "alerte":
        ALERTS.labels(custom["niveau"]).inc()
    elif kind == "hors_sujet":
        OFF_TOPIC.inc()
    elif kind == "plan":
        PLANS.inc()
        for step in custom["steps"]:
            STEPS.labels(step["id"]).inc()


def exposition() -> bytes:
    """Return the figures in Prometheus's text format."""
    return generate_latest(REGISTRY)
