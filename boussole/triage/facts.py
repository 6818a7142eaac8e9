"""What is known of a case: reading it from slots, completing it, and dropping what no longer applies."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from boussole.triage.conditions import Facts, FactValue
from boussole.triage.deadlines import month_has_passed
from boussole.triage.model import Fact, Knowledge

# A free text such as a platform's name is shown again to the person: nothing longer is kept.
FREE_TEXT_LIMIT = 40


def read_value(fact: Fact, value: Any) -> FactValue | None:
    """Return ``value`` as a fact's value, or None when it is not allowed.

    Slots can be set by whoever writes to the bot, so nothing of them is trusted.
    """
    if fact.form == "liste":
        given = value if isinstance(value, list | tuple) else [value]
        kept = tuple(known for known in fact.labels if known in given)
        return kept or None
    if not isinstance(value, str) or not value:
        return None
    if fact.form == "choix":
        return value if value in fact.labels else None
    if fact.form == "date":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            return None
    return value[:FREE_TEXT_LIMIT]


def read_slots(knowledge: Knowledge, slots: Mapping[str, Any]) -> dict[str, FactValue]:
    """Return the facts among ``slots``, without the empty and the invalid ones."""
    read = {name: read_value(fact, slots.get(name)) for name, fact in knowledge.facts.items()}
    return {name: value for name, value in read.items() if value is not None}


def complete(knowledge: Knowledge, facts: Facts, today: date) -> dict[str, FactValue]:
    """Return ``facts`` with what they imply, and without the answers that no longer apply.

    A report's date decides whether a month has passed on ``today``; the implications of
    `facts.yml` fill facts that are still empty; an answer to a question that can no longer be
    asked is dropped, and so is whatever only that answer had opened.
    """
    known = dict(facts)
    reported = known.get("date_signalement")
    if isinstance(reported, str):
        passed = month_has_passed(date.fromisoformat(reported), today)
        known["un_mois_passe"] = "oui" if passed else "non"
    for condition, consequences in knowledge.implications:
        if condition.holds(known):
            known = {**consequences, **known}
    return prune(knowledge, known)


def withdraw(knowledge: Knowledge, facts: Facts, slots: Iterable[str]) -> dict[str, FactValue]:
    """Return ``facts`` without those of ``slots``, nor those from which they would be concluded again."""
    gone = set(slots)
    # Backwards: implications are applied in order, and one may lead to the next.
    for condition, consequences in reversed(knowledge.implications):
        if gone & consequences.keys() and condition.holds(facts):
            gone |= condition.slots
    if "un_mois_passe" in gone:
        gone.add("date_signalement")
    return {slot: value for slot, value in facts.items() if slot not in gone}


def prune(knowledge: Knowledge, facts: Facts) -> dict[str, FactValue]:
    """Return ``facts`` without the answers to questions that their other answers rule out."""
    kept = dict(facts)
    # Questions come in order, and a condition reads only earlier facts: one pass is enough.
    for question in knowledge.questions.values():
        if question.id in kept and not question.can_apply(kept):
            del kept[question.id]
    if "date_signalement" in kept and kept.get("plateforme_alertee") not in (None, "oui"):
        del kept["date_signalement"]
    return kept


def register(facts: Facts, minor_writer: bool = False) -> str:
    """Return ``tu`` for a minor who writes, else ``vous``.

    Args:
        minor_writer: the person said that they are under 18, whatever their place in the case.
    """
    own_case = facts.get("profil") == "victime" and facts.get("victime_mineure") == "oui"
    return "tu" if own_case or minor_writer else "vous"
