"""Starting quickly and small: what a server does not use is imported only if it is used (docs/adr/0023).

For ``boussole run`` and ``boussole chat`` only: trainings and Rasa's own commands import as they always did.
"""

import gc
import importlib
import os

from boussole.serving.later import import_at_once, import_later

# 0 starts as Rasa does: everything is imported, and spaCy reads the vectors.
SWITCH = "BOUSSOLE_LAZY"
# Rasa imports all of TensorFlow for these two, the progress bar and the batches of its trainings.
NEURAL = ("rasa.utils.tensorflow.callback", "rasa.utils.tensorflow.data_generator")
# What checks a configuration before a training names these; a model that has them gets the real ones.
COMPONENTS = (
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.selectors.response_selector",
    "rasa.core.policies.ted_policy",
)
# Libraries of channels, stores and drawings that Rasa imports whether they are configured or not, and spaCy, whose
# files are read by boussole.serving.spacy_files.
LIBRARIES = ("spacy", "matplotlib", "pymongo", "boto3", "webexteamssdk", "questionary")


def begin() -> None:
    """Import later what is not needed, and hold the garbage collector until :func:`settle`.

    Call it before Rasa is imported. Nothing happens when ``BOUSSOLE_LAZY`` is 0.
    """
    if os.environ.get(SWITCH) == "0":
        return
    # While modules and models are loaded nothing becomes garbage, and looking for it takes a third of the time.
    gc.disable()
    import_later((*NEURAL, *LIBRARIES, *COMPONENTS))
    # It names the components when it is imported, and with stand-ins: whoever comes after it gets the real ones.
    importlib.import_module("rasa.graph_components.validators.default_recipe_validator")
    import_at_once(COMPONENTS)
    from boussole.serving.spacy_files import read_little_words, use_static_vectors

    read_little_words()
    use_static_vectors()


def settle() -> None:
    """Collect what the start left, once, and never look again at what stays as long as the process."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()
