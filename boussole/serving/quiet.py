"""What must be said to Rasa and its libraries before they are imported."""

import logging
import os
import warnings
from typing import Any

import structlog


def prepare() -> None:
    """Turn off telemetry, and keep the libraries' deprecation noise off the person's screen."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("LOG_LEVEL_LIBRARIES", "ERROR")
    # Rasa's structured log speaks at debug level until somebody sets a level.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # Rasa and TensorFlow put their own filters back when they are imported: the display itself is turned off.
    warnings.showwarning = _say_nothing


def _say_nothing(*_: Any, **__: Any) -> None:
    """Show no warning."""
