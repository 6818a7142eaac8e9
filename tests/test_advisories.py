"""What is known of the libraries that we lock: said when it is, and never said to be fine when nobody looked."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from boussole import advisories
from boussole.advisories import Advisory, NotAuditedError, Reason, audit, judge, load_reasons
from boussole.cli import NOT_AUDITED, main

BAD = {"name": "requests", "version": "2.19.1", "vulns": [{"id": "PYSEC-2018-28", "aliases": [], "fix_versions": []}]}
SANIC = {
    "name": "sanic",
    "version": "21.12.2",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1", "GHSA-1"], "fix_versions": ["22.6.1"]}],
}
REASON = Reason("sanic", frozenset({"CVE-1"}), "no static files", "https://example.org")


class Tools:
    """Stands for uv and pip-audit: says what is known of each package."""

    def __init__(self, *known: Any, answer: str | None = None) -> None:
        self.known = {each["name"]: each for each in known}
        self.answer = answer
        self.asked: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> tuple[int, str, str]:
        if "export" in command:
            return 0, "sanic==21.12.2\nrasa==3.6.21\n", ""
        lines = Path(command[command.index("--requirement") + 1]).read_text().split()
        self.asked.append(lines)
        if self.answer is not None:
            return 1, self.answer, "warnings\nConnectionError: no such host\n"
        named = [tuple(line.split("==")) for line in lines]
        known = [self.known.get(name, {"name": name, "version": version, "vulns": []}) for name, version in named]
        return 1, json.dumps({"dependencies": known, "fixes": []}), ""


def wrong(findings: Any) -> list[str]:
    return [finding.text for finding in findings if not finding.fine]


def test_an_advisory_without_a_reason_is_named_with_what_mends_it() -> None:
    [text] = wrong(audit([], Tools(BAD, SANIC)))
    assert all(part in text for part in ("sanic 21.12.2", "CVE-1", "22.6.1", "deploy/advisories.yml"))


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1", "GHSA-1"])
def test_a_reason_stands_for_an_advisory_under_any_of_its_names(name: str) -> None:
    reason = Reason("sanic", frozenset({name}), "x", "y")
    findings = list(audit([reason], Tools(BAD, SANIC)))
    assert not wrong(findings)
    assert findings[-1].text == "advisories: 2 packages looked at, 1 advisories"


def test_a_reason_is_for_one_package_only() -> None:
    elsewhere = Reason("rasa", frozenset({"CVE-1"}), "x", "y")
    assert len(wrong(audit([elsewhere], Tools(BAD, SANIC)))) == 2


def test_a_reason_for_what_is_no_longer_reported_is_to_be_taken_out() -> None:
    [text] = wrong(judge([Advisory("sanic", "23", frozenset({"CVE-2"}), ())], [
        Reason("sanic", frozenset({"CVE-1", "CVE-2"}), "x", "y")
    ]))  # fmt: skip
    assert "CVE-1" in text
    assert "CVE-2" not in text


def test_a_service_that_knows_nothing_of_a_bad_version_audits_nothing() -> None:
    """As a mirror of the package index does: pip-audit itself then finds no vulnerability, and ends with success."""
    skipped = {"name": "requests", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    tools = Tools(skipped, SANIC)
    with pytest.raises(NotAuditedError, match="without its advisories"):
        list(audit([REASON], tools))
    assert tools.asked == [["requests==2.19.1"]], "nothing more is asked of it"


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", "{}"])
def test_a_service_that_does_not_answer_audits_nothing(answer: str) -> None:
    with pytest.raises(NotAuditedError, match="no such host"):
        list(audit([], Tools(answer=answer)))


def test_a_package_that_the_service_does_not_know_is_named() -> None:
    skipped = {"name": "sanic", "skip_reason": "Dependency not found on PyPI"}
    [text] = wrong(audit([], Tools(BAD, skipped)))
    assert "sanic" in text
    assert "not looked at" in text


def test_without_uv_nothing_is_audited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(advisories.UV_VARIABLE, "/nowhere/uv")
    with pytest.raises(NotAuditedError, match="cannot be run"):
        list(audit([]))


def test_the_command_says_aloud_that_nothing_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(advisories.UV_VARIABLE, "/nowhere/uv")
    assert main(["audit"]) == NOT_AUDITED
    printed = capsys.readouterr()
    assert "NOT AUDITED" in printed.err
    assert "ok" not in printed.out


@pytest.mark.parametrize(("known", "code"), [((BAD,), 1), ((BAD, SANIC), 1)])
def test_the_command_fails_for_what_is_to_be_done(
    known: tuple[Any, ...], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(advisories, "_run", Tools(*known))
    assert main(["audit"]) == code
    assert "!!  advisory: " in capsys.readouterr().out


def test_what_is_locked_is_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = Tools(BAD)
    list(audit([], tools))
    assert tools.asked[1] == ["sanic==21.12.2", "rasa==3.6.21"]


# The reasons themselves


def test_each_reason_is_for_a_package_that_we_have_and_says_why() -> None:
    reasons = load_reasons()
    lock = (advisories.PROJECT / "uv.lock").read_text(encoding="utf-8")
    for reason in reasons:
        assert f'\nname = "{reason.package}"\n' in lock, reason.package
        assert reason.read.startswith("https://")
        assert len(reason.reason) > 40


ENTRY = "- {package: a, ids: [CVE-1], reason: because, read: 'https://a.fr'}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- {package: a, ids: [CVE-1], read: x}", "must have"),
        ("- {package: a, ids: [], reason: x, read: x}", "must have"),
        ("- [a]", "must have"),
        (ENTRY + ENTRY, "CVE-1 stands there twice"),
        ("- {package: a, ids: [CVE-1, CVE-1], reason: because, read: x}", "twice"),
    ],
)
def test_a_file_that_is_not_right_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "advisories.yml"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        load_reasons(path)
