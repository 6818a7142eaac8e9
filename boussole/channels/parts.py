"""A plan's parts and the line of a service, the same in plain text, on a terminal and in a messenger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from boussole.triage.plan import french_date

ALERT_TITLE = "URGENCE"

_FIRST_STEP = re.compile(r"^1\. ", re.MULTILINE)


@dataclass(frozen=True)
class StepParts:
    """A step of a plan as it is shown: its number, its heading, and the lines below."""

    number: int
    heading: str
    lines: tuple[str, ...]


def plan_opening(text: str) -> str:
    """Return what the text of a plan says before its steps, which are in the plan's object too."""
    return _FIRST_STEP.split(text, maxsplit=1)[0].strip()


def plan_steps(plan: Mapping[str, Any]) -> tuple[StepParts, ...]:
    """Return the steps of a plan object (contract.md, section 4) as they are shown."""
    return tuple(_step(number, step) for number, step in enumerate(plan["steps"], start=1))


def contact_line(service: Mapping[str, Any]) -> str:
    """Return a service's name, the ways to reach it, and whether it is open.

    Args:
        service: ``nom``, ``tel``, ``sms`` and ``url`` (contract.md, section 4); ``ouverture`` where it is to be said.
    """
    ways = (
        f"tél. {service['tel']}" if service["tel"] else "",
        f"SMS au {service['sms']}" if service["sms"] else "",
        service["url"] or "",
    )
    state = service.get("ouverture")
    reached = ", ".join(way for way in ways if way)
    return " : ".join(part for part in (service["nom"], reached) if part) + (f" ({state})" if state else "")


def _step(number: int, step: Mapping[str, Any]) -> StepParts:
    doubt = "" if step["certain"] else " (peut-être)"
    lines = [step["texte"]]
    if step["echeance"]:
        lines.append(f"Échéance : {french_date(date.fromisoformat(step['echeance']))}")
    lines += [f"• {contact_line(service)}" for service in step["services"]]
    lines.append(step["pourquoi"])
    return StepParts(number, f"{step['titre']}{doubt}", tuple(lines))
