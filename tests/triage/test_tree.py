"""The questions: order, conditions, every path forwards and back."""

from dataclasses import replace
from datetime import date

from boussole.triage.conditions import NEVER, Condition
from boussole.triage.facts import complete, prune
from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge
from boussole.triage.tree import mermaid, next_question, open_questions, unreachable
from tests.triage import contract

TODAY = date(2026, 11, 20)


def values(slot: str) -> tuple[str, ...]:
    """The answers that a question takes."""
    special = {
        "danger": contract.DANGER, "profil": contract.PROFILES, "reponse_plateforme": contract.REPLIES,
    }  # fmt: skip
    return special.get(slot, contract.ANSWERS)


def answer(slot: str, value: str) -> str | tuple[str, ...]:
    """An answer as the facts hold it."""
    return (value,) if slot == "nature" else value


def test_the_order_is_the_contract_s(knowledge: Knowledge) -> None:
    assert list(knowledge.questions) == [
        "danger", "profil", "victime_mineure", "nature", "cadre_scolaire", "contenu_public", "moteur_recherche",
        "auteur_connu", "plateforme_alertee", "reponse_plateforme", "un_mois_passe",
    ]  # fmt: skip


def test_every_path_asks_what_the_contract_asks_and_reaches_a_plan(knowledge: Knowledge) -> None:
    asked: set[str] = set()
    ends = 0

    def walk(facts: contract.Facts) -> None:
        nonlocal ends
        expected = contract.questions(facts)
        found = [question.id for question in open_questions(knowledge, facts)]
        assert found == expected, facts
        if not expected:
            ends += 1
            return
        asked.add(expected[0])
        for value in ("insultes",) if expected[0] == "nature" else values(expected[0]):
            walk({**facts, expected[0]: answer(expected[0], value)})

    walk({})
    assert asked == set(knowledge.questions), "a question that no path asks"
    assert ends > 5_000


def test_going_back_restores_the_question_on_every_path(knowledge: Knowledge) -> None:
    """Taking the last answer away asks the same question again, and changes nothing else."""
    for facts in contract.complete_cases((("menaces",),)):
        if facts["danger"] != "non":
            continue
        asked_of_author = ("danger", "profil", "victime_mineure")
        answered = [
            slot
            for slot in knowledge.questions
            if slot in facts and (facts["profil"] != "auteur" or slot in asked_of_author)
        ]
        for position, slot in enumerate(answered):
            before = {name: facts[name] for name in answered[:position]}
            question = next_question(knowledge, before)
            assert question is not None
            assert question.id == slot
            assert prune(knowledge, before) == before


def test_a_known_fact_is_never_asked(knowledge: Knowledge) -> None:
    for slot in knowledge.questions:
        for value in values(slot):
            assert slot not in {q.id for q in open_questions(knowledge, {slot: answer(slot, value)})}


def test_changing_an_answer_drops_the_answers_that_no_longer_apply(knowledge: Knowledge) -> None:
    def after(facts: dict[str, str]) -> set[str]:
        return set(complete(knowledge, facts, TODAY))

    assert "moteur_recherche" not in after({"contenu_public": "non", "moteur_recherche": "oui"})
    assert "cadre_scolaire" not in after({"victime_mineure": "non", "cadre_scolaire": "oui"})
    assert "auteur_connu" not in after({"profil": "temoin", "auteur_connu": "oui"})
    told = {"reponse_plateforme": "attente", "un_mois_passe": "non", "date_signalement": "2026-11-02"}
    assert after({"plateforme_alertee": "non", **told}) == {"plateforme_alertee"}
    refused = {"plateforme_alertee": "oui", "reponse_plateforme": "refus", "un_mois_passe": "oui"}
    assert "un_mois_passe" not in after(refused)


def test_an_answer_is_kept_until_it_is_ruled_out(knowledge: Knowledge) -> None:
    assert complete(knowledge, {"auteur_connu": "oui"}, TODAY) == {"auteur_connu": "oui"}


def test_what_is_said_implies_what_goes_with_it(knowledge: Knowledge) -> None:
    assert complete(knowledge, {"reponse_plateforme": "refus"}, TODAY)["plateforme_alertee"] == "oui"
    assert complete(knowledge, {"moteur_recherche": "oui"}, TODAY)["contenu_public"] == "oui"


def test_the_author_s_questions_end_after_the_age(knowledge: Knowledge) -> None:
    facts = {"danger": "non", "profil": "auteur", "victime_mineure": "oui"}
    assert next_question(knowledge, facts) is None


def test_every_question_and_every_step_can_be_reached(knowledge: Knowledge) -> None:
    assert unreachable(knowledge) == []


def test_what_nothing_leads_to_is_named(knowledge: Knowledge) -> None:
    never = Condition(({"plateforme_alertee": frozenset({"non"}), "reponse_plateforme": frozenset({"refus"})},))
    steps = {**knowledge.steps, "pharos": replace(knowledge.steps["pharos"], condition=never, maybe=NEVER)}
    assert unreachable(replace(knowledge, steps=steps)) == ["steps.yml: pharos"]


def test_the_committed_picture_of_the_tree_is_fresh(knowledge: Knowledge) -> None:
    committed = (PROJECT / "docs" / "tree.md").read_text(encoding="utf-8")
    assert mermaid(knowledge) in committed, "run « make docs »"
