"""Single answers: what a text means when it answers a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from boussole.evaluation.figures import Failure, Result, share
from boussole.evaluation.material import SingleAnswer
from boussole.evaluation.understanding import Understanding
from boussole.triage.conditions import FactValue


@dataclass(frozen=True)
class Answered:
    """An answer and the value that was understood, None when none was."""

    answer: SingleAnswer
    got: FactValue | None

    @property
    def right(self) -> bool:
        """Whether the value is the true one; of several natures, one is enough."""
        return bool(set(_values(self.answer.value)) & set(_values(self.got)))


def give_answer(understanding: Understanding, answer: SingleAnswer) -> Answered:
    """Have one answer understood."""
    return Answered(answer, understanding.answer(answer.question, answer.text))


def score_answers(answered: Sequence[Answered]) -> Result:
    """Return how many answers are right, in all and by question, and those that are not."""
    figures = [share("answers.right", "right", sum(one.right for one in answered), len(answered))]
    for question in dict.fromkeys(one.answer.question for one in answered):
        rights = [one.right for one in answered if one.answer.question == question]
        figures.append(share(f"answers.right.{question}", f"right: {question}", sum(rights), len(rights)))
    failures = tuple(_failure(one) for one in answered if not one.right)
    return Result("single answers", tuple(figures), failures)


def _failure(one: Answered) -> Failure:
    question = one.answer.question
    return Failure(
        one.answer.place,
        f"{question} ? {one.answer.text}",
        {question: ", ".join(_values(one.answer.value))},
        {question: ", ".join(_values(one.got)) or None},
    )


def _values(value: FactValue | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else value
