"""The real bot behind the widget: the first issue's example, on another site under a strict policy."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from boussole.triage.knowledge import PROJECT
from tests.browser.scene import STRICT, Sites, axe, open_chat, record_violations, say
from tests.serving.test_server import free_port

OPENING = (
    "mon fils de 13 ans est insulté sur un groupe WhatsApp par des élèves de sa classe, "
    "on a signalé il y a 5 semaines et rien"
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, scene: tuple[object, Sites]) -> Iterator[str]:
    """The server as `make run` starts it, which lets the tests' sites call; its address."""
    port = free_port()
    log: Path = tmp_path_factory.mktemp("real") / "log"
    env = {**os.environ, "BOUSSOLE_MAINTENANT": "2026-11-22T12:00:00", "BOUSSOLE_ORIGINS": scene[1].origin}
    command = [sys.executable, "-m", "boussole.cli", "run", "--port", str(port)]
    with (
        log.open("w") as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True, env=env, cwd=PROJECT) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if f"http://127.0.0.1:{port}/" in line:
                break
        else:
            pytest.fail(f"the server did not start: {log.read_text()}")
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait()


def test_the_example_reaches_its_plan_on_another_site_under_a_strict_policy(
    page: Page, real: str, sites: Sites
) -> None:
    violations = record_violations(page)
    open_chat(page, sites.embed(real, path="/vrai", policy=STRICT))
    say(page, OPENING)
    page.get_by_role("button", name="Non, pas en ce moment").click()
    expect(page.locator(".plan h3").first).to_have_text("1. Gardez des preuves datées")
    assert page.locator(".plan > li").count() == 12
    expect(page.get_by_role("link", name="Appeler le 3018").first).to_be_visible()
    assert violations == []


def test_the_servers_front_page_holds_a_conversation(page: Page, real: str) -> None:
    page.goto(real)
    say(page, OPENING)
    page.get_by_role("button", name="Non, pas en ce moment").click()
    page.locator(".plan h3").first.wait_for()
    assert axe(page) == []


def test_an_answer_can_be_changed_taken_back_and_explained(page: Page, real: str) -> None:
    page.goto(real)
    say(page, "on insulte ma fille de 15 ans sur instagram")
    page.get_by_role("button", name="Non, pas en ce moment").click()
    page.get_by_role("button", name="Non, rien à voir avec l'école").click()
    page.get_by_role("button", name="Pourquoi cette question ?").click()
    expect(page.get_by_text("PHAROS, le service de signalement de la police")).to_be_visible()
    page.get_by_role("button", name="Changer la réponse « Non, rien à voir").click()
    page.get_by_role("group", name="Changer la réponse").get_by_role("button", name="Oui, des élèves").click()
    expect(page.get_by_text("Vous : En fait : Oui, des élèves sont impliqués")).to_be_visible()
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Voir le plan").click()
    expect(page.get_by_role("heading", name="Prévenez l'établissement scolaire")).to_be_visible()
    page.get_by_role("button", name="Revenir à la question d’avant").last.click()
    expect(page.get_by_text("j'efface votre dernière réponse")).to_be_visible()


@pytest.mark.parametrize(
    "starter", ["On m’insulte ou on se moque", "Mon enfant est harcelé", "On menace de publier", "Un ami est harcelé"]
)
def test_each_proposed_opening_is_understood(page: Page, real: str, starter: str) -> None:
    page.goto(real)
    page.get_by_role("button", name=starter).click()
    expect(page.get_by_role("button", name="Non, pas en ce moment")).to_be_visible()
    expect(page.get_by_text("Je n'ai pas compris")).to_have_count(0)


def test_signs_of_suicide_show_the_emergency_first(page: Page, real: str) -> None:
    page.goto(real)
    say(page, "j'en peux plus je veux mourir")
    expect(page.locator(".alert").get_by_role("link", name="3114", exact=True)).to_be_visible()
    expect(page.get_by_label("Votre message")).to_be_enabled()


def test_a_forgotten_conversation_starts_from_nothing(page: Page, real: str) -> None:
    page.goto(real)
    say(page, OPENING)
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()
    with page.expect_request("**/webhook") as sent:
        say(page, "non")
    page.locator(".plan h3").first.wait_for()
    sender = sent.value.post_data_json["sender"]
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.get_by_role("status")).to_have_text("C’est effacé, ici et sur le serveur.")
    again = page.request.post(f"{real}/webhooks/rest/webhook", data={"sender": sender, "message": "/resume"}).json()
    facts = [message["custom"]["facts"] for message in again if message.get("custom", {}).get("type") == "plan"]
    assert all(not facts_then.get("profil") for facts_then in facts)
    assert "Je suis Boussole" in json_text(again)


def json_text(messages: list[dict[str, object]]) -> str:
    """The texts of an answer."""
    return "\n".join(str(message.get("text", "")) for message in messages)
