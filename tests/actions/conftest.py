"""The day on which the actions' tests take place."""

import pytest

from tests.actions.conversation import NOON


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Friday 20 November 2026, noon."""
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", NOON)
