"""What the time of understanding is measured on."""

from boussole.evaluation.material import CrisisText, Dialogue, Place, Scenario, SingleAnswer
from boussole.evaluation.pace import texts

HERE = Place("essai.yml", "1")


def test_every_message_counts_with_the_question_that_it_answers() -> None:
    entries = [
        Scenario(HERE, "on m'insulte", {}, frozenset(), {"danger": "non ça va"}),
        SingleAnswer(HERE, "profil", "sa mère", "parent"),
        CrisisText(HERE, "je suis crevée", frozenset()),
        Dialogue(HERE, ("bonjour", "aide")),
    ]
    assert list(texts(entries)) == [
        (None, "on m'insulte"), ("danger", "non ça va"), ("profil", "sa mère"), (None, "je suis crevée"),
        (None, "bonjour"), (None, "aide"),
    ]  # fmt: skip
