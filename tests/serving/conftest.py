"""One real server, in which tests turn faults on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.servers import UNLIMITED, Server, running

Break = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a file turns a fault on."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[Server]:
    """A server that can be broken; its temporary files are apart."""
    folder = tmp_path_factory.mktemp("faulty")
    (folder / "tmp").mkdir()
    environment = {"BOUSSOLE_FAULTS": str(faults), "TMPDIR": str(folder / "tmp"), **UNLIMITED}
    with running(Server(folder, environment=environment, program=["-m", "tests.faulty"])) as server:
        yield server


@pytest.fixture
def broken(faults: Path) -> Break:
    """Turn a fault on for a while."""

    @contextmanager
    def turn_on(fault: str, value: object = "") -> Iterator[None]:
        (faults / fault).write_text(str(value))
        try:
            yield
        finally:
            (faults / fault).unlink()

    return turn_on
