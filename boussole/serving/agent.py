"""Loading the trained bot, with its actions in the same process."""

from pathlib import Path
from typing import Any

from boussole.serving import quiet
from boussole.triage.knowledge import PROJECT

MODELS = PROJECT / "models"


class NoModelError(RuntimeError):
    """There is no trained model; the message says how to make one."""


def latest_model(folder: Path = MODELS) -> Path:
    """Return the newest model archive of ``folder``.

    Raises:
        NoModelError: there is none.
    """
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NoModelError(f"no trained model in {folder}: run « make train » first")
    return models[-1]


async def load_agent(model: Path | None = None) -> Any:
    """Return Rasa's agent for ``model`` (by default the newest one), ready to handle messages.

    Raises:
        NoModelError: there is no model.
    """
    quiet.prepare()
    from rasa.core.agent import load_agent as rasa_load_agent
    from rasa.core.utils import AvailableEndpoints

    from boussole.serving.inprocess import InProcessActions

    endpoints = AvailableEndpoints(action=InProcessActions())
    return await rasa_load_agent(model_path=str(model or latest_model()), endpoints=endpoints)
