"""Logs that never hold a person's words."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from boussole.serving.logs import PrivateFormatter, configure_logs, scrub

SECRET = "motsecretquinedoitpasfuiter"


def test_a_structured_line_keeps_its_event_and_loses_what_it_carries() -> None:
    line = {"event": "processor.message.parse", "level": "error", "text": SECRET, "slots": {"nature": SECRET}}
    assert scrub(None, "error", line) == {"event": "processor.message.parse", "level": "error"}


def test_of_an_error_a_structured_line_keeps_the_kind() -> None:
    line = {"event": "actions.failed", "exc_info": ValueError(SECRET)}
    assert scrub(None, "error", line) == {"event": "actions.failed", "error_type": "ValueError"}


def test_an_error_that_is_only_announced_says_nothing_of_itself() -> None:
    assert scrub(None, "error", {"event": "actions.failed", "exc_info": True}) == {"event": "actions.failed"}


def line_of(error: BaseException, logger: str = "boussole.serving") -> dict[str, Any]:
    """What is written when ``logger`` says that ``error`` happened."""
    record = logging.LogRecord(
        logger, logging.ERROR, "place.py", 12, f"failed: {SECRET}", (), (type(error), error, error.__traceback__)
    )
    if logger.startswith("boussole"):
        record.msg = "a turn failed"
    line: dict[str, Any] = json.loads(PrivateFormatter().format(record))
    return line


def test_a_traceback_keeps_its_places_and_loses_its_words() -> None:
    def fail(words: str) -> None:
        raise ValueError(words)

    with pytest.raises(ValueError, match=SECRET) as caught:
        fail(SECRET)
    line = line_of(caught.value)
    assert (line["event"], line["error"]) == ("a turn failed", "ValueError")
    assert any("test_logs.py" in place and "in fail" in place for place in line["trace"])
    assert SECRET not in json.dumps(line)


def test_an_error_s_cause_is_not_written_either() -> None:
    def fail() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error

    with pytest.raises(ValueError, match=SECRET) as caught:
        fail()
    assert SECRET not in json.dumps(line_of(caught.value))


def test_of_another_library_s_line_only_the_place_is_written() -> None:
    line = line_of(ValueError(SECRET), "rasa.core.tracker_store")
    assert line["logger"] == "rasa.core.tracker_store"
    assert line["event"].endswith(":12")
    assert SECRET not in json.dumps(line)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the process writes to its log once it is configured; everything is put back afterwards."""
    stream = io.StringIO()
    root, settings = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    root.handlers = [logging.StreamHandler(stream)]
    configure_logs()
    yield stream
    root.handlers = handlers
    assert logging.lastResort
    logging.lastResort.setFormatter(None)
    root.setLevel(level)
    structlog.configure(**settings)


def test_every_line_is_a_json_object_with_its_time_level_and_event(written: io.StringIO) -> None:
    logging.getLogger("boussole.essai").error("a turn failed")
    line = json.loads(written.getvalue())
    assert (line["level"], line["logger"], line["event"]) == ("error", "boussole.essai", "a turn failed")
    assert datetime.fromisoformat(line["time"]).tzinfo is not None


def test_once_configured_an_ordinary_error_is_private(written: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("rasa.core").exception("failed with %s", SECRET)
    assert "ValueError" in written.getvalue()
    assert "test_logs" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_once_configured_a_structured_error_is_private(written: io.StringIO) -> None:
    structlog.get_logger().error("rasa.failed", text=SECRET, exc_info=ValueError(SECRET))
    line = json.loads(written.getvalue())
    assert (line["event"], line["error"]) == ("rasa.failed", "ValueError")
    assert SECRET not in written.getvalue()


def test_a_logger_that_is_cut_off_from_the_others_is_private_too(
    written: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """As Rasa leaves Sanic's, which quote the address that was called."""
    alone = logging.getLogger("alone")
    alone.propagate = False
    alone.error("while handling http://x/%s", SECRET)
    said = capfd.readouterr().err
    assert json.loads(said)["logger"] == "alone"
    assert SECRET not in said


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    logging.getLogger("rasa.core").info(SECRET)
    structlog.get_logger().info("rasa.message", text=SECRET)
    assert not written.getvalue()


def test_a_process_that_crashes_writes_no_word_and_no_core(tmp_path: Path) -> None:
    code = (
        "from boussole.serving.logs import configure_logs, leave_no_crash_report; import resource\n"
        "configure_logs(); leave_no_crash_report(); print(resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
        f"secret = '{SECRET[:6]}' + '{SECRET[6:]}'\nraise ValueError(secret)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 1
    assert ended.stdout == "0\n"
    assert json.loads(ended.stderr)["error"] == "ValueError"
    assert SECRET not in ended.stderr


def test_a_process_without_log_gets_one() -> None:
    root, settings = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers = []
        configure_logs(logging.ERROR)
        [handler] = root.handlers
        assert isinstance(handler.formatter, PrivateFormatter)
        assert root.level == logging.ERROR
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.configure(**settings)
