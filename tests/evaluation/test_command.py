"""The command: from files to a table, an exit code and the two files of results."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from boussole import clock
from boussole.cli import main
from boussole.evaluation import command
from boussole.evaluation.bots import Turn
from tests.evaluation.fakes import FakeUnderstanding, ScriptedBot, asks, plans, subject, text

ANSWERS = '- {question: danger, text: "ça va", value: "non"}\n'
CRISIS = '- {text: "je veux mourir", levels: [suicide]}\n'
DIALOGUES = '- {id: r1, turns: ["bonjour"], expect: {question: danger}}\n'
SCENARIOS = '- {id: p1, opening: "aidez-moi", facts: {profil: auteur, danger: "non"}, said: [profil]}\n'
UNDERSTANDING = FakeUnderstanding({"ça va": "non"}, {"je veux mourir": {"suicide"}})


@pytest.fixture(autouse=True)
def same_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.VARIABLE, command.CLOCK)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    contents = {"a.yml": ANSWERS, "c.yml": CRISIS, "r.yml": DIALOGUES, "s.yml": SCENARIOS}
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return [tmp_path / name for name in contents]


def run(files: list[Path], folder: Path, *turns: Turn) -> int:
    return command.evaluate(files, subject(ScriptedBot(*turns), UNDERSTANDING), folder)


def test_each_kind_has_its_part_of_the_table(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, tmp_path / "results", asks("danger"), plans({"profil": "auteur"}, ["cesser", "reparer"])) == 0
    lines = capsys.readouterr().out.splitlines()
    parts = [line for line in lines[: lines.index("") + 20] if line and not line.startswith(" ")]
    assert parts[:4] == ["scenarios", "single answers", "crisis", "robustness"]
    assert any("exact plans" in line for line in lines)


def test_files_of_one_kind_are_measured_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(CRISIS, encoding="utf-8")
    run([tmp_path / "a.yml", tmp_path / "b.yml"], tmp_path / "results", asks("danger"))
    assert "2/2" in capsys.readouterr().out


def test_the_second_run_is_compared_with_the_first(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results"
    run(files[2:3], folder, asks("profil"))
    assert "No previous run" in capsys.readouterr().out
    run(files[2:3], folder, asks("danger"))
    out = capsys.readouterr().out
    assert "↑ +100.0 better" in out
    assert "Compared with the run of" in out


def test_results_are_written_with_the_bot_and_its_clock(files: list[Path], tmp_path: Path) -> None:
    run(files[:1], tmp_path / "results", asks("danger"))
    figures = json.loads((tmp_path / "results" / "figures.json").read_text())
    assert figures["bot"] == "faux"
    assert figures["clock"].startswith("2026-11-22T12:00")
    assert figures["files"] == ["a.yml"]
    assert (tmp_path / "results" / "failures.yml").exists()


def test_a_wrong_bot_is_no_error_but_a_broken_turn_is(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files[2:3], tmp_path, Turn([text("Bonjour")])) == 0
    assert run(files[2:3], tmp_path, Turn([])) == 1
    assert "a turn broke on: bonjour" in capsys.readouterr().err


def test_progress_is_told_on_standard_error(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(files, tmp_path, asks("danger"))
    assert capsys.readouterr().err.splitlines()[0] == "a.yml: 1 entries…"


@contextmanager
def never() -> Iterator[Any]:
    pytest.fail("the bot was loaded although the files are wrong")
    yield


@pytest.mark.parametrize("content", [None, "- {opening: a}", "oups"])
def test_files_are_checked_before_the_bot_is_loaded(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "x.yml"
    if content:
        path.write_text(content)
    with pytest.raises((OSError, ValueError), match=r"x\.yml"):
        command.evaluate([path], never(), tmp_path)


def test_without_files_all_those_of_evaluation_are_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yml").write_text(CRISIS, encoding="utf-8")
    monkeypatch.setattr(command, "MATERIAL", tmp_path)
    assert run([], tmp_path / "results", asks("danger")) == 0
    assert "suicide caught" in capsys.readouterr().out


def test_no_file_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MATERIAL", tmp_path)
    with pytest.raises(FileNotFoundError, match="give files"):
        command.evaluate([], never(), tmp_path)


@pytest.mark.parametrize(("arguments", "chosen"), [([], "in_process"), (["--url", "http://x"], "over_http")])
def test_the_command_line_chooses_the_bot(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chosen: str
) -> None:
    used: list[str] = []

    def give(name: str) -> Any:
        def open_subject(_: Any) -> Any:
            used.append(name)
            return subject(ScriptedBot(asks("danger")), UNDERSTANDING)

        return open_subject

    for name in ("in_process", "over_http"):
        monkeypatch.setattr(command, name, give(name))
    assert main(["evaluate", str(files[0]), "--results", str(tmp_path), *arguments]) == 0
    assert used == [chosen]


def test_a_missing_file_is_an_error_of_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path / "rien.yml")]) == 1
    assert "rien.yml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after"), [(None, command.CLOCK), ("", command.CLOCK), ("2027-01-01", "2027-01-01")]
)
def test_the_clock_is_fixed_unless_it_is_already(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str
) -> None:
    # Set first, so that the variable is put back after the test whatever happens to it.
    monkeypatch.setenv(clock.VARIABLE, before or "")
    if before is None:
        monkeypatch.delenv(clock.VARIABLE)
    command.set_clock()
    assert clock.now().isoformat().startswith(after)
