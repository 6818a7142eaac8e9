"""From labelled sentences to tasks."""

from boussole.triage.model import Knowledge
from boussole.understanding.examples import Example
from boussole.understanding.training import ABSENT, DESCRIBE, fixed_sentences, make_tasks

EXAMPLES = (
    Example("on m'insulte", "insultes", facts={"nature": ("insultes",), "profil": "victime"}),
    Example("oui", "affirmer"),
    Example("je suis sa mère", "repondre", "profil", {"profil": "parent"}),
    Example("oui il a 12 ans", "repondre", "victime_mineure", {"victime_mineure": "oui"}),
    Example("c'est gratuit ?", "question", topic="gratuit"),
    Example("oubliez mon âge", "corriger", withdrawn=("victime_mineure",)),
    Example("je veux mourir", "detresse", facts={"danger": "suicide"}, alerts=frozenset({"suicide"})),
)


def test_a_description_is_one_intent_and_its_nature_another_task(knowledge: Knowledge) -> None:
    tasks = make_tasks(knowledge, EXAMPLES)
    assert list(tasks["intent"].labels) == [
        DESCRIBE, "affirmer", "repondre", "repondre", "question", "corriger", "detresse",
    ]  # fmt: skip
    assert tasks["nature"].labels[0] == {"insultes"}
    assert not tasks["nature"].exclusive


def test_each_task_learns_from_the_sentences_that_concern_it(knowledge: Knowledge) -> None:
    tasks = make_tasks(knowledge, EXAMPLES)
    assert (list(tasks["sujet"].rows), tasks["sujet"].labels) == ([4], ["gratuit"])
    assert (list(tasks["oublie"].rows), tasks["oublie"].labels) == ([5], [{"victime_mineure"}])
    assert (list(tasks["reponse:profil"].rows), tasks["reponse:profil"].labels) == ([0, 2], ["victime", "parent"])
    assert list(tasks["alertes"].labels)[6] == {"suicide"}


def test_a_fact_in_passing_is_learned_with_its_absence(knowledge: Knowledge) -> None:
    task = make_tasks(knowledge, EXAMPLES)["fait:profil"]
    labels = dict(zip(task.rows, task.labels, strict=True))
    assert labels[0] == "victime"
    assert labels[2] == "parent"
    assert labels[1] == labels[4] == ABSENT


def test_there_is_a_task_for_each_question_but_the_description(knowledge: Knowledge) -> None:
    tasks = make_tasks(knowledge, EXAMPLES)
    slots = [slot for slot in knowledge.questions if slot != "nature"]
    assert {name for name in tasks if ":" in name} == {f"{kind}:{s}" for kind in ("fait", "reponse") for s in slots}


def test_whole_sentences_that_need_no_guess_are_kept_as_they_are_read() -> None:
    assert fixed_sentences(EXAMPLES) == {"oui": ("affirmer", None), "c est gratuit ?": ("question", "gratuit")}
