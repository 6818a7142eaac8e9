"""Training the model with Rasa's own command, from the project's files."""

from pathlib import Path
from tempfile import TemporaryDirectory

from boussole.serving import quiet
from boussole.serving.agent import MODELS
from boussole.triage.knowledge import PROJECT

MODEL_NAME = "boussole"


def train(output: Path = MODELS) -> Path:
    """Train from `domain.yml`, `config.yml` and `data/`, and return the model archive.

    Raises:
        RuntimeError: Rasa could not train; its own messages say why.
    """
    quiet.prepare()
    import rasa.model_training

    output.mkdir(parents=True, exist_ok=True)
    # Apart until it is whole: the model that serves is not touched by a training that fails or is stopped.
    with TemporaryDirectory(dir=output) as apart:
        result = rasa.model_training.train(
            domain=str(PROJECT / "domain.yml"),
            config=str(PROJECT / "config.yml"),
            training_files=[str(PROJECT / "data")],
            output=apart,
            fixed_model_name=MODEL_NAME,
            force_training=True,
        )
        if result.code or not result.model:
            raise RuntimeError("the training failed; run « rasa train » to see the whole of it")
        made = Path(result.model)
        return made.replace(output / made.name)
