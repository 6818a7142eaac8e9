"""What every test may use."""

from collections.abc import Iterator
from typing import Any

import pytest

from boussole.serving import quiet
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Knowledge

quiet.prepare()


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
