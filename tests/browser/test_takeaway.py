"""What people take along: a text, a reminder, a sheet of paper; built in their browser, sent nowhere."""

from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.scene import STRICT, Sites, open_chat, record_violations, to_plan
from tests.web import Live


@pytest.fixture
def planned(page: Page, server: Live, sites: Sites) -> Page:
    """A plan on a page with a strict policy."""
    page.clock.install(time="2026-11-22T12:00:00Z")
    open_chat(page, sites.embed(server.url, policy=STRICT))
    to_plan(page)
    return page


def taken(page: Page, button: str) -> tuple[Download, str]:
    """The file that ``button`` offers, and its text."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_download() as started:
        page.get_by_role("button", name=button).first.click()
    assert [url for url in asked if not url.startswith("blob:")] == []
    path = started.value.path()
    return started.value, Path(path).read_bytes().decode()


def test_a_reminder_for_a_deadline_says_nothing_of_what_it_is_about(planned: Page) -> None:
    file, words = taken(planned, "Ajouter un rappel à mon agenda")
    assert file.suggested_filename == "rappel.ics"
    lines = words.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20261212" in lines
    assert "SUMMARY:Rappel" in lines
    assert "DTSTAMP:20261122T1200" in words
    assert "oussole" not in words
    assert "harc" not in words
    assert all(len(line) <= 75 for line in lines)


def test_the_plan_can_be_kept_as_text_under_a_neutral_name(planned: Page) -> None:
    file, words = taken(planned, "Enregistrer le plan")
    assert file.suggested_filename == "notes.txt"
    assert "Gardez des preuves datées" in words


def test_the_conversation_can_be_kept_as_text(planned: Page) -> None:
    planned.get_by_role("button", name="Options").click()
    file, words = taken(planned, "Enregistrer la conversation")
    assert file.suggested_filename == "notes.txt"
    assert "Vous : on insulte mon fils" in words
    assert "Vous : Je suis parent ou représentant légal" in words
    assert words.index("on insulte mon fils") < words.index("Gardez des preuves datées")


def test_only_the_plan_is_printed_and_whole(planned: Page) -> None:
    violations = record_violations(planned)
    planned.evaluate("window.print = () => { window.printed = true }")
    folded = planned.locator("details:not([open])").count()
    assert folded > 3
    planned.get_by_role("button", name="Imprimer").click()
    assert planned.evaluate("window.printed")
    planned.emulate_media(media="print")
    expect(planned.get_by_role("heading", name="Ma mairie")).to_be_hidden()
    expect(planned.get_by_label("Votre message")).to_be_hidden()
    for step in planned.locator(".plan > li").all():
        expect(step.locator(".why")).to_be_visible()
    expect(planned.get_by_role("button", name="Quitter vite")).to_be_hidden()
    # The page is as before when the paper is out.
    planned.evaluate("dispatchEvent(new Event('afterprint'))")
    planned.emulate_media(media="screen")
    expect(planned.get_by_role("heading", name="Ma mairie")).to_be_visible()
    assert planned.locator("details:not([open])").count() == folded
    assert violations == []
