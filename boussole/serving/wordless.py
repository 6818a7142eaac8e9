"""What may be kept of a conversation's events: what the dialogue needs, and nothing that anybody wrote.

Everything is listed by name: what is not listed is not kept, so that a new slot or a new kind of event cannot carry
words into a store by oversight.
"""

import re
from typing import Any

from boussole.triage.facts import read_slots, read_value
from boussole.triage.knowledge import load_knowledge

# Slots besides the facts. A test fails when domain.yml has one that is in neither list.
OTHER_SLOTS = frozenset({"redacteur_mineur", "historique", "plan_donne", "autre_cas", "requested_slot"})
# Kinds of event that carry nothing but names of Rasa's and of the domain's.
PLAIN_EVENTS = frozenset({
    "action", "action_execution_rejected", "active_loop", "followup", "loop_interrupted", "pause", "reset_slots",
    "restart", "resume", "rewind", "session_started", "undo", "user_featurization",
})  # fmt: skip
_PLAIN_FIELDS = (
    "event", "timestamp", "name", "policy", "confidence", "hide_rule_turn", "use_text_for_featurization",
    "is_interrupted",
)  # fmt: skip
_MARK = re.compile(r"[0-9a-f]{16}")


def without_words(event: dict[str, Any]) -> dict[str, Any] | None:
    """Return an event as it may be kept, or None when nothing of it may.

    Args:
        event: one of Rasa's events, as its ``as_dict`` gives it.
    """
    kind = event["event"]
    if kind == "user":
        return _user(event)
    if kind == "bot":
        custom = (event.get("data") or {}).get("custom") or {}
        marked = {key: custom[key] for key in ("type", "id", "niveau") if key in custom}
        return _kept(event, text=None, data={"custom": marked} if marked else {})
    if kind == "slot":
        return _kept(event, name=event["name"], value=slot_value(event["name"], event.get("value")))
    if kind in PLAIN_EVENTS:
        return {key: event[key] for key in _PLAIN_FIELDS if key in event}
    return None


def slot_value(name: str, value: Any) -> Any:
    """Return a slot's value when it can only be one of ours, else None."""
    knowledge = load_knowledge()
    if name in knowledge.facts:
        return _fact(name, value)
    if name == "historique" and isinstance(value, list):
        return [_facts(before) for before in value if isinstance(before, dict)]
    if name == "plan_donne":
        return value if isinstance(value, str) and _MARK.fullmatch(value) else None
    if name == "requested_slot":
        return value if value in knowledge.facts else None
    if name in ("redacteur_mineur", "autre_cas"):
        return value if value in ("oui", "non") else None
    return None


def _user(event: dict[str, Any]) -> dict[str, Any]:
    parsed = event.get("parse_data") or {}
    bare = {
        "intent": {key: (parsed.get("intent") or {}).get(key) for key in ("name", "confidence")},
        "entities": [kept for entity in parsed.get("entities") or () if (kept := _entity(entity))],
        "text": "",
    }
    return _kept(event, text="", parse_data=bare, message_id=event.get("message_id"))


def _entity(entity: dict[str, Any]) -> dict[str, Any] | None:
    """Return an entity that is a fact, a level, a slot's name or the id of an answer; None for any other."""
    name, value = entity.get("entity"), entity.get("value")
    knowledge = load_knowledge()
    allowed: Any = {
        "alerte": knowledge.alerts,
        "oublie": knowledge.facts,
        "sujet": knowledge.faq,
        "citation": ("oui",),
        "redacteur_mineur": ("oui", "non"),
    }.get(str(name))
    if allowed is not None:
        kept = value if isinstance(value, str) and value in allowed else None
    elif name in knowledge.facts and isinstance(value, str):
        # A list's entities are its values, one by one.
        read = _fact(str(name), value)
        kept = read[0] if isinstance(read, list) else read
    else:
        kept = None
    return None if kept is None else {"entity": name, "value": kept}


def _fact(name: str, value: Any) -> Any:
    knowledge = load_knowledge()
    read = read_value(knowledge.facts[name], value)
    if name == "plateforme" and read not in (*knowledge.platforms, "inconnu"):
        # The name of another platform is the person's own word.
        return None
    return list(read) if isinstance(read, tuple) else read


def _facts(slots: dict[str, Any]) -> dict[str, Any]:
    read = {name: _fact(name, value) for name, value in read_slots(load_knowledge(), slots).items()}
    return {name: value for name, value in read.items() if value is not None}


def _kept(event: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"event": event["event"], "timestamp": event.get("timestamp"), **fields}
