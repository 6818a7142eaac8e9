"""What every test may use."""

import pytest

from boussole.serving import quiet
from boussole.triage.knowledge import load_knowledge
from boussole.triage.model import Knowledge

quiet.prepare()


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The project's own data."""
    return load_knowledge()
