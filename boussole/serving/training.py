"""Training the model with Rasa's own command, from the project's files."""

from pathlib import Path

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

    result = rasa.model_training.train(
        domain=str(PROJECT / "domain.yml"),
        config=str(PROJECT / "config.yml"),
        training_files=[str(PROJECT / "data")],
        output=str(output),
        fixed_model_name=MODEL_NAME,
        force_training=True,
    )
    if result.code or not result.model:
        raise RuntimeError("the training failed; run « rasa train » to see the whole of it")
    return Path(result.model)
