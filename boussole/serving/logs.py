"""Logs that never hold a person's words: one JSON object a line.

Rasa's logs carry messages, slots and, in tracebacks, local variables (shared/rasa.md, table 0, line 9); any library may
put a value into a message. So a line of somebody else's code is reduced to where it was written and to what kind of
error it tells of; only our own modules, which name no value of a conversation, are quoted.
"""

import json
import logging
import resource
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog

# The only things that a structured log line of Rasa's may say.
KEPT = frozenset({"event", "level", "error_type"})
# Modules whose messages may be written as they are.
OWN = ("boussole", "actions")
# The attribute by which a structured line, whose event is a constant of Rasa's, is known to the formatter.
_STRUCTURED = "boussole_structured"


def scrub(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep of a structlog line only what cannot come from a conversation."""
    error = line.get("exc_info")
    kept = {key: value for key, value in line.items() if key in KEPT}
    if isinstance(error, BaseException):
        kept["error_type"] = type(error).__name__
    return kept


def _to_standard_log(_: Any, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {"msg": line["event"], "extra": {_STRUCTURED: True, "error_type": line.get("error_type")}}


class PrivateFormatter(logging.Formatter):
    """Writes a line as JSON: ``time``, ``level``, ``logger``, ``event``; ``error`` and ``trace`` when there is one.

    ``event`` is the message of our own code; of any other, the place in the code that wrote it. An error is written as
    its type and the places that it went through, without its message or any value.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if kind := getattr(record, "error_type", None):
            line["error"] = kind
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line |= {"error": kind.__name__, "trace": _places(trace)}
        return json.dumps(line, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    own = record.name.split(".")[0] in OWN
    if own or getattr(record, _STRUCTURED, False):
        return record.getMessage()
    return f"{record.module}.{record.funcName}:{record.lineno}"


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]


def configure_logs(level: int = logging.WARNING) -> None:
    """Make every log line of this process private, on standard error.

    Args:
        level: the lowest level that is written, as in :mod:`logging`.
    """
    structlog.configure(
        processors=[structlog.processors.add_log_level, scrub, _to_standard_log],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        # Loggers that Rasa made at import must follow.
        cache_logger_on_first_use=False,
    )
    # Rasa's own lines name conversations, and its start is not for the person's screen.
    logging.getLogger("rasa").setLevel(max(level, logging.ERROR))
    root = logging.getLogger()
    root.setLevel(level)
    for handler in root.handlers or [logging.StreamHandler()]:
        handler.setFormatter(PrivateFormatter())
        if handler not in root.handlers:
            root.addHandler(handler)
    # Rasa takes Sanic's loggers, which quote addresses, away from the root: they write with what is left.
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(PrivateFormatter())


def leave_no_crash_report() -> None:
    """Let a crash of this process write no memory to disk, and no value to its last words."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.excepthook = _last_words


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("the process ends", exc_info=(kind, error, trace))
