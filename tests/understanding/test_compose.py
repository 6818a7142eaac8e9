"""The longer texts that the training joins from what people wrote."""

from boussole.triage.knowledge import load_knowledge
from boussole.understanding.compose import compose
from boussole.understanding.examples import Example
from boussole.understanding.training import make_tasks

OPENING = Example("on insulte ma fille sur snap", "insultes", facts={"nature": ("insultes",), "profil": "parent"})
HIDDEN = "c'est dans leur groupe, les autres ne voient rien"
ANSWERS = [
    Example(f"Non, {HIDDEN}", "repondre", "contenu_public", {"contenu_public": "non"}),
    Example("oui", "repondre", "plateforme_alertee", {"plateforme_alertee": "oui"}),
]


def test_an_opening_takes_in_what_its_writer_answered() -> None:
    (joined,) = compose([OPENING, *ANSWERS])
    assert OPENING.text in joined.text
    assert HIDDEN in joined.text
    assert joined.question is None
    assert joined.facts == {"nature": ("insultes",), "profil": "parent", "contenu_public": "non"}


def test_an_answer_that_means_nothing_without_its_question_stays_out() -> None:
    assert compose([OPENING, ANSWERS[1]]) == []


def test_answers_that_follow_no_opening_are_nobodys() -> None:
    assert compose([*ANSWERS, OPENING]) == []


def test_what_contradicts_the_opening_is_not_joined() -> None:
    answer = Example(HIDDEN, "repondre", "contenu_public", {"contenu_public": "non", "profil": "temoin"})
    assert compose([OPENING, answer]) == []


def test_a_sign_in_a_story_raises_its_level_and_nothing_else_is_known_of_that_text() -> None:
    sign = Example("elle a écrit une lettre pour dire adieu", "detresse", alerts=frozenset({"suicide"}), looked_at=True)
    examples = [OPENING, *ANSWERS, *[sign] * 4]
    made = [text for text in compose(examples) if text.signs_only]
    assert [sorted(text.alerts) for text in made] == [["suicide"]]
    tasks = make_tasks(load_knowledge(), made)
    assert tasks["alertes"].labels == [frozenset({"suicide"})]
    assert not tasks["intent"].rows
    assert not tasks["fait:profil"].rows


def test_a_calm_sentence_in_a_story_stays_calm() -> None:
    calm = Example("je suis mort de rire quand je le vois", "hors_sujet", looked_at=True)
    made = [text for text in compose([OPENING, *ANSWERS, *[calm] * 4]) if text.signs_only]
    assert [text.alerts for text in made] == [frozenset()]


def test_the_same_examples_give_the_same_texts() -> None:
    examples = [OPENING, *ANSWERS] * 5
    assert compose(examples) == compose(examples)
