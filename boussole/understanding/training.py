"""From labelled examples to the tasks that the classifiers learn."""

import zlib
from collections.abc import Sequence

from boussole.triage.model import Knowledge
from boussole.understanding.classify import KINDS, TextModel
from boussole.understanding.compose import compose
from boussole.understanding.examples import Example
from boussole.understanding.heads import Task
from boussole.understanding.normalise import normalise

ABSENT = "absent"
DESCRIBE = "decrire"
POLARITY = {"affirmer": "oui", "nier": "non", "ne_sait_pas": "inconnu"}
# Sentences that are a meaning of their own, whole: « oui », « jsp », « retour »...
FIXED_INTENTS = frozenset(POLARITY) | {
    "saluer", "remercier", "au_revoir", "aide", "recommencer", "retour", "pourquoi", "resume", "effacer",
    "parler_a_quelquun", "passer", "question",
}  # fmt: skip


def train_model(knowledge: Knowledge, examples: Sequence[Example], kinds: Sequence[str] = KINDS) -> TextModel:
    """Return the classifiers that :class:`boussole.understanding.reader.Reader` needs, of the given ``kinds``.

    ``examples`` stand in the order of the files: longer texts are made of the answers that follow an opening.
    """
    texts = [*examples, *compose(examples)]
    questions = [question_before(knowledge, text) for text in texts]
    return TextModel.train([text.text for text in texts], questions, make_tasks(knowledge, texts), kinds)


def question_before(knowledge: Knowledge, example: Example) -> str | None:
    """Return the question that stands before ``example`` in training.

    A description opens the conversation. What may be said at any moment (a sign of crisis, a command, a question) is
    learned half of the time after a question, whichever: else it would not be expected there.
    """
    if example.question or example.intent in knowledge.facts["nature"].labels:
        return example.question
    chance = zlib.crc32(example.text.encode())
    questions = sorted(knowledge.questions)
    return None if chance % 2 else questions[chance // 2 % len(questions)]


def make_tasks(knowledge: Knowledge, examples: Sequence[Example]) -> dict[str, Task]:
    """Return the tasks, by name.

    ``intent``; ``alertes``, ``nature`` and ``oublie`` (the slots that are taken back), each with several at
    once; ``sujet`` (which frequent question, or ``absent``); ``autre_cas`` (whether a second case is spoken of);
    ``reponse:SLOT`` (an answer to that question) and ``fait:SLOT`` (a fact stated in passing, or ``absent``).
    """
    everything = range(len(examples))
    rows = [row for row in everything if not examples[row].signs_only]
    tasks = {
        "intent": Task(rows, [_intent(knowledge, examples[row]) for row in rows]),
        "alertes": Task(everything, [example.alerts for example in examples], exclusive=False),
    }
    # Answers rarely tell what happened: those that do not would drown the descriptions.
    told = [row for row in rows if "nature" in examples[row].facts or (not examples[row].question and row % 2)]
    natures = [frozenset(examples[row].facts.get("nature", ())) for row in told]
    tasks["nature"] = Task(told, natures, exclusive=False)
    corrections = [row for row in rows if examples[row].intent == "corriger"]
    tasks["oublie"] = Task(corrections, [frozenset(examples[row].withdrawn) for row in corrections], exclusive=False)
    topics = [row for row in rows if examples[row].topic or examples[row].intent == "question"]
    tasks["sujet"] = Task(topics, [examples[row].topic or ABSENT for row in topics])
    # Where nobody looked there is one case nearly always: all that open a conversation show what that is like, and one
    # answer in five.
    counted = [
        row for row in rows if examples[row].another_case is not None or not examples[row].question or row % 5 == 0
    ]
    tasks["autre_cas"] = Task(counted, ["oui" if examples[row].another_case else "non" for row in counted])
    for slot in knowledge.questions:
        if slot == "nature":
            continue
        stated = [row for row in rows if slot in examples[row].facts]
        tasks[f"reponse:{slot}"] = Task(stated, [examples[row].facts[slot] for row in stated])
        # Of the answers to other questions, one in two is enough to learn what absence looks like.
        seen = [
            row for row in rows
            if slot in examples[row].facts or examples[row].question in (None, slot) or row % 2
        ]  # fmt: skip
        tasks[f"fait:{slot}"] = Task(seen, [examples[row].facts.get(slot, ABSENT) for row in seen])
    return tasks


def fixed_sentences(examples: Sequence[Example]) -> dict[str, tuple[str, str | None]]:
    """Return normalised sentence -> (intent, topic) for those that need no guess."""
    return {
        normalise(example.text): (example.intent, example.topic)
        for example in examples
        if example.intent in FIXED_INTENTS
    }


def _intent(knowledge: Knowledge, example: Example) -> str:
    return DESCRIBE if example.intent in knowledge.facts["nature"].labels else example.intent
