"""The decision tree: which question comes next, and the tree as a picture."""

from collections.abc import Mapping
from itertools import product

from boussole.triage.conditions import Condition, Facts
from boussole.triage.model import Knowledge, Question


def open_questions(knowledge: Knowledge, facts: Facts) -> tuple[Question, ...]:
    """Return the questions to ask for ``facts``, in order.

    A question whose fact is known is never among them (contract.md, section 2).
    """
    return tuple(
        question for question in knowledge.questions.values() if question.id not in facts and question.applies(facts)
    )


def next_question(knowledge: Knowledge, facts: Facts) -> Question | None:
    """Return the question to ask next, or None when the plan is complete."""
    return next(iter(open_questions(knowledge, facts)), None)


def unreachable(knowledge: Knowledge) -> list[str]:
    """Return the questions that no path asks and the steps that no answers reach, as « questions.yml: id ».

    A condition can be reached when the answers that it names are ones that can stand together: each slot
    that it reads must itself be asked for some answers, or be told without being asked.
    """
    lost = []
    for question in knowledge.questions.values():
        if not any(
            _can_stand(knowledge, alternative, question.excluded) for alternative in question.condition.alternatives
        ):
            lost.append(f"questions.yml: {question.id}")
    for step in knowledge.steps.values():
        ways = (*step.condition.alternatives, *step.maybe.alternatives)
        if not any(_can_stand(knowledge, alternative, step.excluded) for alternative in ways):
            lost.append(f"steps.yml: {step.id}")
    return lost


def _can_stand(knowledge: Knowledge, wanted: Mapping[str, frozenset[str]], excluded: Condition) -> bool:
    """Tell whether facts exist that have ``wanted``, keep every answer that it needs, and are not excluded."""
    slots = list(wanted)
    for values in product(*(sorted(wanted[slot]) for slot in slots)):
        facts = dict(zip(slots, values, strict=True))
        needed = [knowledge.questions[slot] for slot in slots if slot in knowledge.questions]
        if not excluded.holds(facts) and all(question.can_apply(facts) for question in needed):
            return True
    return False


def mermaid(knowledge: Knowledge) -> str:
    """Return the tree as a Mermaid flowchart: the questions in order, then what each step needs."""
    lines = ["flowchart TD", "  debut([Description])"]
    previous = "debut"
    for question in knowledge.questions.values():
        lines.append(f'  q_{question.id}{{"{question.id}"}}')
        label = _describe(question.condition, question.excluded)
        lines.append(f"  {previous} --> {_edge(label)}q_{question.id}")
        previous = f"q_{question.id}"
    lines += [f"  {previous} --> plan([Plan])"]
    for step in knowledge.steps.values():
        needs = _describe(step.condition, step.excluded)
        maybe = _describe(step.maybe)
        parents = " ou ".join(name for name in knowledge.steps if name in step.with_steps)
        parts = [
            needs,
            f"peut-être si {maybe}" if step.maybe.alternatives else "",
            f"avec {parents}" if parents else "",
        ]
        label = " ; ".join(part for part in parts if part)
        lines.append(f"  plan --> {_edge(label)}s_{step.id}[{step.id}]")
    return "\n".join(lines) + "\n"


def _edge(label: str) -> str:
    return f'|"{label}"| ' if label else ""


def _describe(condition: Condition, excluded: Condition | None = None) -> str:
    text = " ou ".join(
        " et ".join(f"{slot} = {' / '.join(sorted(allowed))}" for slot, allowed in alternative.items())
        for alternative in condition.alternatives
    )
    refused = _describe(excluded) if excluded and excluded.alternatives else ""
    return ", ".join(part for part in (text, f"sauf {refused}" if refused else "") if part)
