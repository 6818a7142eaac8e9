"""What is known of a case: read, completed, taken back."""

from datetime import date

import pytest

from boussole.triage.facts import FREE_TEXT_LIMIT, complete, read_slots, read_value, register, withdraw
from boussole.triage.model import Knowledge
from tests.triage import contract

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("slot", "value", "read"),
    [
        ("danger", "non", "non"),
        ("danger", "peut-être", None),
        ("danger", ["non"], None),
        ("danger", "", None),
        ("danger", True, None),
        ("nature", ["insultes", "menaces"], ("menaces", "insultes")),
        ("nature", ("insultes", "rien"), ("insultes",)),
        ("nature", "insultes", ("insultes",)),
        ("nature", [], None),
        ("nature", ["rien"], None),
        ("nature", [["insultes"]], None),
        ("date_signalement", "2026-10-18", "2026-10-18"),
        ("date_signalement", "18/10/2026", None),
        ("date_signalement", "2026-02-30", None),
        ("plateforme", "instagram", "instagram"),
        ("plateforme", "x" * 90, "x" * FREE_TEXT_LIMIT),
        ("plateforme", 12, None),
    ],
)
def test_nothing_of_a_slot_is_trusted(knowledge: Knowledge, slot: str, value: object, read: object) -> None:
    assert read_value(knowledge.facts[slot], value) == read


def test_slots_that_are_no_facts_are_left_out(knowledge: Knowledge) -> None:
    slots = {"profil": "parent", "danger": None, "historique": [{}], "requested_slot": "danger"}
    assert read_slots(knowledge, slots) == {"profil": "parent"}


def test_completing_what_is_complete_changes_nothing(knowledge: Knowledge) -> None:
    cases: list[contract.Facts] = [*contract.complete_cases((("menaces",),))]
    cases += [{slot: value} for slot in contract.questions({}) for value in ("oui", "non", "inconnu")]
    cases += [{"date_signalement": day} for day in ("2026-10-01", "2026-11-19")]
    for facts in cases:
        once = complete(knowledge, facts, TODAY)
        assert complete(knowledge, once, TODAY) == once, facts


def test_the_date_of_a_report_says_that_there_was_one(knowledge: Knowledge) -> None:
    assert complete(knowledge, {"date_signalement": "2026-10-19"}, TODAY) == {
        "date_signalement": "2026-10-19", "un_mois_passe": "oui", "plateforme_alertee": "oui",
    }  # fmt: skip


def test_the_date_counts_more_than_what_was_said_of_the_month(knowledge: Knowledge) -> None:
    facts = {"date_signalement": "2026-11-02", "un_mois_passe": "oui"}
    assert complete(knowledge, facts, TODAY)["un_mois_passe"] == "non"
    assert complete(knowledge, facts, date(2026, 12, 2))["un_mois_passe"] == "oui"


def test_what_was_said_is_never_replaced_by_what_it_would_imply(knowledge: Knowledge) -> None:
    facts = {"plateforme_alertee": "non", "reponse_plateforme": "refus"}
    assert complete(knowledge, facts, TODAY) == {"plateforme_alertee": "non"}


@pytest.mark.parametrize(
    ("slot", "left"),
    [
        ("profil", {"contenu_public", "moteur_recherche", "plateforme_alertee", "un_mois_passe", "date_signalement"}),
        ("contenu_public", {"profil", "plateforme_alertee", "un_mois_passe", "date_signalement"}),
        ("moteur_recherche", {"profil", "contenu_public", "plateforme_alertee", "un_mois_passe", "date_signalement"}),
        ("plateforme_alertee", {"profil", "contenu_public", "moteur_recherche"}),
        ("un_mois_passe", {"profil", "contenu_public", "moteur_recherche", "plateforme_alertee"}),
    ],
)
def test_what_is_withdrawn_does_not_come_back(knowledge: Knowledge, slot: str, left: set[str]) -> None:
    facts = {"profil": "parent", "moteur_recherche": "oui", "date_signalement": "2026-11-02"}
    known = complete(knowledge, facts, TODAY)
    after = complete(knowledge, withdraw(knowledge, known, [slot]), TODAY)
    assert set(after) == left


def test_an_answer_that_implies_nothing_stays(knowledge: Knowledge) -> None:
    facts = {"contenu_public": "oui", "moteur_recherche": "non"}
    assert withdraw(knowledge, facts, ["contenu_public"]) == {"moteur_recherche": "non"}


def test_withdrawing_what_is_not_known_changes_nothing(knowledge: Knowledge) -> None:
    assert withdraw(knowledge, {"profil": "parent"}, ["danger", "historique"]) == {"profil": "parent"}


def test_a_minor_s_tone_is_for_the_minor_who_writes(knowledge: Knowledge) -> None:
    assert register({"profil": "victime", "victime_mineure": "oui"}) == "tu"
    assert register({"profil": "victime", "victime_mineure": "inconnu"}) == "vous"
    assert register({"profil": "temoin", "victime_mineure": "oui"}) == "vous"
    assert register({"profil": "temoin"}, minor_writer=True) == "tu"
