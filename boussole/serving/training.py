"""Training the model with Rasa's own command, from the project's files."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from boussole.serving import quiet
from boussole.serving.agent import MODELS
from boussole.triage.knowledge import PROJECT

MODEL_NAME = "boussole"


def train(output: Path = MODELS, kinds: Sequence[str] | None = None, every: int = 1) -> Path:
    """Train from `domain.yml`, `config.yml` and `data/`, and return the model archive.

    Args:
        output: the folder of the archive.
        kinds: which models read the texts, instead of those of `config.yml`; for comparisons.
        every: learn one sentence in so many; for comparisons.

    Raises:
        RuntimeError: Rasa could not train; its own messages say why.
    """
    quiet.prepare()
    import rasa.model_training

    output.mkdir(parents=True, exist_ok=True)
    # Apart until it is whole: the model that serves is not touched by a training that fails or is stopped.
    with TemporaryDirectory(dir=output) as apart:
        config = PROJECT / "config.yml"
        if kinds or every > 1:
            chosen = yaml.safe_load(config.read_text(encoding="utf-8"))
            chosen["pipeline"][0].update({"every": every, **({"kinds": list(kinds)} if kinds else {})})
            config = Path(apart) / "config.yml"
            config.write_text(yaml.safe_dump(chosen), encoding="utf-8")
        result = rasa.model_training.train(
            domain=str(PROJECT / "domain.yml"),
            config=str(config),
            training_files=[str(PROJECT / "data")],
            output=apart,
            fixed_model_name=MODEL_NAME,
            force_training=True,
        )
        if result.code or not result.model:
            raise RuntimeError("the training failed; run « rasa train » to see the whole of it")
        made = Path(result.model)
        return made.replace(output / made.name)
