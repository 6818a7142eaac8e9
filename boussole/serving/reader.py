"""The reader of a trained model, without the dialogue around it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from boussole.serving import quiet
from boussole.understanding.reader import Reader


def load_reader(model: Path) -> Reader:
    """Return the reader that the model archive holds.

    Raises:
        OSError: the archive cannot be read.
        ValueError: it holds no trained ``Understanding`` component.
    """
    quiet.prepare()
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    from boussole.understanding.components import Understanding, stored_reader

    with TemporaryDirectory() as folder:
        storage, metadata = LocalModelStorage.from_model_archive(Path(folder), model)
        for node in metadata.predict_schema.nodes.values():
            if node.uses is Understanding and node.resource:
                return stored_reader(storage, node.resource)
    raise ValueError(f"{model}: it has no component « {Understanding.__name__} »; run « make train »")
