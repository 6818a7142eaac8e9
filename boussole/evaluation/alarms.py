"""Crisis: whether the texts that show a life in danger raise the alarm, and the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass

from boussole.evaluation.figures import Failure, Result, share
from boussole.evaluation.material import CrisisText
from boussole.evaluation.understanding import Understanding
from boussole.understanding.crisis import LEVELS


@dataclass(frozen=True)
class Heard:
    """A text and the levels that it raised."""

    text: CrisisText
    raised: frozenset[str]

    @property
    def missed(self) -> frozenset[str]:
        """The levels that it should have raised."""
        return self.text.levels - self.raised

    @property
    def false_alarm(self) -> bool:
        """Whether it raised one although it should have raised none."""
        return bool(self.raised) and not self.text.levels


def hear(understanding: Understanding, text: CrisisText) -> Heard:
    """Have one text read."""
    return Heard(text, understanding.alerts(text.text))


def score_alarms(heard: Sequence[Heard]) -> Result:
    """Return the share of texts caught at each level, the false alarms, and the texts that went wrong."""
    figures = []
    for level in LEVELS:
        concerned = [one for one in heard if level in one.text.levels]
        caught = sum(level in one.raised for one in concerned)
        figures.append(share(f"crisis.{level}", f"{level} caught", caught, len(concerned)))
    calm = [one for one in heard if not one.text.levels]
    alarms = sum(one.false_alarm for one in calm)
    figures.append(share("crisis.false_alarms", "false alarms", alarms, len(calm), rising=False))
    failures = tuple(
        Failure(one.text.place, one.text.text, {"levels": sorted(one.text.levels)}, {"levels": sorted(one.raised)})
        for one in heard
        if one.missed or one.false_alarm
    )
    return Result("crisis", tuple(figures), failures)
