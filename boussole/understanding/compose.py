"""Longer texts for the training, joined from what people wrote: stories with a fact, or a sign, in their midst.

Written one by one, such stories cost their writers most, and of each fact there are never enough ways to tell it in
passing: yet the answers of the same person tell them.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from boussole.triage.conditions import UNKNOWN
from boussole.understanding.examples import Example

# An answer stands without its question when this many words are left of it, and what opens it is gone.
FEWEST_WORDS = 6
_OPENS = re.compile(r"^(?:(?:oui|non|ouais|nan|si|euh|ben|bah|heu|mdr|enfin)\b[ ,.:;!-]*)+", re.IGNORECASE)
# Of the signs of crisis, and of what looks like one, one in so many is also learned in the midst of a story.
ONE_SIGN_IN = 4
FEWEST_WORDS_OF_A_SIGN, MOST_WORDS_OF_A_SIGN = 5, 40
# Facts that may hold several values, or of which the first told is kept.
_SEVERAL = frozenset({"nature", "plateforme"})
_MOST_ANSWERS = 3
# One answer in so many is also learned after a question that it does not answer, when it is at least so long.
ONE_ANSWER_IN = 6
FEWEST_WORDS_ELSEWHERE = 4
# Questions so near each other that an answer to one may well answer the other.
NEIGHBOURS = (
    frozenset({"plateforme_alertee", "reponse_plateforme", "un_mois_passe"}),
    frozenset({"contenu_public", "moteur_recherche"}),
    frozenset({"auteur_connu", "cadre_scolaire", "profil", "victime_mineure"}),
)
_END = (".", ".", ",", "")


def compose(examples: Sequence[Example]) -> list[Example]:
    """Return texts joined from ``examples``; the same examples give the same texts.

    Each opening that its writer's answers follow is joined with up to three of them, those that need no question, in
    any order; the facts are those of all. Signs of crisis, and sentences marked as calm, are joined to openings
    of other people without any: the levels raised are then theirs, and nothing else is known of the text. And answers
    are put after questions that they do not answer, so that an answer can be told from what is none.

    Args:
        examples: in the order of the files, where the answers of a person follow their opening.
    """
    chance = random.Random(0)
    told = list(_cases(examples))
    calm = [opening for opening, _ in told if not opening.alerts]
    joined = [text for opening, answers in told if (text := _with_answers(opening, answers, chance))]
    signs = [example for example in examples if _is_sign(example)]
    for sign in chance.sample(signs, len(signs) // ONE_SIGN_IN) if calm else ():
        joined.append(_with_sign(chance.choice(calm), sign, chance))
    return [*joined, *_elsewhere(examples, chance)]


def _cases(examples: Sequence[Example]) -> Iterator[tuple[Example, list[Example]]]:
    """Yield the openings that tell what happened, each with the answers that follow, one to a question."""
    opening: Example | None = None
    answers: dict[str, Example] = {}
    for example in examples:
        if example.question and opening is not None and example.question not in answers:
            answers[example.question] = example
            continue
        if opening is not None and answers:
            yield opening, list(answers.values())
        opening, answers = (example if not example.question and "nature" in example.facts else None), {}
    if opening is not None and answers:
        yield opening, list(answers.values())


def _with_answers(opening: Example, answers: Sequence[Example], chance: random.Random) -> Example | None:
    """Return the opening with some of its writer's answers in it, or None when none of them stands alone."""
    alone = [(answer, _OPENS.sub("", answer.text)) for answer in answers if _adds(answer, opening.facts)]
    alone = [(answer, text) for answer, text in alone if len(text.split()) >= FEWEST_WORDS]
    if not alone:
        return None
    chosen = chance.sample(alone, min(len(alone), chance.randint(1, _MOST_ANSWERS)))
    facts: dict[str, Any] = dict(opening.facts)
    for answer, _ in chosen:
        for slot, value in answer.facts.items():
            if facts.setdefault(slot, value) != value and slot not in _SEVERAL:
                return None
    return replace(opening, text=_join([opening.text, *(text for _, text in chosen)], chance), facts=facts)


def _adds(answer: Example, known: Mapping[str, Any]) -> bool:
    value = answer.facts.get(answer.question or "")
    return value not in (None, UNKNOWN) and answer.question not in {*known, *_SEVERAL} and not answer.alerts


def _is_sign(example: Example) -> bool:
    words = len(example.text.split())
    marked = bool(example.alerts) or example.looked_at
    return marked and not example.question and FEWEST_WORDS_OF_A_SIGN <= words <= MOST_WORDS_OF_A_SIGN


def _with_sign(opening: Example, sign: Example, chance: random.Random) -> Example:
    # Two persons speak: of the facts, nobody could say whose they are.
    return Example(_join([opening.text, sign.text], chance), sign.intent, alerts=sign.alerts, signs_only=True)


def _elsewhere(examples: Sequence[Example], chance: random.Random) -> Iterator[Example]:
    """Yield answers after questions that they do not answer."""
    asked = sorted({example.question for example in examples if example.question})
    answers = [
        example
        for example in examples
        if example.question
        and not example.alerts
        and example.facts.get(example.question) not in (None, UNKNOWN)
        and not _OPENS.match(example.text)
        and len(example.text.split()) >= FEWEST_WORDS_ELSEWHERE
    ]
    for answer in chance.sample(answers, len(answers) // ONE_ANSWER_IN):
        near = {slot for group in NEIGHBOURS if answer.question in group for slot in group}
        others = [slot for slot in asked if slot not in near and slot != answer.question and slot not in answer.facts]
        if others:
            yield replace(answer, question=chance.choice(others))


def _join(texts: list[str], chance: random.Random) -> str:
    chance.shuffle(texts)
    return " ".join(text if text.endswith((".", "!", "?")) else text + chance.choice(_END) for text in texts)
