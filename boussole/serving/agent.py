"""Loading the trained bot, with its actions in the same process."""

import gzip
import logging
import os
import zlib
from pathlib import Path
from typing import Any

from boussole.serving import quiet
from boussole.triage.knowledge import PROJECT

logger = logging.getLogger(__name__)

MODELS = PROJECT / "models"
# Another file than the project's endpoints.yml: deploy/ has some, for Redis and PostgreSQL.
ENDPOINTS_VARIABLE = "BOUSSOLE_ENDPOINTS"
# Another file than the project's credentials.yml, which an update would put back as it was.
CREDENTIALS_VARIABLE = "BOUSSOLE_CREDENTIALS"


class NoModelError(RuntimeError):
    """There is no usable model; the message says how to make one."""


def latest_model(folder: Path = MODELS) -> Path:
    """Return the newest model archive of ``folder``.

    Raises:
        NoModelError: there is none.
    """
    return _by_age(folder)[0]


def latest_whole_model(folder: Path = MODELS) -> Path:
    """Return the newest archive of ``folder`` that is not damaged: the one before serves until a new one is whole.

    Raises:
        NoModelError: there is none.
    """
    models = _by_age(folder)
    for model in models:
        if is_whole(model):
            return model
        logger.error("%s is damaged: it is left aside", model.name)
    raise NoModelError(unusable(models[0]))


def is_whole(archive: Path) -> bool:
    """Tell whether an archive can be read to its end and its checksum holds."""
    read = 0
    try:
        with gzip.open(archive) as content:
            while block := content.read(1 << 20):
                read += len(block)
    except (OSError, EOFError, zlib.error):
        return False
    return read > 0


def _by_age(folder: Path) -> list[Path]:
    """Return the archives of ``folder``, the newest first; there is one at least."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not models:
        raise NoModelError(f"no trained model in {folder}: run « make train » first")
    return models


def check_model(model: Path | None) -> Path:
    """Return the archive to load: ``model``, or the newest whole one when it is None.

    Raises:
        NoModelError: there is none, or ``model`` is not a file.
    """
    if model is None:
        return latest_whole_model()
    if not model.is_file():
        raise NoModelError(f"{model} is not a model archive")
    return model


def credentials() -> Path:
    """Return the file that says which channels are on.

    Raises:
        ValueError: there is no such file.
    """
    path = PROJECT / (os.environ.get(CREDENTIALS_VARIABLE) or "credentials.yml")
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file ({CREDENTIALS_VARIABLE})")
    return path


def endpoints() -> Any:
    """Return Rasa's endpoints: those of `endpoints.yml`, with the actions in this process instead of a server.

    Raises:
        ValueError: the file is missing, or names a store that does not exist. Rasa would go on without, and keep
            people's words in memory.
    """
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.utils.common import class_from_module_path

    from boussole.serving import speedups
    from boussole.serving.inprocess import InProcessActions

    speedups.apply()
    path = PROJECT / (os.environ.get(ENDPOINTS_VARIABLE) or "endpoints.yml")
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file ({ENDPOINTS_VARIABLE})")
    available = AvailableEndpoints.read_endpoints(str(path))
    for store in (available.tracker_store, available.lock_store):
        if store is not None and "." in str(store.type):
            try:
                class_from_module_path(store.type)
            except (AttributeError, ImportError) as error:
                raise ValueError(f"{path}: there is no « {store.type} »") from error
    available.action = InProcessActions()
    return available


async def load_agent(model: Path | None = None) -> Any:
    """Return Rasa's agent for ``model`` (by default the newest one), ready to handle messages.

    It keeps its conversations in this process only: they are over when it is.

    Raises:
        NoModelError: there is no model, or it cannot be loaded.
    """
    quiet.prepare()
    from rasa.core.agent import load_agent as rasa_load_agent
    from rasa.utils.endpoints import EndpointConfig

    archive = check_model(model)
    available = endpoints()
    available.tracker_store = EndpointConfig(type="boussole.serving.memory.ForgetfulTrackerStore")
    available.lock_store = None
    agent = await rasa_load_agent(model_path=str(archive), endpoints=available)
    if not agent.is_ready():
        raise NoModelError(unusable(archive))
    trust_the_store(agent)
    return agent


def trust_the_store(agent: Any) -> None:
    """Let the tracker store alone decide what is kept, for how long, and what happens when it fails.

    Rasa wraps a store so that its errors are hidden and conversations go on in a second memory, with their words and
    for ever; and it ends a session by its own clock.
    """
    from rasa.shared.core.domain import SessionConfig

    store = agent.tracker_store._tracker_store
    agent.tracker_store = agent.processor.tracker_store = store
    agent.processor.domain.session_config = SessionConfig(0, carry_over_slots=False)


async def rehearse(agent: Any) -> None:
    """Read one sentence for nobody: what is loaded at the first message must not keep the first person waiting."""
    await agent.parse_message("bonjour")


def unusable(archive: Path) -> str:
    """Return what to say of a model that Rasa could not load."""
    return f"{archive} cannot be loaded (damaged, or made by another version): run « make train »"
