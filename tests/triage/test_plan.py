"""The plan, compared with the contract over the whole product of facts."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from boussole.clock import PARIS
from boussole.triage.facts import complete
from boussole.triage.model import Knowledge
from boussole.triage.plan import Plan, build_plan, french_date, select_steps
from boussole.triage.tree import next_question
from tests.triage import contract

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=PARIS)
# Only these two natures decide a step; the others change texts.
DECISIVE = (("insultes",), ("images_intimes",), ("chantage",), ("images_intimes", "chantage"))
REMOVALS = (
    "images_intimes", "signaler_plateforme", "attendre_plateforme", "saisir_cnil", "dereferencement", "pharos",
)  # fmt: skip


def test_every_complete_case_gets_exactly_the_steps_of_the_contract(knowledge: Knowledge) -> None:
    cases = 0
    for facts in contract.complete_cases(DECISIVE):
        cases += 1
        assert select_steps(knowledge, facts) == contract.steps(facts), facts
    assert cases > 30_000


def test_every_nature_gets_exactly_the_steps_of_the_contract(knowledge: Knowledge) -> None:
    for nature in (*contract.NATURES, "inconnu"):
        for facts in contract.complete_cases(((nature,),)):
            if facts["danger"] == "non":
                assert select_steps(knowledge, facts) == contract.steps(facts), facts


def test_every_complete_case_needs_no_further_question(knowledge: Knowledge) -> None:
    assert all(next_question(knowledge, facts) is None for facts in contract.complete_cases((("rumeurs",),)))


@dataclass(frozen=True)
class Shown:
    """What the promises below need of one plan."""

    facts: contract.Facts
    order: tuple[str, ...]
    services: frozenset[str]
    human: bool
    names_stopncii: bool
    reasons: bool


@pytest.fixture(scope="module")
def plans(knowledge: Knowledge) -> list[Shown]:
    """The plan of every complete case, for each decisive nature."""
    return [shown(facts, build_plan(knowledge, facts, NOON)) for facts in contract.complete_cases(DECISIVE)]


def shown(facts: contract.Facts, plan: Plan) -> Shown:
    services = {service for step in plan.steps for service in step.services}
    return Shown(
        facts=facts,
        order=tuple(step.id for step in plan.steps),
        services=frozenset(service.id for service in services),
        human=any(service.human for service in services),
        names_stopncii=any("StopNCII" in step.text for step in plan.steps),
        reasons=all(step.why.startswith("Parce que : ") for step in plan.steps),
    )


def test_every_step_is_in_some_plan(knowledge: Knowledge, plans: list[Shown]) -> None:
    assert {step for plan in plans for step in plan.order} == set(knowledge.steps)


def test_every_plan_has_a_service_with_a_human_in_it(plans: list[Shown]) -> None:
    assert [plan.facts for plan in plans if not plan.human] == []


def test_removal_never_comes_before_evidence(plans: list[Shown]) -> None:
    for plan in plans:
        removals = [plan.order.index(step) for step in REMOVALS if step in plan.order]
        assert not removals or plan.order.index("preuves") < min(removals), plan.order


def test_an_emergency_step_always_comes_first(plans: list[Shown]) -> None:
    urgent = {"immediat": "urgence", "suicide": "prevention_suicide"}
    checked = [plan for plan in plans if plan.facts["danger"] in urgent]
    assert checked
    for plan in checked:
        assert plan.order[0] == urgent[str(plan.facts["danger"])]


def test_stopncii_is_never_given_unless_the_victim_is_an_adult(plans: list[Shown]) -> None:
    assert any("stopncii" in plan.services for plan in plans)
    for plan in plans:
        if plan.facts["victime_mineure"] != "non":
            assert "stopncii" not in plan.services
            assert not plan.names_stopncii


def test_a_minor_s_intimate_pictures_lead_to_take_it_down(knowledge: Knowledge) -> None:
    facts = {"profil": "victime", "victime_mineure": "oui", "nature": ("images_intimes",)}
    steps = {step.id: step for step in build_plan(knowledge, facts, NOON).steps}
    assert "take-it-down" in {service.id for service in steps["images_intimes"].services}


def test_every_step_says_which_answers_put_it_there(knowledge: Knowledge, plans: list[Shown]) -> None:
    assert all(plan.reasons for plan in plans)
    known = {"victime_mineure": "oui", "plateforme_alertee": "non"}
    why = {step.id: step.why for step in build_plan(knowledge, known, NOON).steps}
    assert "la personne visée a moins de 18 ans" in why["appeler_3018"]
    assert "la plateforme n'a pas encore été prévenue" in why["signaler_plateforme"]


def test_minors_read_tu_and_adults_read_vous(knowledge: Knowledge) -> None:
    young = build_plan(knowledge, {"profil": "victime", "victime_mineure": "oui"}, NOON)
    grown = build_plan(knowledge, {"profil": "victime", "victime_mineure": "non"}, NOON)
    assert not any(" vous " in f" {step.text} " for step in young.steps if step.id == "preuves")
    assert young.steps[0].title != grown.steps[0].title


def test_a_young_witness_reads_tu(knowledge: Knowledge) -> None:
    facts = {"profil": "temoin", "victime_mineure": "oui"}
    titles = {step.title for step in build_plan(knowledge, facts, NOON).steps}
    assert titles != {step.title for step in build_plan(knowledge, facts, NOON, minor_writer=True).steps}


def test_an_unfinished_plan_shows_what_may_apply(knowledge: Knowledge) -> None:
    steps = {step.id: step.certain for step in build_plan(knowledge, {}, NOON).steps}
    assert steps["appeler_3018"] is False
    assert steps["pharos"] is False
    assert steps["preuves"] is True


def test_waiting_for_the_platform_says_the_day_on_which_the_month_ends(knowledge: Knowledge) -> None:
    facts = {"plateforme_alertee": "oui", "reponse_plateforme": "attente", "date_signalement": "2026-11-02"}
    step = next(s for s in build_plan(knowledge, facts, NOON).steps if s.id == "attendre_plateforme")
    assert step.deadline is not None
    assert step.deadline.isoformat() == "2026-12-02"
    assert "2 décembre 2026" in step.text


def test_a_date_says_whether_the_month_has_passed(knowledge: Knowledge) -> None:
    facts = {"plateforme_alertee": "oui", "reponse_plateforme": "attente", "date_signalement": "2026-10-02"}
    assert complete(knowledge, facts, NOON.date())["un_mois_passe"] == "oui"
    assert "saisir_cnil" in {step.id for step in build_plan(knowledge, facts, NOON).steps}


def test_the_platform_s_own_page_is_given(knowledge: Knowledge) -> None:
    facts = {"plateforme": "instagram", "plateforme_alertee": "non"}
    step = next(s for s in build_plan(knowledge, facts, NOON).steps if s.id == "signaler_plateforme")
    assert str(knowledge.platforms["instagram"].link) in step.text


def test_a_platform_without_a_verified_page_gives_its_menu(knowledge: Knowledge) -> None:
    facts = {"plateforme": "whatsapp", "plateforme_alertee": "non"}
    step = next(s for s in build_plan(knowledge, facts, NOON).steps if s.id == "signaler_plateforme")
    assert str(knowledge.platforms["whatsapp"].path) in step.text


def test_the_operator_s_own_help_reaches_parents(knowledge: Knowledge) -> None:
    step = build_plan(knowledge, {"profil": "parent", "victime_mineure": "oui"}, NOON).steps[-1]
    assert step.id == "suivi"
    assert knowledge.operator.helps[0].text.for_reader("vous") in step.text


def test_the_plan_object_has_the_shape_of_the_contract(knowledge: Knowledge) -> None:
    message = build_plan(knowledge, {"victime_mineure": "oui", "nature": ("rumeurs",)}, NOON).as_message()
    assert message["type"] == "plan"
    assert message["facts"]["nature"] == ["rumeurs"]
    for step in message["steps"]:
        assert set(step) == {"id", "titre", "pourquoi", "texte", "services", "certain", "echeance"}
        for service in step["services"]:
            wanted = {"id", "nom", "tel", "sms", "url", "horaires", "ouvert", "verifie_le", "source"}
            assert wanted <= set(service)


def test_dates_are_written_as_french_people_do() -> None:
    assert french_date(datetime(2026, 3, 1).date()) == "1er mars 2026"
    assert french_date(datetime(2026, 8, 12).date()) == "12 août 2026"
