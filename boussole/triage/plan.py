"""The plan: which steps apply to a set of facts, in which order, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from boussole.triage.conditions import UNKNOWN, Facts, FactValue, values_of
from boussole.triage.deadlines import platform_answer_due
from boussole.triage.facts import complete, register
from boussole.triage.holidays import is_holiday
from boussole.triage.model import Knowledge, Platform, Service, Step
from boussole.triage.tree import open_questions

# The entry of platforms.yml for a site that it does not know.
OTHER_SITE = "autre_site"
ALWAYS_WHY = "Parce que : c'est utile dans toutes les situations."


@dataclass(frozen=True)
class PlannedStep:
    """A step of one person's plan.

    ``certain`` is False when it depends on a fact that is not known. ``deadline`` is a date or None.
    """

    id: str
    title: str
    why: str
    text: str
    services: tuple[Service, ...]
    certain: bool
    deadline: date | None


@dataclass(frozen=True)
class Plan:
    """The steps for ``facts``, in the order in which to do them, computed at ``moment``."""

    facts: Mapping[str, FactValue]
    steps: tuple[PlannedStep, ...]
    moment: datetime
    complete: bool

    def as_message(self) -> dict[str, Any]:
        """Return the machine-readable object of contract.md, section 4."""
        return {
            "type": "plan",
            "facts": {name: list(v) if isinstance(v, tuple) else v for name, v in self.facts.items()},
            "steps": [self._step(step) for step in self.steps],
        }

    def _step(self, step: PlannedStep) -> dict[str, Any]:
        return {
            "id": step.id,
            "titre": step.title,
            "pourquoi": step.why,
            "texte": step.text,
            "services": [service_message(service, self.moment) for service in step.services],
            "certain": step.certain,
            "echeance": step.deadline.isoformat() if step.deadline else None,
        }


def service_message(service: Service, moment: datetime) -> dict[str, Any]:
    """Return a service as contract.md, section 4, shapes it; ``ouvert`` is None when not known."""
    return {
        "id": service.id,
        **contact_message(service),
        "horaires": service.hours.text,
        "ouvert": service.hours.is_open(moment, is_holiday),
        "ouverture": service.hours.describe(moment, is_holiday),
        "verifie_le": service.checked_on,
        "source": service.source,
    }


def contact_message(service: Service) -> dict[str, Any]:
    """Return what says how to reach a service, as contract.md, section 4, names it."""
    return {"nom": service.name, "tel": service.phone, "sms": service.sms, "url": service.url}


def presume(knowledge: Knowledge, facts: Facts) -> dict[str, FactValue]:
    """Return ``facts`` with ``inconnu`` for every question that is still open."""
    return {**dict.fromkeys((question.id for question in open_questions(knowledge, facts)), UNKNOWN), **facts}


def select_steps(knowledge: Knowledge, facts: Facts) -> dict[str, bool]:
    """Return the ids of the steps that apply to ``facts`` -> whether they are certain.

    The rules are those of `steps.yml` (contract.md, section 3). A question that is still open
    counts as answered ``inconnu``: an unfinished plan shows what may apply.
    """
    presumed = presume(knowledge, facts)
    selected: dict[str, bool] = {}
    for step in knowledge.steps.values():
        if step.excluded.holds(presumed):
            continue
        certain = step.condition.holds(presumed)
        if not certain and not step.maybe.holds(presumed):
            continue
        if step.with_steps:
            parents = [selected[parent] for parent in step.with_steps if parent in selected]
            if not parents:
                continue
            certain = certain and any(parents)
        selected[step.id] = certain
    return selected


def build_plan(knowledge: Knowledge, facts: Facts, moment: datetime, minor_writer: bool = False) -> Plan:
    """Return the plan for ``facts``, complete or not.

    Args:
        facts: what is known; implications, deadlines and pruning are applied to it first.
        moment: now, aware, in Paris: opening hours and deadlines are computed with it.
        minor_writer: the person who writes said that they are under 18.
    """
    known = complete(knowledge, facts, moment.date())
    chosen = select_steps(knowledge, known)
    tone = register(known, minor_writer)
    steps = tuple(_planned(knowledge, knowledge.steps[name], known, certain, tone) for name, certain in chosen.items())
    return Plan(facts=known, steps=steps, moment=moment, complete=not open_questions(knowledge, known))


def _planned(knowledge: Knowledge, step: Step, facts: Facts, certain: bool, tone: str) -> PlannedStep:
    profile = "".join(values_of(facts, "profil"))
    deadline = _deadline(step, facts)
    wording = step.dated_text if deadline and step.dated_text else step.text
    sentences = [wording.for_reader(tone, profile)]
    if deadline:
        sentences[0] = sentences[0].replace("{echeance}", french_date(deadline))
    details = [detail for detail in step.details if detail.condition.holds(facts)]
    sentences = [
        *(detail.text.for_reader(tone, profile) for detail in details if detail.first),
        *sentences,
        *(detail.text.for_reader(tone, profile) for detail in details if not detail.first),
    ]
    if step.id == "signaler_plateforme":
        sentences += _report_instructions(knowledge, facts)
    if step.id == "suivi":
        sentences += [
            f"{knowledge.operator.name} : {own.text.for_reader(tone, profile)}"
            for own in knowledge.operator.helps
            if own.condition.holds(facts)
        ]
    services = tuple(knowledge.services[ref.id] for ref in step.services if ref.condition.holds(facts))
    return PlannedStep(
        id=step.id,
        title=step.title.for_reader(tone, profile),
        why=_why(knowledge, step, presume(knowledge, facts)),
        text=" ".join(sentences),
        services=services,
        certain=certain,
        deadline=deadline,
    )


def _deadline(step: Step, facts: Facts) -> date | None:
    reported = facts.get("date_signalement")
    if step.deadline is None or not isinstance(reported, str):
        return None
    return platform_answer_due(date.fromisoformat(reported))


def _report_instructions(knowledge: Knowledge, facts: Facts) -> list[str]:
    named = "".join(values_of(facts, "plateforme"))
    platform = knowledge.platforms.get(named) or (knowledge.platforms.get(OTHER_SITE) if named else None)
    if platform is None:
        return []
    return [text for text in (platform.path, _report_link(platform), platform.note) if text]


def _report_link(platform: Platform) -> str:
    return f"Page de signalement de {platform.name} : {platform.link}" if platform.link else ""


def _why(knowledge: Knowledge, step: Step, facts: Facts) -> str:
    slots: list[str] = []
    for name in (step.id, *(parent for parent in knowledge.steps if parent in step.with_steps)):
        rule = knowledge.steps[name]
        matched = rule.condition.match(facts)
        if matched is None:
            matched = rule.maybe.match(facts) or {}
        # A rule said by exception (« sauf ») rests on the answer that is not the exception.
        deciding = (*matched, *sorted(rule.excluded.slots - {"profil", "reponse_plateforme"}))
        slots += [slot for slot in deciding if slot not in slots and slot in facts]
    reasons = [knowledge.facts[slot].labels[value] for slot in slots for value in _relevant(step, slot, facts)]
    return f"Parce que : {' ; '.join(dict.fromkeys(reasons))}." if reasons else ALWAYS_WHY


def _relevant(step: Step, slot: str, facts: Facts) -> tuple[str, ...]:
    """Of a list slot, keep only the values that the step's rule asks for."""
    values = values_of(facts, slot)
    wanted = frozenset(v for alternative in step.condition.alternatives for v in alternative.get(slot, ()))
    return tuple(value for value in values if value in wanted) or values


MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def french_date(day: date) -> str:
    """Return a date as French people write it: « 1er mars 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"
