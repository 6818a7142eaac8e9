"""Loading knowledge/, what it refuses, and the rules that every text of it keeps."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from boussole.triage.knowledge import FOLDER_VARIABLE, PROJECT, KnowledgeError, load_knowledge
from boussole.triage.model import Knowledge, Wording

Edit = Callable[[Any], object]


class Folder:
    """A copy of knowledge/ to damage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for file in (PROJECT / "knowledge").glob("*.yml"):
            shutil.copy(file, path / file.name)

    def edit(self, name: str, change: Edit) -> None:
        """Change what a file holds."""
        data = yaml.safe_load((self.path / name).read_text(encoding="utf-8"))
        change(data)
        (self.path / name).write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def problems(self) -> tuple[str, ...]:
        """What loading the folder complains about."""
        with pytest.raises(KnowledgeError) as caught:
            load_knowledge(self.path)
        return caught.value.problems


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A sound copy of the project's data."""
    return Folder(tmp_path)


def entry(data: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of a file that has an id."""
    return next(one for one in data if one["id"] == name)


def test_an_untouched_copy_loads_like_the_project(folder: Folder, knowledge: Knowledge) -> None:
    assert load_knowledge(folder.path) == knowledge


def test_the_environment_names_another_folder(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.edit("operateur.yml", lambda data: data.update(nom="Association du Test"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder.path))
    assert load_knowledge.__wrapped__().operator.name == "Association du Test"


def test_a_missing_file_is_named_with_its_folder(folder: Folder) -> None:
    (folder.path / "faq.yml").unlink()
    assert folder.problems() == (f"faq.yml: the file is missing from {folder.path}",)


def test_broken_yaml_is_named_with_its_line(folder: Folder) -> None:
    (folder.path / "services.yml").write_text('- id: "17\n  nom: Police\n', encoding="utf-8")
    [problem] = folder.problems()
    assert problem.startswith("services.yml: not valid YAML")
    assert "line 1" in problem
    assert "\n" not in problem


def add_button(data: list[dict[str, Any]]) -> None:
    entry(data, "profil")["boutons"]["voisin"] = "Je suis un voisin"


def drop_button(data: list[dict[str, Any]]) -> None:
    del entry(data, "danger")["boutons"]["suicide"]


def follow_a_later_step(data: list[dict[str, Any]]) -> None:
    entry(data, "preuves")["avec_etape"] = ["suivi"]


def steal_an_alias(data: list[dict[str, Any]]) -> None:
    entry(data, "tiktok")["alias"].append("instagram")


DAMAGES: dict[str, tuple[str, Edit, tuple[str, ...]]] = {
    "an unknown key": (
        "steps.yml",
        lambda data: entry(data, "pharos").update(texet="Signalez."),
        ("steps.yml: pharos:", "'texet' was unexpected"),
    ),
    "a missing key": (
        "services.yml",
        lambda data: entry(data, "3018").pop("verifie_le"),
        ("services.yml: 3018:", "'verifie_le' is a required property"),
    ),
    "a missing variant of a text": (
        "questions.yml",
        lambda data: entry(data, "profil")["texte"].pop("tu"),
        ("questions.yml: profil.texte:", "'tu' is a required property"),
    ),
    "an unknown slot in a condition": (
        "steps.yml",
        lambda data: entry(data, "pharos").update(si={"contenu_publique": ["oui"]}),
        ("steps.yml: pharos.si:", "no fact « contenu_publique »", "expected one of danger, profil"),
    ),
    "an unknown value in a condition": (
        "steps.yml",
        lambda data: entry(data, "pharos").update(sauf={"profil": ["voisin"]}),
        ("steps.yml: pharos.sauf.profil:", "unknown value « voisin »", "expected one of victime, parent"),
    ),
    "an unknown value in the condition of a detail": (
        "steps.yml",
        lambda data: entry(data, "images_intimes")["precisions"][0].update(si={"victime_mineure": ["ouii"]}),
        ("steps.yml: images_intimes.precisions.0.si.victime_mineure:", "« ouii »"),
    ),
    "an unknown value in an implication": (
        "facts.yml",
        lambda data: data["implications"][0].update(alors={"plateforme_alertee": "sans doute"}),
        ("facts.yml: implications.0.alors.plateforme_alertee:", "« sans doute »"),
    ),
    "an unknown slot in an operator's help": (
        "operateur.yml",
        lambda data: data["aides"][0].update(pour={"age": ["13"]}),
        ("operateur.yml: aides.0.pour:", "no fact « age »"),
    ),
    "an unknown service of a step": (
        "steps.yml",
        lambda data: entry(data, "suivi").update(services=["3019"]),
        ("steps.yml: suivi.services:", "no service « 3019 » in services.yml"),
    ),
    "an unknown service of an answer": (
        "faq.yml",
        lambda data: data[0].update(services=["3019"]),
        ("faq.yml: ", "no service « 3019 » in services.yml"),
    ),
    "an unknown service of an alert": (
        "messages.yml",
        lambda data: data["alertes"]["danger"].update(services=["3019"]),
        ("messages.yml: danger.services:", "no service « 3019 » in services.yml"),
    ),
    "an id used twice": (
        "services.yml",
        lambda data: data.append(entry(data, "pharos")),
        ("services.yml: pharos:", "used 2 times", "rename or remove one"),
    ),
    "a step that follows a later one": (
        "steps.yml",
        follow_a_later_step,
        ("steps.yml: preuves.avec_etape:", "« suivi » is not the id of an earlier step"),
    ),
    "a step that follows nothing known": (
        "steps.yml",
        lambda data: entry(data, "avocat").update(avec_etape=["plainte"]),
        ("steps.yml: avocat.avec_etape:", "« plainte » is not the id of an earlier step"),
    ),
    "a question that depends on a later one": (
        "questions.yml",
        lambda data: entry(data, "profil").update(sauf={"auteur_connu": ["oui"]}),
        ("questions.yml: profil.sauf:", "« auteur_connu » is asked later"),
    ),
    "a question that fills no fact": (
        "questions.yml",
        lambda data: entry(data, "profil").update(id="metier"),
        ("questions.yml: metier:", "a question's id is a fact"),
    ),
    "a value without a button": (
        "questions.yml",
        drop_button,
        ("questions.yml: danger.boutons:", "no button gives « suicide »", "add one"),
    ),
    "a button without a value": (
        "questions.yml",
        add_button,
        ("questions.yml: profil.boutons:", "unknown value « voisin »"),
    ),
    "a button that is too long": (
        "questions.yml",
        lambda data: entry(data, "profil")["boutons"].update(parent="p" * 41),
        ("questions.yml: profil.boutons.parent:",),
    ),
    "a yes that means nothing": (
        "questions.yml",
        lambda data: entry(data, "danger").update(oui="peut-être"),
        ("questions.yml: danger.boutons:", "unknown value « peut-être »"),
    ),
    "a link in clear": (
        "services.yml",
        lambda data: entry(data, "pharos").update(url="http://www.internet-signalement.gouv.fr"),
        ("services.yml: pharos.url:", "'^https://'"),
    ),
    "hours that no clock shows": (
        "services.yml",
        lambda data: entry(data, "3018")["horaires"]["plages"][0].update(de="25:00"),
        ("services.yml: 3018.horaires.plages.0.de:", "25:00"),
    ),
    "an alias of two platforms": (
        "platforms.yml",
        steal_an_alias,
        ("platforms.yml: tiktok.alias:", "« instagram » already leads to instagram", "keep one"),
    ),
    "an article's place that names nothing": (
        "article.yml",
        lambda data: data[0].update(ou=["steps/inconnue"]),
        ("article.yml: a01.ou:", "« steps/inconnue » names nothing", "such as steps/pharos"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_mistake_is_named_with_its_file_its_key_and_the_fix(folder: Folder, damage: str) -> None:
    name, change, words = DAMAGES[damage]
    folder.edit(name, change)
    problems = folder.problems()
    start, *rest = words
    named = [problem for problem in problems if problem.startswith(start)]
    assert named, problems
    assert any(all(word in problem for word in rest) for problem in named), named


def test_an_exact_alias_of_two_platforms_is_a_mistake_too(folder: Folder) -> None:
    folder.edit("platforms.yml", lambda data: entry(data, "tiktok").update(alias_exacts=["instagram"]))
    assert any("« instagram » already leads to" in problem for problem in folder.problems())


def test_several_mistakes_are_all_named_at_once(folder: Folder) -> None:
    folder.edit("steps.yml", lambda data: entry(data, "suivi").update(services=["3019"]))
    folder.edit("questions.yml", drop_button)
    folder.edit("platforms.yml", steal_an_alias)
    assert [problem.split(":")[0] for problem in folder.problems()] == ["questions.yml", "steps.yml", "platforms.yml"]


def test_the_error_shows_every_problem(folder: Folder) -> None:
    (folder.path / "faq.yml").unlink()
    (folder.path / "steps.yml").unlink()
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(folder.path)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    assert len(caught.value.problems) == 2


# What every text keeps to.


def wordings(knowledge: Knowledge) -> Iterator[tuple[str, Wording]]:
    """Every text that people are shown, with the place where it is written."""
    for question in knowledge.questions.values():
        yield f"questions/{question.id}.texte", question.text
        yield f"questions/{question.id}.relance", question.retry
        yield f"questions/{question.id}.pourquoi", question.why
        for value, button in question.buttons.items():
            yield f"questions/{question.id}.boutons.{value}", button
    for step in knowledge.steps.values():
        yield from ((f"steps/{step.id}", text) for text in (step.title, step.text, step.dated_text) if text)
        yield from ((f"steps/{step.id}.precisions", detail.text) for detail in step.details)
    for answer in knowledge.faq.values():
        yield f"faq/{answer.id}", answer.text
    for name, message in {**knowledge.messages, **knowledge.alerts}.items():
        yield f"messages/{name}", message.text
    for own in knowledge.operator.helps:
        yield f"operateur/{own.title}", own.text


def texts(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Every text: its place, its variant, its words."""
    for where, wording in wordings(knowledge):
        for variant, text in wording.variants.items():
            yield f"{where}.{variant}", variant, text


def plain_facts(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Every other string that people are shown."""
    for service in knowledge.services.values():
        for text in (service.name, service.phone, service.sms, service.url, service.presentation, service.hours.text):
            yield f"services/{service.id}", text or ""
    for platform in knowledge.platforms.values():
        yield from ((f"platforms/{platform.id}", text or "") for text in (platform.name, platform.path, platform.link))
    for fact in knowledge.facts.values():
        yield from ((f"facts/{fact.id}", text) for text in fact.labels.values())


def is_familiar(variant: str) -> bool:
    """Tell whether a variant says « tu »."""
    return variant == "tu" or variant.endswith("_tu")


FORMAL = re.compile(r"(?<!rendez-)\b(?:vous|votre|vos|vôtres?)\b", re.IGNORECASE)
FAMILIAR = re.compile(r"\b(?:tu|te|toi|ton|tes|tiens?|tiennes?)\b|\bt['’]", re.IGNORECASE)
MARKDOWN = re.compile(r"\*|`|__|^\s*[#>-] |\]\(|<[a-z/]", re.MULTILINE)


def test_a_text_says_tu_or_vous_and_never_both(knowledge: Knowledge) -> None:
    mixed = [
        (where, found.group())
        for where, variant, text in texts(knowledge)
        if (found := (FORMAL if is_familiar(variant) else FAMILIAR).search(text))
    ]
    assert not mixed


def test_every_step_speaks_to_adults_and_to_minors(knowledge: Knowledge) -> None:
    for step in knowledge.steps.values():
        for wording in (step.title, step.text, *(detail.text for detail in step.details)):
            assert {"vous", "tu"} <= set(wording.variants), step.id
            assert all(wording.variants.values()), step.id


def test_no_text_has_markdown_or_html(knowledge: Knowledge) -> None:
    assert not [where for where, _, text in texts(knowledge) if MARKDOWN.search(text)]
    assert not [where for where, text in plain_facts(knowledge) if MARKDOWN.search(text)]


def test_no_text_has_an_empty_line(knowledge: Knowledge) -> None:
    """Rasa sends what follows an empty line as another message."""
    assert not [where for where, _, text in texts(knowledge) if "\n\n" in text]


def test_every_service_says_where_its_facts_come_from_and_when_they_were_checked(knowledge: Knowledge) -> None:
    for service in knowledge.services.values():
        assert service.source.startswith(("https://", "http://")), service.id
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", service.checked_on), service.id
        assert service.phone or service.sms or service.url, service.id


def test_every_step_says_what_it_rests_on(knowledge: Knowledge) -> None:
    assert all(step.sources for step in knowledge.steps.values())


def test_every_question_says_why_it_is_asked(knowledge: Knowledge) -> None:
    for question in knowledge.questions.values():
        assert all(len(text) > 20 for text in question.why.variants.values()), question.id


def test_every_button_fits_a_phone(knowledge: Knowledge) -> None:
    titles = [text for where, _, text in texts(knowledge) if ".boutons." in where]
    assert all(0 < len(title) <= 40 for title in (*titles, *knowledge.common_buttons.values()))


@pytest.mark.parametrize(
    ("level", "numbers"),
    [
        ("suicide", ("15", "112", "3114", "114", "3018")),
        ("danger", ("17", "112", "114", "15", "3018", "3114")),
        ("enfance", ("119", "17", "112", "114", "3018")),
    ],
)
def test_every_alert_names_its_numbers(knowledge: Knowledge, level: str, numbers: tuple[str, ...]) -> None:
    alert = knowledge.alerts[level]
    assert set(alert.services) == set(numbers)
    for variant, text in alert.text.variants.items():
        said = set(re.findall(r"\b\d{2,4}\b", text))
        assert set(numbers) <= said, (variant, numbers)


def test_there_is_a_text_for_every_alert_of_the_contract(knowledge: Knowledge) -> None:
    assert set(knowledge.alerts) == {"suicide", "danger", "enfance"}


def test_numbers_that_no_longer_answer_are_never_shown(knowledge: Knowledge) -> None:
    """3020 (school bullying) and 0800 200 000 (Net Écoute) became the 3018."""
    dead = re.compile(r"\b3020\b|\b0\s?800\s?200\s?000\b")
    assert not [where for where, _, text in texts(knowledge) if dead.search(text)]
    assert not [where for where, text in plain_facts(knowledge) if dead.search(text)]


def test_stopncii_is_only_for_people_known_to_be_adults(knowledge: Knowledge) -> None:
    adult = frozenset({"non"})
    for step in knowledge.steps.values():
        assert not [text for text in step.text.variants.values() if "StopNCII" in text], step.id
        shown = [ref.condition for ref in step.services if ref.id == "stopncii"]
        shown += [one.condition for one in step.details if any("StopNCII" in t for t in one.text.variants.values())]
        for condition in shown:
            assert condition.alternatives, step.id
            assert all(alternative.get("victime_mineure") == adult for alternative in condition.alternatives), step.id
    others = (*knowledge.faq.values(), *knowledge.messages.values(), *knowledge.alerts.values())
    assert not [one for one in others if "stopncii" in one.services or "StopNCII" in str(one.text.variants)]


def test_a_condition_names_only_what_can_be_known(knowledge: Knowledge) -> None:
    """A step that reads a fact nobody asks for, or can say, would never be reached."""
    known = set(knowledge.questions) | {"plateforme", "date_signalement"}
    for step in knowledge.steps.values():
        assert (step.condition.slots | step.maybe.slots | step.excluded.slots) <= known, step.id
