"""The component that Rasa trains, loads and asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_EXAMPLE, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from boussole.triage.conditions import Facts
from boussole.triage.knowledge import PROJECT
from boussole.understanding import components
from boussole.understanding.components import FORM, Understanding
from boussole.understanding.reader import Context, Reading
from tests.understanding.conftest import use_small_vectors

RESOURCE = Resource("understanding")


class Storage:
    """A folder in the place of Rasa's storage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def write_to(self, resource: Resource) -> Iterator[Path]:
        yield self.folder

    @contextmanager
    def read_from(self, resource: Resource) -> Iterator[Path]:
        yield self.folder


def sentence(
    text: str, intent: str, shared: dict[str, Any] | None = None, own: dict[str, Any] | None = None
) -> Message:
    """A training sentence as Rasa hands it over, with the labels of its block and its own."""
    metadata = {METADATA_INTENT: shared or {}, METADATA_EXAMPLE: own or {}}
    return Message({TEXT: text, INTENT: intent, METADATA: metadata})


def small_corpus() -> TrainingData:
    """A sentence or two for each thing that the component learns."""
    answers: dict[str, tuple[tuple[str, str], ...]] = {
        "danger": (("personne n'est en danger", "non"), ("il est en bas avec un couteau", "immediat")),
        "profil": (("je suis sa mère", "parent"), ("cela m'arrive à moi", "victime")),
        "victime_mineure": (("une enfant de primaire", "oui"), ("une adulte", "non")),
        "cadre_scolaire": (("des élèves de sa classe", "oui"), ("rien à voir avec l'école", "non")),
        "contenu_public": (("le monde entier", "oui"), ("entre nous seulement", "non")),
        "moteur_recherche": (("en tapant mon nom", "oui"), ("introuvable", "non")),
        "auteur_connu": (("je connais le coupable", "oui"), ("un parfait inconnu", "non")),
        "plateforme_alertee": (("c'est signalé", "oui"), ("pas encore signalé", "non")),
        "reponse_plateforme": (("refusé par insta", "refus"), ("aucune nouvelle", "attente")),
        "un_mois_passe": (("depuis longtemps", "oui"), ("depuis hier", "non")),
    }
    messages = [
        sentence(text, "repondre", {"question": slot, "faits": {slot: value}})
        for slot, pairs in answers.items()
        for text, value in pairs
    ]
    messages += [
        sentence("on m'insulte tous les jours", "insultes", {"faits": {"nature": ["insultes"]}}),
        sentence("on me menace", "menaces", None, {"faits": {"nature": ["menaces"], "profil": "victime"}}),
        sentence("je veux mourir", "detresse", {"faits": {"danger": "suicide"}}),
        sentence("oui", "affirmer"), sentence("non", "nier"), sentence("aucune idée", "ne_sait_pas"),
        sentence("retour", "retour"), sentence("quel temps fait-il", "hors_sujet"),
        sentence("c'est payant ?", "question", {"sujet": "gratuit"}),
        sentence("c'est anonyme ?", "question", {"sujet": "anonyme"}),
        sentence("oubliez mon âge", "corriger", {"oublie": ["victime_mineure"]}),
        sentence("oubliez qui je suis", "corriger", {"oublie": ["profil"]}),
    ]  # fmt: skip
    return TrainingData(messages)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a small component was trained, as in the fixture `small_vectors`."""
    import joblib

    folder = tmp_path_factory.mktemp("understanding")
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_backend("threading"):
        use_small_vectors(patch)
        component = Understanding.create(Understanding.get_default_config(), Storage(folder), RESOURCE, None)
        assert component.train(small_corpus()) == RESOURCE
    return folder


@pytest.fixture
def component(trained: Path, small_vectors: None, monkeypatch: pytest.MonkeyPatch) -> Understanding:
    """The trained component, loaded as Rasa loads it, on 20 November 2026."""
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-11-20T12:00:00")
    return Understanding.load({}, Storage(trained), RESOURCE, None)


def tracker(pending: str | None = None, form: str | None = FORM, **slots: Any) -> DialogueStateTracker:
    """A conversation in which ``pending`` was asked."""
    domain = Domain.load(str(PROJECT / "domain.yml"))
    found = DialogueStateTracker("a" * 32, domain.slots)
    found.update(ActiveLoop(form if pending else None))
    for slot, value in {**slots, "requested_slot": pending}.items():
        if slot in found.slots:
            found.update(SlotSet(slot, value))
    return found


def process(component: Understanding, text: str, conversation: DialogueStateTracker | None = None) -> Message:
    """The message once the component has read it."""
    [message] = component.process([Message({TEXT: text})], conversation)
    return message


def entities(message: Message) -> dict[str, list[str]]:
    """The entities of a message: name -> values."""
    found: dict[str, list[str]] = {}
    for entity in message.get(ENTITIES, ()):
        found.setdefault(entity["entity"], []).append(entity["value"])
    return found


def test_what_was_trained_is_stored_without_any_code(trained: Path) -> None:
    assert {file.suffix for file in trained.iterdir()} == {".json", ".npz"}
    fixed = json.loads((trained / "fixed.json").read_text(encoding="utf-8"))
    assert fixed["oui"] == ["affirmer", None]
    assert fixed["c est payant ?"] == ["question", "gratuit"]


def test_a_description_gets_its_intent_and_its_facts(component: Understanding) -> None:
    message = process(component, "on m'insulte tous les jours")
    assert message.get(INTENT)["name"] == "insultes"
    assert entities(message)["nature"] == ["insultes"]


def test_intent_and_entities_are_among_what_rasa_passes_on(component: Understanding) -> None:
    said = process(component, "on m'insulte tous les jours").as_dict(only_output_properties=True)
    assert {INTENT, ENTITIES} <= set(said)
    assert 0.0 <= said[INTENT]["confidence"] <= 1.0
    for entity in said[ENTITIES]:
        assert (entity["start"], entity["end"]) == (0, len("on m'insulte tous les jours"))


def test_an_answer_is_read_against_the_question_of_the_form(component: Understanding) -> None:
    assert entities(process(component, "oui", tracker("victime_mineure"))) == {"victime_mineure": ["oui"]}
    assert entities(process(component, "oui", tracker("auteur_connu"))) == {"auteur_connu": ["oui"]}


def test_without_a_tracker_or_outside_the_form_nothing_is_answered(component: Understanding) -> None:
    assert entities(process(component, "oui")) == {}
    assert entities(process(component, "oui", tracker())) == {}
    assert entities(process(component, "oui", tracker("auteur_connu", form="other_form"))) == {}


def test_an_alert_is_an_entity(component: Understanding) -> None:
    message = process(component, "je veux mourir")
    assert message.get(INTENT)["name"] == "detresse"
    assert entities(message)["alerte"] == ["suicide"]
    assert entities(message)["danger"] == ["suicide"]


def test_a_frequent_question_has_its_topic(component: Understanding) -> None:
    assert entities(process(component, "c'est payant ?")) == {"sujet": ["gratuit"]}


def test_a_date_is_counted_from_today(component: Understanding) -> None:
    found = entities(process(component, "on a signalé à la plateforme il y a 5 semaines"))
    assert found["date_signalement"] == ["2026-10-16"]


@pytest.mark.parametrize("text", ['/repondre{"danger": "suicide"}', "/resume", "/"])
def test_what_a_button_sends_is_left_to_rasa(component: Understanding, text: str) -> None:
    message = process(component, text)
    assert message.get(INTENT) is None
    assert message.get(ENTITIES) is None


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_message_is_empty(component: Understanding, text: str | None) -> None:
    [message] = component.process([Message({TEXT: text})])
    assert message.get(INTENT)["name"] == "vide"


def test_an_untrained_component_reads_nothing(tmp_path: Path) -> None:
    untrained = Understanding.create(Understanding.get_default_config(), Storage(tmp_path), RESOURCE, None)
    assert process(untrained, "on m'insulte").get(INTENT) is None


def test_a_component_without_its_files_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"model\.json"):
        Understanding.load({}, Storage(tmp_path), RESOURCE, None)


def test_the_training_data_goes_through_as_it_is(component: Understanding) -> None:
    data = small_corpus()
    assert component.process_training_data(data) is data


class Reader:
    """A reader that notes what it is asked, and says what it is told to."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.asked: list[tuple[str, Context]] = []

    def read(self, text: str, context: Context) -> Reading:
        self.asked.append((text, context))
        return self.reading


