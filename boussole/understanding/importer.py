"""Rasa's file importer, with the NLU files read once and by libyaml: Rasa parses each of them six times, in Python."""

from pathlib import Path
from typing import Any

import rasa.shared.data
import yaml
from rasa.shared.exceptions import YamlSyntaxException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import KEY_NLU, RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.validation import validate_training_data_format_version


class Sentence(Message):
    """A message of the corpus, which nothing changes: a copy is itself.

    Rasa copies all training data deeply several times in a training, and works out the fingerprint of each copy.
    """

    def __deepcopy__(self, memo: Any) -> "Sentence":
        """Return this message."""
        return self


class CorpusImporter(RasaFileImporter):
    """What `config.yml` names under `importers`: Rasa's commands then read `data/` through it.

    The same files give the same training data as with Rasa's own importer. What is not checked here is the
    files' schema: `boussole corpus` and the tests check more of it.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        """Find the files; those with NLU data are read here.

        Raises:
            YamlSyntaxException: a file is not YAML.
        """
        self._contents: dict[str, dict[str, Any]] = {}
        self._training_data: TrainingData | None = None
        others = [path for path in _yaml_files(training_data_paths) if not self._takes(path)]
        super().__init__(config_file, domain_path, others)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of all NLU files, in the order of the files' names."""
        if self._training_data is None:
            readers = (_read(path, content) for path, content in self._contents.items())
            self._training_data = TrainingData().merge(super().get_nlu_data(language), *readers)
        return self._training_data

    def _takes(self, path: str) -> bool:
        """Tell whether a file has NLU data only, and keep its content then."""
        try:
            content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise YamlSyntaxException(path, error) from error
        if not isinstance(content, dict) or KEY_NLU not in content or content.keys() - {KEY_NLU, "version"}:
            return False
        self._contents[path] = content
        return True


def _yaml_files(paths: list[str] | str | None) -> list[str]:
    found: list[str] = rasa.shared.data.get_data_files(paths, rasa.shared.data.is_likely_yaml_file)
    return found


def _read(path: str, content: dict[str, Any]) -> TrainingData:
    reader = RasaYAMLReader()
    reader.filename = path
    if validate_training_data_format_version(content, path):
        reader._parse_nlu(content[KEY_NLU])
    sentences: list[Message] = [
        Sentence(message.data, message.output_properties, message.time, message.features)
        for message in reader.training_examples
    ]
    return TrainingData(
        sentences, reader.entity_synonyms, reader.regex_features, reader.lookup_tables, reader.responses
    )
