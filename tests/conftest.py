"""What every test may use."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boussole.serving import quiet
from boussole.serving.stores import PATH_VARIABLE
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Knowledge

quiet.prepare()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Let no command that a test runs in this process decide what the next test can read of the log."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers = handlers


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The project's own data."""
    return load_knowledge()


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Matrix homeserver, for all the tests that want one."""
    from tests.homeserver import running

    with running(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def conversations_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what the tests' servers are told out of the project's own file."""
    path = tmp_path_factory.mktemp("conversations") / "conversations.sqlite"
    before = os.environ.get(PATH_VARIABLE)
    os.environ[PATH_VARIABLE] = str(path)
    yield path
    if before is None:
        del os.environ[PATH_VARIABLE]
    else:
        os.environ[PATH_VARIABLE] = before
