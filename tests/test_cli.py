"""The command line: what it prints, and how it fails."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from boussole import cli
from boussole.cli import COMMANDS, main
from boussole.serving.agent import latest_whole_model
from boussole.triage.knowledge import FOLDER_VARIABLE, PROJECT, load_knowledge
from boussole.triage.model import Knowledge
from boussole.triage.tree import mermaid
from boussole.understanding import corpus

Capture = pytest.CaptureFixture[str]


def test_tree_prints_the_decision_tree(knowledge: Knowledge, capsys: Capture) -> None:
    assert main(["tree"]) == 0
    assert capsys.readouterr().out == mermaid(knowledge)


def test_check_counts_what_knowledge_holds(knowledge: Knowledge, capsys: Capture) -> None:
    assert main(["check"]) == 0
    printed = capsys.readouterr().out
    assert f"{len(knowledge.questions)} questions, {len(knowledge.steps)} steps" in printed
    assert printed.endswith("fine\n")


def test_check_fails_with_every_problem_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    folder = shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge")
    (folder / "faq.yml").unlink()
    (folder / "steps.yml").write_text("- id: [", encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    monkeypatch.setattr("boussole.triage.knowledge.load_knowledge", load_knowledge.__wrapped__)
    assert main(["check"]) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert "faq.yml: the file is missing" in printed.err
    assert "steps.yml: not valid YAML" in printed.err


@pytest.mark.parametrize("error", [ValueError("no such thing"), RuntimeError("no model"), OSError("disk full")])
def test_a_failure_is_one_line_without_a_traceback(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_tree", fail)
    assert main(["tree"]) == 1
    assert capsys.readouterr().err == f"boussole: {error}\n"


def test_ctrl_c_is_a_normal_end(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_tree", interrupt)
    assert main(["tree"]) == 0
    assert not capsys.readouterr().err


def test_without_a_model_chat_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("boussole.serving.agent.latest_whole_model", lambda: latest_whole_model(tmp_path))
    handler = signal.getsignal(signal.SIGINT)
    try:
        assert main(["chat"]) == 1
    finally:
        signal.signal(signal.SIGINT, handler)
    assert "make train" in capsys.readouterr().err


def test_help_names_every_command_and_what_it_does(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert end.value.code == 0
    for name, what in COMMANDS.items():
        assert f"{name} {what}" in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"usage: boussole {command}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["dance"], ["run", "--port", "abc"], ["tree", "--colour"]])
def test_a_command_that_makes_no_sense_is_refused_with_its_usage(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "usage: boussole" in capsys.readouterr().err


def test_a_port_that_is_no_number_in_the_environment_is_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("PORT", "abc")
    with pytest.raises(SystemExit):
        main(["run"])
    assert "invalid int value: 'abc'" in capsys.readouterr().err
    assert main(["tree"]) == 0, "the other commands do not care"


@pytest.fixture
def write_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a corpus of one file in the place of data/."""

    def write(text: str) -> None:
        (tmp_path / "nlu.yml").write_text(text, encoding="utf-8")

    load = corpus.load_corpus
    monkeypatch.setattr(corpus, "load_corpus", lambda: load(tmp_path))
    return write


def test_corpus_lists_the_sentences_with_two_meanings_and_fails(
    write_corpus: Callable[[str], None], capsys: Capture
) -> None:
    write_corpus(
        "nlu:\n- intent: saluer\n  examples: |\n    - bonsoir\n- intent: au_revoir\n  examples: |\n    - Bonsoir\n"
    )
    assert main(["corpus"]) == 1
    assert "« bonsoir » = saluer  |  « Bonsoir » = au_revoir" in capsys.readouterr().out


def test_corpus_passes_when_sentences_are_only_close(write_corpus: Callable[[str], None], capsys: Capture) -> None:
    write_corpus(
        "nlu:\n- intent: saluer\n  examples: |\n    - bonsoir merci\n"
        "- intent: remercier\n  examples: |\n    - merci bonsoir\n"
    )
    assert main(["corpus"]) == 0
    printed = capsys.readouterr().out
    assert "2 sentences, 0 with two meanings" in printed
    assert "« bonsoir merci » = saluer" in printed


def test_progress_is_one_line_where_nobody_watches(capsys: Capture) -> None:
    with cli.progress("Entraînement"):
        pass
    assert capsys.readouterr().err == "Entraînement…\n"
