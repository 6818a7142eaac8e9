"""``python -m tests.faulty``: the command `boussole`, with faults that a test turns on while it runs.

Each fault is on as long as a file of its name is in the folder ``BOUSSOLE_FAULTS``: ``action`` and ``reading`` raise an
error that quotes the person; ``clock`` holds the seconds by which the machine's clock was set. ``BOUSSOLE_MODELS`` is
another folder of models.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["BOUSSOLE_FAULTS"])
_time = time.time


def is_on(fault: str) -> bool:
    """Tell whether a test has turned ``fault`` on."""
    return (FOLDER / fault).exists()


def _wrong_time() -> float:
    return _time() + (float((FOLDER / "clock").read_text()) if is_on("clock") else 0)


def install() -> None:
    """Put the faults in place."""
    from actions.plan import ActionResume
    from boussole.serving import agent
    from boussole.understanding.reader import Reader

    time.time = _wrong_time
    run, read = ActionResume.run, Reader.read

    def broken_run(self: Any, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        if is_on("action"):
            raise ValueError(f"broken by {tracker.latest_message} {tracker.slots}")
        return run(self, dispatcher, tracker, domain)

    def broken_read(self: Any, text: str, context: Any) -> Any:
        if is_on("reading"):
            raise ValueError(f"broken by {text}")
        return read(self, text, context)

    ActionResume.run = broken_run
    Reader.read = broken_read
    if folder := os.environ.get("BOUSSOLE_MODELS"):
        agent.latest_whole_model.__defaults__ = (Path(folder),)


if __name__ == "__main__":
    from boussole.cli import main

    install()
    sys.exit(main())
