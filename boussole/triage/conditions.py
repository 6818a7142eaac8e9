"""Conditions over facts: a mapping of slot to allowed values, or several as alternatives."""

from collections.abc import Mapping
from dataclasses import dataclass

FactValue = str | tuple[str, ...]
Facts = Mapping[str, FactValue]

UNKNOWN = "inconnu"


def values_of(facts: Facts, slot: str) -> tuple[str, ...]:
    """Return what is known of ``slot`` as a tuple: empty when nothing is known."""
    value = facts.get(slot)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True)
class Condition:
    """True when one of ``alternatives`` holds; each asks all of its slots for an allowed value.

    A list slot (``nature``) has an allowed value when any of its values is allowed. A condition
    with no alternative never holds; one with an empty alternative always does.
    """

    alternatives: tuple[Mapping[str, frozenset[str]], ...]

    def match(self, facts: Facts) -> Mapping[str, frozenset[str]] | None:
        """Return the first alternative that holds for ``facts``, or None."""
        for alternative in self.alternatives:
            if all(allowed.intersection(values_of(facts, slot)) for slot, allowed in alternative.items()):
                return alternative
        return None

    def holds(self, facts: Facts) -> bool:
        """Tell whether the condition holds for what is known."""
        return self.match(facts) is not None

    def can_hold(self, facts: Facts) -> bool:
        """Tell whether the condition holds, or may once the missing facts are known."""
        return any(
            all(
                not values_of(facts, slot) or allowed.intersection(values_of(facts, slot))
                for slot, allowed in alternative.items()
            )
            for alternative in self.alternatives
        )

    @property
    def slots(self) -> frozenset[str]:
        """The slots that the condition reads."""
        return frozenset(slot for alternative in self.alternatives for slot in alternative)


ALWAYS = Condition(alternatives=({},))
NEVER = Condition(alternatives=())
