"""What `boussole check` tells an operator."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from boussole import checkup
from boussole.checkup import check_age, check_links, check_service, links
from boussole.cli import main
from boussole.serving.agent import ENDPOINTS_VARIABLE, endpoints
from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge

Capture = pytest.CaptureFixture[str]


def newest(knowledge: Knowledge) -> date:
    return max(date.fromisoformat(str(service.checked_on)) for service in knowledge.services.values())


def test_facts_that_were_just_checked_are_fine(knowledge: Knowledge) -> None:
    assert [finding.fine for finding in check_age(knowledge, newest(knowledge))] == [True]


def test_a_fact_older_than_a_year_is_named(knowledge: Knowledge) -> None:
    today = newest(knowledge) + timedelta(days=366)
    findings = list(check_age(knowledge, today))
    assert not any(finding.fine for finding in findings)
    assert any(knowledge.services["3018"].name in finding.text for finding in findings)


def test_every_kind_of_link_is_opened_once(knowledge: Knowledge) -> None:
    found = links(knowledge)
    assert len(found) == len(set(found))
    assert knowledge.services["3018"].url in found
    assert knowledge.services["cnil"].source in found
    assert any(platform.link in found for platform in knowledge.platforms.values())


def test_a_link_that_leads_nowhere_is_named() -> None:
    answers = {"https://a.fr": 200, "https://b.fr": 404, "https://c.fr": 403}

    def open_link(link: str) -> int:
        if link not in answers:
            raise OSError
        return answers[link]

    findings = list(check_links([*answers, "https://d.fr"], open_link))
    assert [finding.text for finding in findings if not finding.fine] == [
        "link: https://b.fr answers 404", "link: https://d.fr nobody answers",
    ]  # fmt: skip
    assert findings[-1].text == "links: 2 of 4 answer"


def test_without_a_network_no_link_is_called_broken() -> None:
    def open_link(link: str) -> int:
        raise OSError

    assert [finding.fine for finding in check_links(["https://a.fr"], open_link)] == [True]


def test_the_project_as_it_is_can_serve() -> None:
    findings = list(check_service())
    assert [finding.text for finding in findings if not finding.fine] == []
    assert "SqliteTrackerStore" in findings[1].text


def test_a_damaged_model_and_a_store_that_does_not_answer_are_both_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"x")
    monkeypatch.setenv(ENDPOINTS_VARIABLE, "deploy/endpoints.redis.yml")
    monkeypatch.setenv("BOUSSOLE_REDIS_URL", "redis://127.0.0.1:1/0")
    wrong = [finding.text.split(":")[0] for finding in check_service(tmp_path / "model.tar.gz") if not finding.fine]
    assert wrong == ["model", "stores"]


@pytest.mark.parametrize("content", [None, "tracker_store: {type: boussole.no.such.Store}"])
def test_endpoints_that_would_end_in_rasa_s_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "endpoints.yml"
    if content:
        path.write_text(content)
    monkeypatch.setenv(ENDPOINTS_VARIABLE, str(path))
    with pytest.raises(ValueError, match=r"endpoints\.yml"):
        endpoints()


def test_rasa_s_own_store_is_refused_because_it_keeps_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "endpoints.yml").write_text("tracker_store: {type: SQL, dialect: sqlite, db: ':memory:'}")
    monkeypatch.setenv(ENDPOINTS_VARIABLE, str(tmp_path / "endpoints.yml"))
    assert any("may keep people's words" in finding.text for finding in check_service())


def test_the_command_prints_each_finding_and_fails_when_one_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(checkup, "_open", lambda link: 404)
    assert main(["check", "--links"]) == 1
    printed = capsys.readouterr().out
    assert "!!  link: " in printed
    assert "ok  facts: " in printed


def test_the_deployment_s_files_name_stores_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("BOUSSOLE_POSTGRESQL_URL", "postgresql://127.0.0.1:1/x")
    files = sorted((PROJECT / "deploy").glob("endpoints.*.yml"))
    assert len(files) == 2
    for path in files:
        monkeypatch.setenv(ENDPOINTS_VARIABLE, str(path))
        configured = endpoints()
        assert configured.tracker_store.type.startswith("boussole.serving.")
        assert configured.lock_store.type.startswith("boussole.serving.")