def with_reader(reading: Reading) -> tuple[Understanding, Reader]:
    """A component whose reader is known."""
    reader: Any = Reader(reading)
    storage: Any = None
    return Understanding(storage, RESOURCE, reader), reader


def test_everything_that_was_read_becomes_entities() -> None:
    facts: Facts = {"nature": ("menaces", "insultes"), "profil": "parent"}
    reading = Reading("detresse", 0.7, facts, ("suicide", "enfance"), "gratuit", ("danger",), True, True)
    component, _ = with_reader(reading)
    message = process(component, "texte")
    assert message.get(INTENT) == {"name": "detresse", "confidence": 0.7}
    assert entities(message) == {
        "nature": ["menaces", "insultes"], "profil": ["parent"], "alerte": ["suicide", "enfance"],
        "oublie": ["danger"], "sujet": ["gratuit"], "redacteur_mineur": ["oui"], "citation": ["oui"],
    }  # fmt: skip
    assert set(entities(message)) <= set(Domain.load(str(PROJECT / "domain.yml")).entities)


def test_the_reader_is_told_what_is_known_and_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", "2026-11-20T23:30:00")
    component, reader = with_reader(Reading("repondre"))
    process(component, "texte", tracker("danger", profil="parent", nature=["menaces"], victime_mineure="peut-être"))
    [(text, context)] = reader.asked
    assert text == "texte"
    assert context.today.isoformat() == "2026-11-20"
    assert context.pending == "danger"
    assert context.facts == {"profil": "parent", "nature": ("menaces",)}


def test_the_component_names_the_form_of_the_actions() -> None:
    from actions.case import FORM as ACTIONS_FORM

    assert components.FORM == ACTIONS_FORM
