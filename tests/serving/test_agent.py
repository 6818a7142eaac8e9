"""Finding the trained model."""

import os
import tarfile
from pathlib import Path

import pytest

from boussole.serving.agent import NoModelError, latest_model, latest_whole_model


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


def archive(path: Path, age: int) -> Path:
    """A small archive, modified so many seconds ago."""
    content = path.with_suffix(".txt")
    content.write_bytes(os.urandom(20_000))
    with tarfile.open(path, "w:gz") as made:
        made.add(content, "metadata.json")
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


@pytest.mark.parametrize("damage", ["cut short", "a hole", "empty", "not an archive"])
def test_a_damaged_new_model_leaves_the_old_one_in_place(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = archive(tmp_path / "old.tar.gz", 100), archive(tmp_path / "new.tar.gz", 0)
    assert latest_whole_model(tmp_path) == new
    content = new.read_bytes()
    new.write_bytes({
        "cut short": content[: len(content) // 2],
        "a hole": content[:5000] + bytes(100) + content[5100:],
        "empty": b"",
        "not an archive": b"bonjour " * 1000,
    }[damage])  # fmt: skip
    assert latest_whole_model(tmp_path) == old
    assert "new.tar.gz is damaged" in caplog.text


def test_with_damaged_models_only_the_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "new.tar.gz").write_bytes(b"x")
    with pytest.raises(NoModelError, match="make train"):
        latest_whole_model(tmp_path)
