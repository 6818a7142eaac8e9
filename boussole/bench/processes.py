"""Processes under measure: started together, asked until they answer, weighed, and ended."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from boussole.channels.gate import new_sender

START_TIMEOUT_SECONDS = 600.0
_ASK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


class DeploymentError(RuntimeError):
    """A deployment could not be started; the message says where its log is."""


@dataclass
class Deployment:
    """Processes that answer together: ``commands`` are started at once, ``urls`` are their webhooks."""

    name: str
    commands: Sequence[Sequence[str]]
    urls: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> float:
        """Start; return the seconds until every webhook gave its first answer.

        Raises:
            DeploymentError: a process ended, or nothing came in time.
        """
        begin = time.perf_counter()
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, command in enumerate(self.commands):
            with (self.folder / f"{number}.log").open("wb") as log:
                self.processes.append(
                    subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self.environment})
                )
        for url in self.urls:
            self._first_answer(url, begin)
        return time.perf_counter() - begin

    def _first_answer(self, url: str, begin: float) -> None:
        while not _answers(url):
            if any(process.poll() is not None for process in self.processes):
                raise DeploymentError(f"{self.name}: a process ended, see {self.folder}")
            if time.perf_counter() - begin > START_TIMEOUT_SECONDS:
                raise DeploymentError(f"{self.name}: no answer in {START_TIMEOUT_SECONDS:.0f} s, see {self.folder}")
            time.sleep(_ASK_SECONDS)

    def memory_bytes(self) -> int:
        """Return the memory of all the processes; what they share is counted once (PSS)."""
        return sum(memory_of(process.pid) for process in self.processes)

    def cpu_seconds(self) -> float:
        """Return the processor time that the processes have used so far."""
        return sum(_cpu(process.pid) for process in self.processes)

    def stop(self) -> None:
        """End every process."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def deployed(deployment: Deployment) -> Iterator[float]:
    """Start ``deployment``, give the seconds that its start took, and end it."""
    try:
        yield deployment.start()
    finally:
        deployment.stop()


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    body = json.dumps({"sender": new_sender(), "message": "bonjour"}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bool(json.load(answer))
    except (OSError, ValueError):
        return False


def memory_of(pid: int) -> int:
    """Return the memory of a process in bytes; what it shares with others counts for its part (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        # The command's name, in parentheses, may hold spaces: the numbers come after it.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0
