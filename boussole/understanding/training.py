"""From labelled examples to the tasks that the classifiers learn."""

from collections.abc import Sequence

from boussole.triage.model import Knowledge
from boussole.understanding.classify import Task, TextModel
from boussole.understanding.examples import Example
from boussole.understanding.normalise import normalise

ABSENT = "absent"
DESCRIBE = "decrire"
POLARITY = {"affirmer": "oui", "nier": "non", "ne_sait_pas": "inconnu"}
# Sentences that are a meaning of their own, whole: « oui », « jsp », « retour »...
FIXED_INTENTS = frozenset(POLARITY) | {
    "saluer", "remercier", "au_revoir", "aide", "recommencer", "retour", "pourquoi", "resume", "effacer",
    "parler_a_quelquun", "passer", "question",
}  # fmt: skip


def train_model(knowledge: Knowledge, examples: Sequence[Example]) -> TextModel:
    """Return the classifiers that :class:`boussole.understanding.reader.Reader` needs."""
    return TextModel.train([example.text for example in examples], make_tasks(knowledge, examples))


def make_tasks(knowledge: Knowledge, examples: Sequence[Example]) -> dict[str, Task]:
    """Return the tasks, by name.

    ``intent``; ``alertes``, ``nature`` and ``oublie`` (the slots that are taken back), each with several at
    once; ``sujet`` (which frequent question); ``reponse:SLOT`` (an answer to that question) and
    ``fait:SLOT`` (a fact stated in passing, or ``absent``).
    """
    rows = range(len(examples))
    tasks = {
        "intent": Task(rows, [_intent(knowledge, example) for example in examples]),
        "alertes": Task(rows, [example.alerts for example in examples], exclusive=False),
        "nature": Task(rows, [frozenset(example.facts.get("nature", ())) for example in examples], exclusive=False),
    }
    corrections = [row for row in rows if examples[row].intent == "corriger"]
    tasks["oublie"] = Task(corrections, [frozenset(examples[row].withdrawn) for row in corrections], exclusive=False)
    topics = [row for row in rows if examples[row].topic]
    tasks["sujet"] = Task(topics, [examples[row].topic for row in topics])
    for slot in knowledge.questions:
        if slot == "nature":
            continue
        stated = [row for row in rows if slot in examples[row].facts]
        tasks[f"reponse:{slot}"] = Task(stated, [examples[row].facts[slot] for row in stated])
        # Of the answers to other questions, one in two is enough to learn what absence looks like.
        seen = [row for row in rows if slot in examples[row].facts or not examples[row].question or row % 2]
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
