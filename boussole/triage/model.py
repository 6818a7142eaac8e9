"""What `knowledge/*.yml` says, as immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass

from boussole.triage.conditions import NEVER, Condition, Facts
from boussole.triage.hours import Hours


@dataclass(frozen=True)
class Fact:
    """A fact: its ``form`` (``choix``, ``liste``, ``libre``, ``date``) and value -> explanation."""

    id: str
    form: str
    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Wording:
    """A text in its variants: ``vous``, ``tu``, or one per profile (``parent``, ``temoin_tu``...)."""

    variants: Mapping[str, str]

    def for_reader(self, register: str, profile: str = "") -> str:
        """Return the text for a reader.

        Args:
            register: ``vous`` or ``tu``.
            profile: a value of the fact ``profil``, or an empty text.
        """
        own = f"{profile}_tu" if register == "tu" else profile
        return self.variants.get(own) or self.variants[register]


@dataclass(frozen=True)
class Question:
    """A question; its ``id`` is the fact that it fills."""

    id: str
    condition: Condition
    excluded: Condition
    text: Wording
    retry: Wording
    why: Wording
    buttons: Mapping[str, Wording]
    yes: str | None = None
    no: str | None = None
    kept: bool = False

    def applies(self, facts: Facts) -> bool:
        """Tell whether the question is to be asked, given what is known."""
        return self.condition.holds(facts) and not self.excluded.holds(facts)

    def can_apply(self, facts: Facts) -> bool:
        """Tell whether an answer to the question makes sense, or may once more is known."""
        return self.kept or (self.condition.can_hold(facts) and not self.excluded.holds(facts))


@dataclass(frozen=True)
class Service:
    """A service that helps, with what a person needs to reach it and where the facts come from."""

    id: str
    name: str
    phone: str | None
    sms: str | None
    url: str | None
    human: bool
    audience: str
    presentation: str
    hours: Hours
    source: str
    source_date: str
    checked_on: str
    article: str | None = None


@dataclass(frozen=True)
class ServiceRef:
    """A service named by a step, when ``condition`` holds."""

    id: str
    condition: Condition


@dataclass(frozen=True)
class Detail:
    """A sentence added to a step's text when ``condition`` holds: before it when ``first``, else after."""

    condition: Condition
    text: Wording
    first: bool = False


@dataclass(frozen=True)
class Step:
    """A step of the plan and the rule that puts it there (contract.md, section 3)."""

    id: str
    condition: Condition
    maybe: Condition
    excluded: Condition
    with_steps: frozenset[str]
    title: Wording
    text: Wording
    dated_text: Wording | None
    details: tuple[Detail, ...]
    services: tuple[ServiceRef, ...]
    deadline: str | None
    sources: tuple[str, ...]
    article: str | None = None


@dataclass(frozen=True)
class Platform:
    """A platform: how people call it, and how to report there."""

    id: str
    name: str
    aliases: tuple[str, ...]
    exact_aliases: tuple[str, ...]
    link: str | None
    path: str | None
    note: str | None
    source: str | None = None
    checked_on: str | None = None


@dataclass(frozen=True)
class Answer:
    """The answer to a frequent question."""

    id: str
    title: str
    examples: tuple[str, ...]
    text: Wording
    services: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A text that the bot says outside questions, steps and answers, with its services."""

    text: Wording
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnHelp:
    """A help that the operator itself offers."""

    title: str
    text: Wording
    condition: Condition = NEVER
    url: str | None = None


@dataclass(frozen=True)
class Operator:
    """Who runs this bot."""

    name: str
    description: str
    url: str | None
    contact: str | None
    helps: tuple[OwnHelp, ...]


@dataclass(frozen=True)
class Passage:
    """A passage of the article and the places in the data that carry it."""

    id: str
    quote: str
    places: tuple[str, ...]
    today: str | None
    source: str | None


@dataclass(frozen=True)
class Knowledge:
    """Everything that `knowledge/*.yml` holds, checked. Mappings keep the files' order."""

    facts: Mapping[str, Fact]
    implications: tuple[tuple[Condition, Mapping[str, str]], ...]
    questions: Mapping[str, Question]
    steps: Mapping[str, Step]
    services: Mapping[str, Service]
    platforms: Mapping[str, Platform]
    faq: Mapping[str, Answer]
    messages: Mapping[str, Message]
    alerts: Mapping[str, Message]
    common_buttons: Mapping[str, str]
    operator: Operator
    article: tuple[Passage, ...]
