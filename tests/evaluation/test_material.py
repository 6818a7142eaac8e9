"""Files of evaluation entries: four kinds, and every malformed entry named with its fix."""

from pathlib import Path

import pytest

from boussole.evaluation.command import MATERIAL
from boussole.evaluation.material import (
    CrisisText,
    Dialogue,
    MaterialError,
    Scenario,
    SingleAnswer,
    load_material,
)
from boussole.triage.model import Knowledge

SCENARIO = """
- id: p01
  persona: une mère
  opening: |
    ma fille est insultée
  facts: {danger: "non", profil: parent, nature: [insultes, menaces]}
  said: [profil]
  answers: {danger: "non ça va"}
"""


def write(folder: Path, content: str) -> Path:
    path = folder / "cas.yml"
    path.write_text(content, encoding="utf-8")
    return path


def problems(knowledge: Knowledge, folder: Path, content: str) -> str:
    with pytest.raises(MaterialError) as raised:
        load_material(knowledge, write(folder, content))
    return "\n".join(raised.value.problems)


def test_a_scenario_has_facts_as_the_core_reads_them(knowledge: Knowledge, tmp_path: Path) -> None:
    (entry,) = load_material(knowledge, write(tmp_path, SCENARIO))
    assert isinstance(entry, Scenario)
    assert entry.opening == "ma fille est insultée"
    assert entry.facts == {"danger": "non", "profil": "parent", "nature": ("menaces", "insultes")}
    assert entry.said == {"profil"}
    assert (entry.place.file, entry.place.entry) == ("cas.yml", "p01")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('- {question: danger, text: "ça va", value: "non"}', SingleAnswer),
        ('- {text: "je veux mourir", levels: [suicide]}', CrisisText),
        ('- {id: r1, turns: ["", "aide"], expect: {question: danger, plan: true}}', Dialogue),
    ],
)
def test_the_kind_of_a_file_is_known_from_its_entries(
    knowledge: Knowledge, tmp_path: Path, content: str, kind: type
) -> None:
    assert isinstance(load_material(knowledge, write(tmp_path, content))[0], kind)


def test_an_entry_without_id_is_named_by_its_position(knowledge: Knowledge, tmp_path: Path) -> None:
    entries = load_material(knowledge, write(tmp_path, '- {text: "a", levels: []}\n- {text: "b", levels: []}'))
    assert [entry.place.entry for entry in entries] == ["entry 1", "entry 2"]


def test_one_nature_may_stand_without_brackets(knowledge: Knowledge, tmp_path: Path) -> None:
    content = '- {question: nature, text: "il veut des sous", value: chantage}'
    (entry,) = load_material(knowledge, write(tmp_path, content))
    assert isinstance(entry, SingleAnswer)
    assert entry.value == ("chantage",)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("- {opening: a, said: []}", "cas.yml: entry 1: without « facts »; add what is missing"),
        ("- {id: p9, opening: a, facts: {danger: grave}, said: []}", "p9: facts.danger: unknown value « grave »"),
        ("- {id: p9, opening: a, facts: {danger: grave}, said: []}", "expected one of immediat, suicide, non"),
        ("- {opening: a, facts: {nature: [coups]}, said: []}", "facts.nature.0: unknown value « coups »"),
        ("- {opening: a, facts: {nature: coups}, said: []}", "facts.nature: unknown value « coups »"),
        ("- {opening: a, facts: {nature: []}, said: []}", "facts.nature: is empty"),
        (
            "- {opening: a, facts: {profl: parent}, said: []}",
            "facts: unknown « profl »; expected one of danger, profil",
        ),
        ("- {opening: a, facts: {}, said: [age]}", "said.0: unknown value « age »"),
        ("- {opening: a, facts: {}, said: [], answers: {danger: 3}}", "answers.danger: expected a text, not « 3 »"),
        ("- {question: danger, text: a, value: no}", "value: unknown value « False »"),
        ("- {question: danger, text: a}", "entry 1: without « value »"),
        ("- {question: age, text: a, value: oui}", "question: unknown value « age »"),
        ("- {text: a, levels: [grave]}", "levels.0: unknown value « grave »; expected one of suicide, danger, enfance"),
        ("- {text: a, levels: suicide}", "levels: expected a list, not « suicide »"),
        ("- {turns: [], expect: {}}", "turns: is empty"),
        ("- {turns: [a], expect: {alarme: suicide}}", "expect: unknown « alarme »"),
        ("- {text: a, levels: []}\n- bonjour", "entry 2: expected keys with their values, not « bonjour »"),
        ("- {texte: a}", "no entry has one of the keys opening, question, levels, turns"),
        ("texte: a", "expected a YAML list"),
        ("", "expected a YAML list"),
        ("- {a: [", "cas.yml: not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(knowledge: Knowledge, tmp_path: Path, content: str, named: str) -> None:
    assert named in problems(knowledge, tmp_path, content)


def test_every_problem_of_a_file_is_told_once(knowledge: Knowledge, tmp_path: Path) -> None:
    told = problems(knowledge, tmp_path, "- {opening: a}\n- {opening: b, facts: {danger: x, profil: y}, said: []}")
    assert len(told.splitlines()) == 3


@pytest.mark.parametrize("path", sorted(MATERIAL.glob("*.yml")), ids=lambda path: path.name)
def test_the_project_s_own_files_are_well_formed(knowledge: Knowledge, path: Path) -> None:
    assert load_material(knowledge, path)
