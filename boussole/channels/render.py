"""From plans to plain text, for channels that show nothing richer."""

from boussole.channels.parts import plan_steps
from boussole.triage.plan import Plan


def plan_text(plan: Plan) -> str:
    """Return the whole plan as text: numbered steps with their reasons, services and deadlines."""
    # One line break only: Rasa sends what follows an empty line as another message.
    return "\n".join(
        "\n".join((f"{step.number}. {step.heading}", *step.lines)) for step in plan_steps(plan.as_message())
    )
