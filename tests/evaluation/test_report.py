"""The table, the comparison with the previous run, and the files."""

import io
import json
from pathlib import Path

import pytest
import yaml

from boussole.evaluation.figures import Failure, Figure, Result, count, mean, ratio, share
from boussole.evaluation.progress import counted
from boussole.evaluation.report import Run, compared_with, difference, read_previous, save, table
from tests.evaluation.fakes import PLACE

RUN = Run("2026-11-22T18:00+01:00", "2026-11-22T12:00+01:00", "boussole.tar.gz", ("cas.yml",))
FAILURE = Failure(PLACE, ["ma fille…"], {"steps": ["preuves"]}, {"steps": []})


def result(*figures: Figure) -> Result:
    return Result("scenarios", figures, (FAILURE,))


def test_a_figure_shows_its_value_and_what_it_was_counted_from() -> None:
    shown = table(
        [result(share("a", "exact plans", 1, 3), ratio("b", "F1", 97, 100), mean("c", "turns", [4, 5]))], None
    )
    assert [line.split() for line in shown.splitlines()] == [
        ["scenarios"],
        ["exact", "plans", "33.3", "%", "1/3"],
        ["F1", "0.970", "97/100"],
        ["turns", "4.500", "9/2"],
    ]


def test_columns_are_aligned() -> None:
    shown = table([result(share("a", "short", 1, 1), share("b", "a longer label", 1, 100))], None)
    assert len({line.index("%") for line in shown.splitlines()[1:]}) == 1


def test_nothing_to_measure_is_not_zero() -> None:
    assert "-" in table([result(share("a", "danger caught", 0, 0))], None)


@pytest.mark.parametrize(
    ("figure", "before", "shown"),
    [
        (share("a", "right", 9, 10), 80.0, "↑ +10.0 better"),
        (share("a", "right", 9, 10), 95.0, "↓ -5.0 worse"),
        (share("a", "false alarms", 1, 10, rising=False), 5.0, "↑ +5.0 worse"),
        (count("a", "no plan", 1), 3, "↓ -2 better"),
        (share("a", "right", 9, 10), 90.01, "="),
        (ratio("a", "F1", 97, 100), 0.96, "↑ +0.010 better"),
        (share("a", "right", 9, 10), None, ""),
        (share("a", "right", 0, 0), 90.0, ""),
    ],
)
def test_the_difference_says_which_way_and_whether_it_is_better(
    figure: Figure, before: float | None, shown: str
) -> None:
    assert difference(figure, {"a": before}) == shown


def test_a_figure_without_previous_has_no_difference() -> None:
    assert difference(share("a", "right", 1, 1), {}) == ""


def test_figures_are_read_again_as_they_were_saved(tmp_path: Path) -> None:
    save(tmp_path / "results", RUN, [result(share("a", "right", 2, 3))])
    previous = read_previous(tmp_path / "results")
    assert previous is not None
    assert previous.run == RUN
    assert previous.values == {"a": 66.6667}


def test_the_files_carry_the_date_and_french_words_as_they_are(tmp_path: Path) -> None:
    save(tmp_path, RUN, [result(share("a", "right", 2, 3))])
    assert json.loads((tmp_path / "figures.json").read_text())["date"] == RUN.date
    failures = (tmp_path / "failures.yml").read_text(encoding="utf-8")
    assert RUN.date in failures
    assert "ma fille…" in failures
    assert yaml.safe_load(failures) == {
        "scenarios": [
            {
                "file": "cas.yml",
                "entry": "x1",
                "said": ["ma fille…"],
                "expected": {"steps": ["preuves"]},
                "got": {"steps": []},
            }
        ]
    }


def test_a_message_of_several_lines_is_written_as_it_was_typed(tmp_path: Path) -> None:
    failure = Failure(PLACE, "Bonjour,\nma fille…", {}, {})
    save(tmp_path, RUN, [Result("crisis", (), (failure,))])
    assert "said: |-\n    Bonjour,\n    ma fille…\n" in (tmp_path / "failures.yml").read_text(encoding="utf-8")


def test_there_may_be_no_previous_run(tmp_path: Path) -> None:
    assert read_previous(tmp_path) is None
    assert "No previous run" in compared_with(RUN, None)


@pytest.mark.parametrize("content", ["oups", "[]", '{"date": "x"}', '{"figures": 3}'])
def test_a_damaged_previous_run_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "figures.json").write_text(content)
    with pytest.raises(ValueError, match=r"figures\.json: not the figures of a run; remove the file"):
        read_previous(tmp_path)


def test_a_previous_run_on_other_files_is_said(tmp_path: Path) -> None:
    save(tmp_path, RUN, [])
    previous = read_previous(tmp_path)
    assert "other files" not in compared_with(RUN, previous)
    assert "on other files (cas.yml)" in compared_with(Run(RUN.date, RUN.clock, RUN.bot, ("b.yml",)), previous)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_counter_that_leaves_no_trace() -> None:
    screen = Screen()
    assert list(counted([1, 2], "cas.yml", screen)) == [1, 2]
    assert "cas.yml: 0/2" in screen.getvalue()
    assert "cas.yml: 1/2" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_file_or_a_pipe_sees_one_line_for_each_file() -> None:
    stream = io.StringIO()
    assert list(counted([1, 2], "cas.yml", stream)) == [1, 2]
    assert stream.getvalue() == "cas.yml: 2 entries…\n"
