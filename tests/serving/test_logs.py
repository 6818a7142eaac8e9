"""Logs that never hold a person's words."""

import io
import logging
from collections.abc import Iterator

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


def test_a_traceback_keeps_its_places_and_loses_its_words() -> None:
    def fail(words: str) -> None:
        raise ValueError(words)

    with pytest.raises(ValueError, match=SECRET) as caught:
        fail(SECRET)
    written = PrivateFormatter().formatException((caught.type, caught.value, caught.tb))
    assert written.startswith("ValueError\n")
    assert "test_logs.py" in written
    assert "in fail" in written
    assert SECRET not in written


def test_an_error_s_cause_is_not_written_either() -> None:
    def fail() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error

    with pytest.raises(ValueError, match=SECRET) as caught:
        fail()
    assert SECRET not in PrivateFormatter().formatException((caught.type, caught.value, caught.tb))


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
    root.setLevel(level)
    structlog.configure(**settings)


def test_once_configured_an_ordinary_error_is_private(written: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("rasa.core").exception("a turn failed")
    assert "a turn failed" in written.getvalue()
    assert "ValueError" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_once_configured_a_structured_error_is_private(written: io.StringIO) -> None:
    structlog.get_logger().error("rasa.failed", text=SECRET, exc_info=ValueError(SECRET))
    assert "rasa.failed" in written.getvalue()
    assert "ValueError" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    logging.getLogger("rasa.core").info(SECRET)
    structlog.get_logger().info("rasa.message", text=SECRET)
    assert not written.getvalue()


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
