"""The plan as plain text."""

from datetime import datetime

import pytest

from boussole.channels.render import plan_text
from boussole.clock import PARIS
from boussole.triage.model import Knowledge
from boussole.triage.plan import Plan, build_plan

MONDAY_NOON = datetime(2026, 11, 16, 12, 0, tzinfo=PARIS)
MONDAY_NIGHT = datetime(2026, 11, 16, 3, 0, tzinfo=PARIS)
PARENT = {
    "danger": "non", "profil": "parent", "victime_mineure": "oui", "nature": ("menaces",), "cadre_scolaire": "inconnu",
    "contenu_public": "oui", "moteur_recherche": "non", "auteur_connu": "oui", "plateforme_alertee": "oui",
    "reponse_plateforme": "attente", "date_signalement": "2026-11-02",
}  # fmt: skip


@pytest.fixture
def plan(knowledge: Knowledge) -> Plan:
    """A parent's plan, with a deadline and a doubt."""
    return build_plan(knowledge, PARENT, MONDAY_NOON)


def test_every_step_is_there_numbered_with_its_text_and_its_reason(plan: Plan) -> None:
    text = plan_text(plan)
    assert plan.steps
    for number, step in enumerate(plan.steps, start=1):
        assert f"{number}. {step.title}" in text
        assert step.text in text
        assert step.why in text


def test_every_service_has_its_line_with_the_ways_to_reach_it(plan: Plan) -> None:
    lines = plan_text(plan).splitlines()
    for service in (service for step in plan.steps for service in step.services):
        [line] = {line for line in lines if line.startswith(f"• {service.name} : ")}
        for way in (service.phone, service.sms, service.url):
            assert not way or way in line


def test_the_numbers_are_there(knowledge: Knowledge) -> None:
    text = plan_text(build_plan(knowledge, {"danger": "immediat"}, MONDAY_NOON))
    for way in ("tél. 17", "tél. 112", "SMS au 114", "tél. 15"):
        assert way in text


def test_a_deadline_is_said_in_full_on_a_line_of_its_own(plan: Plan) -> None:
    assert "Échéance : 2 décembre 2026" in plan_text(plan).splitlines()


def test_what_depends_on_an_unknown_answer_is_marked(plan: Plan) -> None:
    marked = [line for line in plan_text(plan).splitlines() if line.endswith(" (peut-être)")]
    doubtful = [step for step in plan.steps if not step.certain]
    assert doubtful
    assert len(marked) == len(doubtful)


def test_a_service_says_whether_it_is_open(knowledge: Knowledge) -> None:
    by_day = plan_text(build_plan(knowledge, PARENT, MONDAY_NOON))
    by_night = plan_text(build_plan(knowledge, PARENT, MONDAY_NIGHT))
    assert "tél. 3018, https://3018.fr (ouvert maintenant)" in by_day
    assert "tél. 3018, https://3018.fr (ouvre à 9 h)" in by_night


def test_no_line_is_empty(plan: Plan) -> None:
    """Rasa sends what follows an empty line as another message."""
    assert all(line.strip() for line in plan_text(plan).split("\n"))
