"""Logs that never hold a person's words.

Rasa's structured logs carry messages, slots and, in tracebacks, local variables (shared/rasa.md, table 0, line 9).
"""

import logging
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# The only things that a structured log line of Rasa's may say.
KEPT = frozenset({"event", "level", "logger", "timestamp", "error_type"})


def scrub(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep of a structlog line only what cannot come from a conversation."""
    error = line.get("exc_info")
    kept = {key: value for key, value in line.items() if key in KEPT}
    if isinstance(error, BaseException):
        kept["error_type"] = type(error).__name__
    return kept


class PrivateFormatter(logging.Formatter):
    """Writes an exception as its type and places, without its message or any value."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        """Return the type of the error and the lines of code that it went through."""
        kind, _, trace = ei
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]
        return "\n".join([getattr(kind, "__name__", "error"), *places])


def configure_logs(level: int = logging.WARNING) -> None:
    """Make every log line of this process private.

    Args:
        level: the lowest level that is written, as in :mod:`logging`.
    """
    structlog.configure(
        processors=[structlog.processors.add_log_level, scrub, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    # Rasa's own lines name conversations, and its start is not for the person's screen.
    logging.getLogger("rasa").setLevel(max(level, logging.ERROR))
    root = logging.getLogger()
    root.setLevel(level)
    for handler in root.handlers or [logging.StreamHandler()]:
        handler.setFormatter(PrivateFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        if handler not in root.handlers:
            root.addHandler(handler)
