"""Finding the trained model."""

import os
from pathlib import Path

import pytest

from boussole.serving.agent import NoModelError, latest_model


def test_the_newest_model_is_taken_whatever_its_name(tmp_path: Path) -> None:
    for age, name in enumerate(("z.tar.gz", "a.tar.gz", "m.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000 - age, 1_000 - age))
    assert latest_model(tmp_path).name == "z.tar.gz"


def test_other_files_are_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(NoModelError):
        latest_model(tmp_path)


@pytest.mark.parametrize("folder", ["", "missing"])
def test_without_a_model_the_error_says_how_to_make_one(tmp_path: Path, folder: str) -> None:
    with pytest.raises(NoModelError, match="make train"):
        latest_model(tmp_path / folder)
