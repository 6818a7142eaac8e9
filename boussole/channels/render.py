"""From plans to plain text, for channels that show nothing richer."""

from boussole.triage.holidays import is_holiday
from boussole.triage.model import Service
from boussole.triage.plan import Plan, PlannedStep, french_date


def plan_text(plan: Plan) -> str:
    """Return the whole plan as text: numbered steps with their reasons, services and deadlines."""
    # One line break only: Rasa sends what follows an empty line as another message.
    return "\n".join(_step(number, step, plan) for number, step in enumerate(plan.steps, start=1))


def _step(number: int, step: PlannedStep, plan: Plan) -> str:
    doubt = "" if step.certain else " (peut-être)"
    lines = [f"{number}. {step.title}{doubt}", step.text]
    if step.deadline:
        lines.append(f"Échéance : {french_date(step.deadline)}")
    lines += [f"• {contact(service, plan)}" for service in step.services]
    lines.append(step.why)
    return "\n".join(lines)


def contact(service: Service, plan: Plan) -> str:
    """Return one line with the ways to reach ``service`` and whether it is open at the plan's moment."""
    state = service.hours.describe(plan.moment, is_holiday)
    ways = (
        f"tél. {service.phone}" if service.phone else "",
        f"SMS au {service.sms}" if service.sms else "",
        service.url or "",
        f"({state})" if state else "",
    )
    return f"{service.name} : {' '.join(way for way in ways if way)}"
