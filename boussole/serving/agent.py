"""Loading the trained bot, with its actions in the same process."""

from pathlib import Path
from typing import Any

from boussole.serving import quiet
from boussole.triage.knowledge import PROJECT

MODELS = PROJECT / "models"


class NoModelError(RuntimeError):
    """There is no usable model; the message says how to make one."""


def latest_model(folder: Path = MODELS) -> Path:
    """Return the newest model archive of ``folder``.

    Raises:
        NoModelError: there is none.
    """
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NoModelError(f"no trained model in {folder}: run « make train » first")
    return models[-1]


def check_model(model: Path | None) -> Path:
    """Return the archive to load: ``model``, or the newest one when it is None.

    Raises:
        NoModelError: there is none, or ``model`` is not a file.
    """
    if model is None:
        return latest_model()
    if not model.is_file():
        raise NoModelError(f"{model} is not a model archive")
    return model


def endpoints() -> Any:
    """Return Rasa's endpoints: those of `endpoints.yml`, with the actions in this process instead of a server."""
    from rasa.core.utils import AvailableEndpoints

    from boussole.serving.inprocess import InProcessActions

    available = AvailableEndpoints.read_endpoints(str(PROJECT / "endpoints.yml"))
    available.action = InProcessActions()
    return available


async def load_agent(model: Path | None = None) -> Any:
    """Return Rasa's agent for ``model`` (by default the newest one), ready to handle messages.

    Raises:
        NoModelError: there is no model, or it cannot be loaded.
    """
    quiet.prepare()
    from rasa.core.agent import load_agent as rasa_load_agent

    archive = check_model(model)
    agent = await rasa_load_agent(model_path=str(archive), endpoints=endpoints())
    if not agent.is_ready():
        raise NoModelError(unusable(archive))
    return agent


def unusable(archive: Path) -> str:
    """Return what to say of a model that Rasa could not load."""
    return f"{archive} cannot be loaded (damaged, or made by another version): run « make train »"
