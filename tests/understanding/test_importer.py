"""The training data that Rasa's commands get through `config.yml`."""

from pathlib import Path

import pytest
from rasa.shared.exceptions import YamlSyntaxException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter

from boussole.triage.knowledge import PROJECT
from boussole.understanding.importer import CorpusImporter

NLU = """version: "3.1"
nlu:
- intent: saluer
  metadata: {sujet: aucun}
  examples: |
    - bonjour
    - on se connaît [Snap](plateforme:snapchat)
- intent: repondre
  examples:
  - text: "non, 12:30"
    metadata:
      question: danger
      faits: {danger: "non"}
- synonym: snapchat
  examples: |
    - snap
"""
STORIES = """version: "3.1"
stories:
- story: bonjour
  steps:
  - intent: saluer
  - action: action_listen
"""


def test_data_are_those_of_rasas_own_importer(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(NLU, encoding="utf-8")
    (tmp_path / "more.yml").write_text(NLU.replace("bonjour", "bonsoir") + STORIES[15:], encoding="utf-8")
    (tmp_path / "stories.yml").write_text(STORIES, encoding="utf-8")
    domain = str(PROJECT / "domain.yml")
    ours, theirs = (
        importer(domain_path=domain, training_data_paths=[str(tmp_path)])
        for importer in (CorpusImporter, RasaFileImporter)
    )
    read, expected = ours.get_nlu_data(), theirs.get_nlu_data()
    key = str
    assert sorted((message.as_dict() for message in read.training_examples), key=key) == sorted(
        (message.as_dict() for message in expected.training_examples), key=key
    )
    assert read.entity_synonyms == expected.entity_synonyms
    assert [step.block_name for step in ours.get_stories().story_steps] == [
        step.block_name for step in theirs.get_stories().story_steps
    ]


def test_the_projects_configuration_uses_it() -> None:
    importer = TrainingDataImporter.load_from_config(
        str(PROJECT / "config.yml"), str(PROJECT / "domain.yml"), [str(PROJECT / "data" / "nlu.yml")]
    )
    assert len(importer.get_nlu_data().training_examples) > 100


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(YamlSyntaxException, match=r"broken\.yml"):
        CorpusImporter(training_data_paths=[str(tmp_path)])
