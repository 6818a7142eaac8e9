"""A training never harms the model that serves."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from boussole.serving.training import train


def result_of(made: str | None, code: int = 0) -> Any:
    """What Rasa's training does: it writes an archive, or fails."""

    def fake(output: str, fixed_model_name: str, **_: Any) -> Any:
        path = Path(output) / f"{fixed_model_name}.tar.gz"
        path.write_text(made or "half of")
        return SimpleNamespace(code=code, model=str(path) if made else None)

    return fake


def test_a_training_that_fails_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boussole.tar.gz").write_text("old")
    monkeypatch.setattr("rasa.model_training.train", result_of(None, code=1))
    with pytest.raises(RuntimeError, match="training failed"):
        train(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"boussole.tar.gz": "old"}


def test_a_new_model_takes_the_place_of_the_old_one_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boussole.tar.gz").write_text("old")
    monkeypatch.setattr("rasa.model_training.train", result_of("new"))
    assert train(tmp_path).read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["boussole.tar.gz"]
