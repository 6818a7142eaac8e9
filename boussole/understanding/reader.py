"""Reading a message in its context: what it wants, which facts it states, whether a life is in danger."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from boussole.triage.conditions import UNKNOWN, Facts, FactValue, values_of
from boussole.triage.model import Knowledge
from boussole.understanding import crisis
from boussole.understanding.classify import TextModel
from boussole.understanding.crisis import LEVEL_FACT
from boussole.understanding.extract import extract
from boussole.understanding.languages import foreign_language
from boussole.understanding.normalise import normalise
from boussole.understanding.segments import segments
from boussole.understanding.training import ABSENT, DESCRIBE, FIXED_INTENTS, POLARITY

# Probabilities above which a guess is taken; chosen on held-out files of data/, never on evaluation/ (docs/adr/0005).
SURE_COMMAND = 0.35
SURE_OFF_TOPIC = 0.4
# Of the trained class, in the mean of the whole message and its best piece. A first message of a few words has
# nearly always been written for what it says; a long story has many sad words, and an answer is about its question.
SURE_ALERT = 0.4
SURE_ALERT_IN_AN_ANSWER = 0.6
SURE_ALERT_IN_A_STORY = 0.55
SURE_ALERT_ABOUT_DANGER = 0.4
SURE_ALERT_DESPITE_A_DENIAL = 0.85
# « Merci, au revoir » has words of a last goodbye.
SURE_ALERT_IN_SMALL_TALK = 0.85
STORY_WORDS = 25
# Under this one the trained class hardly finds a sign: patterns alone are then believed for suicide only.
DISBELIEVED = 0.15
# The trained class alone sets the fact only from here; under it, and where patterns are alone, the person is given the
# numbers, then asked.
CERTAIN_ALERT = 0.95
LIKELY_ALERT = 0.3
SURE_DENIAL = 0.65
SURE_ENOUGH_TO_ASK_AGAIN = 0.75
SURE_ANSWER = 0.4
SURE_ANSWER_ABOUT_DANGER = 0.65
# A message that does not speak of the question's subject is not taken for its answer: « j'ai peur » says neither yes
# nor no. On danger a wrong « non » costs most; what begins with yes or no is nearly always an answer.
SPOKEN_OF = 0.5
SPOKEN_OF_DANGER = 0.6
SPOKEN_OF_BY_YES_OR_NO = 0.2
SURE_FACT_OF_DANGER = 0.85
SURE_TOPIC = 0.25
SURE_IN_PASSING = 0.6
# For a fact stated in passing: a wrong one costs the plan, a missed one costs a question.
SURE_FACT = {
    "profil": 0.7,
    "victime_mineure": 0.65,
    "cadre_scolaire": 0.65,
    "contenu_public": 0.8,
    "moteur_recherche": 0.7,
    "auteur_connu": 0.8,
    "plateforme_alertee": 0.7,
    "reponse_plateforme": 0.75,
    "un_mois_passe": 0.7,
}
# A correction is surely about some fact: less is needed to see which.
SURE_CORRECTION = 0.5
# « Je ne sais pas » about what nobody asked yet: only in the first message, where people tell what they looked for.
SURE_UNKNOWN = 0.7
SURE_WITHDRAWN = 0.4
SURE_ANOTHER_CASE = 0.8
# What can become known or change in the middle of a conversation, said without « en fait ».
NEWS = frozenset({"contenu_public", "plateforme_alertee", "reponse_plateforme", "un_mois_passe"})
SURE_CHANGE = 0.75
SURE_NATURE = 0.6
# Under this share of known words a text is gibberish, code or another language: nothing is guessed from it.
FAMILIAR = 0.5
LIKELY_NATURE = 0.1

COMMANDS = FIXED_INTENTS - POLARITY.keys()
ANOTHER_CASE = "autre_cas"
YES_OR_NO = ("oui", "non", "si ", "je sais pas", "je ne sais")
PERHAPS = frozenset(
    {
        "peut etre",
        "peut-etre",
        "oui peut etre",
        "oui peut-etre",
        "un peu",
        "oui un peu",
        "je crois",
        "je crois que oui",
        "oui je crois",
    }
)
NUDITY = re.compile(r"\b(?:nue?s?|denude\w*|deshabille\w*|intimes?|porno\w*|a poil)\b")
TAKEN_BACK = ("en fait", "enfin non", "finalement")
SMALL_TALK = frozenset({"saluer", "remercier", "au_revoir"})
# What these commands lose does not come back: only their own words, or near certainty, call them.
LOSSES = frozenset({"effacer", "recommencer", "retour", "passer"})
SURE_LOSS = 0.7
# « supprimé », « retiré », « privé » answer questions.
SURE_LOSS_OF_AN_ANSWER = 0.9


@dataclass(frozen=True)
class Context:
    """Where the conversation stands: the ``pending`` question's slot, what is known, and the date."""

    today: date
    pending: str | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a message says.

    ``intent`` is one of the domain's intents; ``facts`` slot -> value, only those that the message
    states; ``alerts`` crisis levels, most serious first; ``topic`` the frequent question asked;
    ``withdrawn`` the slots whose answer is taken back; ``quoted`` is True when it reports violent
    words of someone else; ``minor_writer`` when the writer says that they are under 18; ``language`` the
    code of another language than French that the message is surely in; ``another_case`` when it speaks of a
    second case: ``facts`` are then those of the first, so none once the first is under way.
    """

    intent: str
    confidence: float = 1.0
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    topic: str | None = None
    withdrawn: tuple[str, ...] = ()
    quoted: bool = False
    minor_writer: bool = False
    language: str | None = None
    another_case: bool = False


class Reader:
    """Reads messages with the exact rules, the crisis patterns and the trained classifiers."""

    def __init__(self, knowledge: Knowledge, model: TextModel, fixed: Mapping[str, tuple[str, str | None]]) -> None:
        """Keep the parts.

        Args:
            knowledge: the checked data.
            model: the classifiers of :func:`boussole.understanding.training.train_model`.
            fixed: normalised sentence -> (intent, topic), for the words that need no guess.
        """
        self._knowledge = knowledge
        self._model = model
        self._fixed = fixed
        # The words of a button, typed, are worth the button.
        self._buttons = {
            (question.id, normalise(text)): value
            for question in knowledge.questions.values()
            for value, title in question.buttons.items()
            for text in title.variants.values()
        }

    def read(self, text: str, context: Context) -> Reading:
        """Return what ``text`` says in ``context``. Never raises for any text."""
        plain = normalise(text)
        if not any(char.isalnum() for char in plain):
            return Reading(intent="vide" if not plain else "incompris")
        whole, *parts = self._model.predict([text, *segments(text)], context.pending)
        guess = dict(whole)
        for head in whole:
            if head == "nature" or head.startswith("fait:"):
                guess[head] = _blend(whole[head], [part[head] for part in parts])
        signs = crisis.detect(text)
        pieces = [part["alertes"] for part in parts]
        fixed = plain in self._fixed
        alerts = tuple(
            level
            for level in crisis.LEVELS
            # What is known word for word is known to be calm: « au revoir ».
            if (level in signs.levels if fixed else _raised(level, signs, plain, whole, pieces, context))
        )
        found = extract(text, context.today, context.pending)
        language = None if fixed or signs.levels else foreign_language(text)
        if language:
            return Reading(intent="incompris", language=language)
        if not found and not alerts and not fixed and not self._readable(text, plain):
            return Reading(intent="incompris")
        chosen = self._buttons.get((context.pending or "", plain))
        if chosen is not None and context.pending is not None:
            return self._chosen(context.pending, chosen)
        another = not fixed and guess["autre_cas"].get("oui", 0.0) >= SURE_ANOTHER_CASE
        if another and context.facts and not alerts:
            return Reading(intent=ANOTHER_CASE, another_case=True)
        intent, confidence, topic = self._intent(plain, guess, context)
        if context.pending == "danger" and (intent == "affirmer" or plain in PERHAPS):
            # A bare « oui » does not say which danger: the numbers at once, then the question with its choices.
            return Reading(intent="detresse", alerts=("danger",))
        corrects = intent == "corriger"
        facts: dict[str, FactValue] = {}
        for one in found:
            if one.slot in self._knowledge.facts:
                facts.setdefault(one.slot, one.value)
        if context.pending != "victime_mineure" and guess["fait:profil"].get("auteur", 0.0) >= SURE_FACT["profil"]:
            # « J'ai 17 ans », says the one who did it: that is not the victim's age.
            facts.pop("victime_mineure", None)
        firm = set(facts)
        if intent in COMMANDS and (fixed or not facts):
            facts = {} if fixed else self._answered_in_passing(guess, context)
            intent = "repondre" if facts and intent in SMALL_TALK else intent
        else:
            if not fixed and (not alerts or context.pending is None):
                firm |= self._add_stated(guess, context, facts, corrects)
            if not fixed:
                self._add_nature(plain, guess, intent, context, facts, corrects)
            self._add_answer(plain, intent, guess, context, facts, bool(alerts))
        withdrawn = self._withdrawn(intent, guess, facts)
        sure = [level for level in alerts if _certain(level, signs, whole["alertes"])]
        if _danger(alerts if context.pending == "danger" else sure, facts):
            pass
        elif context.facts.get("danger") == "non" and any(
            level in signs.levels or whole["alertes"].get(level, 0.0) >= SURE_ENOUGH_TO_ASK_AGAIN for level in alerts
        ):
            # A doubtful sign after « non »: the person is asked again, unless it is hardly one.
            withdrawn = (*withdrawn, "danger")
        elif not alerts and self._is_over(plain, guess, context, corrects):
            facts["danger"] = "non"
        facts = {slot: value for slot, value in facts.items() if corrects or slot in firm or _takes(slot, context)}
        return Reading(
            intent=self._final_intent(intent, facts, alerts, context, guess["intent"].get("question", 0.0)),
            confidence=confidence,
            facts=facts,
            alerts=alerts,
            topic=topic if intent == "question" else None,
            withdrawn=withdrawn,
            quoted=signs.quoted and not alerts,
            minor_writer=any(one.slot == "redacteur_mineur" for one in found),
            another_case=another,
        )

    @staticmethod
    def _answered_in_passing(guess: Mapping[str, Mapping[str, float]], context: Context) -> dict[str, FactValue]:
        """Return the answer that stands beside a wish: « pas encore, faut-il le faire ? », « aucun, merci »."""
        heads = f"reponse:{context.pending}", f"fait:{context.pending}"
        if context.pending is None or heads[0] not in guess:
            return {}
        value, probability = _best(guess[heads[0]])
        sure = probability >= SURE_IN_PASSING and 1 - guess[heads[1]][ABSENT] >= SURE_IN_PASSING
        return {context.pending: value} if sure and value not in LEVEL_FACT.values() else {}

    def _readable(self, text: str, plain: str) -> bool:
        """Tell whether ``text`` has words, and enough that are known for a guess to mean anything."""
        return any(char.isalpha() for char in text) and self._model.familiar(plain) >= FAMILIAR

    @staticmethod
    def _is_over(plain: str, guess: Mapping[str, Mapping[str, float]], context: Context, corrects: bool) -> bool:
        """Tell whether a message says that a danger told before is over: as a correction, or in so many words."""
        if context.facts.get("danger") not in LEVEL_FACT.values():
            return False
        denied = guess["reponse:danger"].get("non", 0.0)
        if plain.startswith(TAKEN_BACK) and context.pending != "danger":
            return denied >= SURE_ANSWER_ABOUT_DANGER and 1 - guess["fait:danger"][ABSENT] >= SURE_IN_PASSING
        stated = corrects or guess["fait:danger"].get("non", 0.0) >= SURE_FACT_OF_DANGER
        return stated and denied >= SURE_FACT_OF_DANGER

    @staticmethod
    def _chosen(slot: str, value: str) -> Reading:
        danger = {fact: level for level, fact in LEVEL_FACT.items()}.get(value) if slot == "danger" else None
        facts: dict[str, FactValue] = {slot: (value,) if slot == "nature" else value}
        return Reading(intent="detresse" if danger else "repondre", facts=facts, alerts=(danger,) if danger else ())

    def _intent(
        self, plain: str, guess: Mapping[str, Mapping[str, float]], context: Context
    ) -> tuple[str, float, str | None]:
        if plain in self._fixed:
            intent, known_topic = self._fixed[plain]
            return intent, 1.0, known_topic
        scores = guess["intent"]
        likely, certainty = _best(guess["sujet"])
        topic = likely if certainty >= SURE_TOPIC and likely != ABSENT else None
        command, probability = _best({name: score for name, score in scores.items() if name in COMMANDS})
        needed = SURE_COMMAND
        if command in LOSSES:
            needed = SURE_LOSS if context.pending is None else SURE_LOSS_OF_AN_ANSWER
        # A question that no topic answers may be a way of telling or answering: « vous croyez que j'ai eu le temps ? »
        rival = scores["repondre"] / 2
        if command == "question":
            rival = float("inf") if topic is None else max(scores["repondre"], scores[DESCRIBE])
        if probability >= needed and probability >= rival:
            return command, probability, topic
        intent, confidence = _best({name: score for name, score in scores.items() if name not in COMMANDS})
        if intent == "hors_sujet" and confidence < SURE_OFF_TOPIC:
            intent = "repondre"
        return intent, confidence, topic

    def _add_answer(
        self,
        plain: str,
        intent: str,
        guess: Mapping[str, Mapping[str, float]],
        context: Context,
        facts: dict[str, FactValue],
        alert: bool,
    ) -> None:
        """Read the message as an answer to the pending question.

        A message that gives an ``alert``, or that corrects something, may answer as well: it must then be plain.
        """
        slot = context.pending
        if slot is None or slot in facts:
            return
        question = self._knowledge.questions[slot]
        if intent in POLARITY:
            by_polarity = {"oui": question.yes, "non": question.no, "inconnu": UNKNOWN}
            value = by_polarity[POLARITY[intent]]
            if value is not None:
                facts[slot] = (value,) if slot == "nature" else value
            return
        if slot == "nature":
            return
        value, probability = _best(guess[f"reponse:{slot}"])
        spoken_of = 1 - guess[f"fait:{slot}"][ABSENT]
        if intent in ("hors_sujet", "corriger") or (alert and slot != "danger"):
            if probability >= SURE_IN_PASSING and spoken_of >= SURE_IN_PASSING:
                facts[slot] = value
            return
        needed = SPOKEN_OF_DANGER if slot == "danger" else SPOKEN_OF
        relevant = spoken_of >= (SPOKEN_OF_BY_YES_OR_NO if plain.startswith(YES_OR_NO) else needed)
        if value in LEVEL_FACT.values() and slot == "danger":
            level = next(name for name, fact in LEVEL_FACT.items() if fact == value)
            relevant = guess["alertes"].get(level, 0.0) >= LIKELY_ALERT or probability >= SURE_FACT_OF_DANGER
        if probability >= (SURE_ANSWER_ABOUT_DANGER if slot == "danger" else SURE_ANSWER) and relevant:
            facts[slot] = value

    def _add_stated(
        self,
        guess: Mapping[str, Mapping[str, float]],
        context: Context,
        facts: dict[str, FactValue],
        corrects: bool,
    ) -> set[str]:
        """Add the facts stated in passing that no exact rule found; return those that change a known one."""
        changed = set()
        for slot, sure in SURE_FACT.items():
            if slot in facts or slot == context.pending:
                continue
            stated = {value: score for value, score in guess[f"fait:{slot}"].items() if value != ABSENT}
            value, probability = _best(stated)
            if context.facts.get(slot) == value or (value == UNKNOWN and context.pending is not None):
                continue
            if value == UNKNOWN:
                sure = SURE_UNKNOWN
            elif corrects:
                sure = min(sure, SURE_CORRECTION)
            known = slot in context.facts and not corrects
            if known and slot not in NEWS:
                continue
            if probability >= (SURE_CHANGE if known else sure):
                facts[slot] = value
                changed |= {slot} if known else set()
        return changed

    def _add_nature(
        self,
        plain: str,
        guess: Mapping[str, Mapping[str, float]],
        intent: str,
        context: Context,
        facts: dict[str, FactValue],
        corrects: bool,
    ) -> None:
        if intent == "hors_sujet" or "nature" in facts:
            return
        asked = context.pending == "nature"
        scores = guess["nature"]
        chosen = {one for one, probability in scores.items() if probability >= SURE_NATURE}
        if not chosen and (asked or (intent == DESCRIBE and "nature" not in context.facts)):
            best, probability = _best(scores)
            chosen = {best} if probability >= LIKELY_NATURE else set()
        if context.pending not in (None, "nature") and intent != DESCRIBE and "nature" in context.facts:
            return
        if "montage" in chosen and NUDITY.search(plain):
            chosen = {*chosen, "images_intimes"}
        known = () if corrects or asked else values_of(context.facts, "nature")
        merged = tuple(one for one in self._knowledge.facts["nature"].labels if one in chosen or one in known)
        if chosen and merged != values_of(context.facts, "nature"):
            facts["nature"] = merged

    @staticmethod
    def _withdrawn(intent: str, guess: Mapping[str, Mapping[str, float]], facts: Facts) -> tuple[str, ...]:
        """Return the slots that a correction takes back without a new value."""
        if intent != "corriger" or facts:
            return ()
        return tuple(slot for slot, probability in guess["oublie"].items() if probability >= SURE_WITHDRAWN)

    def _final_intent(
        self, intent: str, facts: Facts, alerts: tuple[str, ...], context: Context, question: float
    ) -> str:
        if alerts:
            return "detresse"
        if intent in COMMANDS or intent == "corriger":
            return intent
        if intent == DESCRIBE:
            nature = values_of(facts, "nature")
            return nature[0] if nature else ("repondre" if facts else "autre")
        if facts:
            return "repondre"
        if question >= SURE_COMMAND:
            # It said nothing of the case, so it is a question after all: what the bot can do is the answer.
            return "question"
        return intent if intent == "hors_sujet" or context.pending is None else "incompris"


def _danger(levels: Sequence[str], facts: dict[str, FactValue]) -> bool:
    """Set the fact ``danger`` to what the first level that has one says; tell whether there was one."""
    values = [LEVEL_FACT[level] for level in levels if level in LEVEL_FACT]
    facts.update({"danger": values[0]} if values else {})
    return bool(values)


def _takes(slot: str, context: Context) -> bool:
    """Tell whether a fact may be set: what is already known changes only by a correction or clear news."""
    changing = (context.pending, "danger", "nature", "date_signalement", "plateforme")
    return slot in changing or slot not in context.facts


def _raised(
    level: str,
    signs: crisis.Signs,
    plain: str,
    whole: Mapping[str, Mapping[str, float]],
    parts: Sequence[Mapping[str, float]],
    context: Context,
) -> bool:
    """Tell whether a crisis level is raised: by the patterns, or by the trained class when it is sure.

    When the question of danger was just asked and the answer denies it, words such as « mourir » may
    well stand in it: only a trained class that is very sure is then believed.
    """
    probability = whole["alertes"].get(level, 0.0)
    believed = (probability + max((part.get(level, 0.0) for part in parts), default=probability)) / 2
    asked = context.pending == "danger" and level in LEVEL_FACT
    if asked and whole["reponse:danger"].get("non", 0.0) >= SURE_DENIAL:
        return believed >= SURE_ALERT_DESPITE_A_DENIAL
    if level in signs.levels:
        return level == "suicide" or believed >= DISBELIEVED
    talk = _best(whole["intent"])[0] in SMALL_TALK
    return not signs.quoted and believed >= (SURE_ALERT_IN_SMALL_TALK if talk else _sure_alert(plain, context))


def _certain(level: str, signs: crisis.Signs, probabilities: Mapping[str, float]) -> bool:
    """Tell whether an alert is sure enough to be noted without asking: both layers see it, or one is certain."""
    return probabilities.get(level, 0.0) >= (LIKELY_ALERT if level in signs.levels else CERTAIN_ALERT)


def _sure_alert(plain: str, context: Context) -> float:
    if context.pending is not None:
        return SURE_ALERT_ABOUT_DANGER if context.pending == "danger" else SURE_ALERT_IN_AN_ANSWER
    return SURE_ALERT if len(plain.split()) <= STORY_WORDS else SURE_ALERT_IN_A_STORY


def _blend(whole: Mapping[str, float], parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return each value's mean of two scores: the whole text's, and its best piece's.

    ``absent`` keeps the score of the whole text: a piece without the fact says nothing of the others.
    """
    return {
        value: score if value == ABSENT else (score + max((part[value] for part in parts), default=score)) / 2
        for value, score in whole.items()
    }


def _best(scores: Mapping[str, float]) -> tuple[str, float]:
    return max(scores.items(), key=lambda item: item[1])
