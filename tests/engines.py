"""Real engines from Debian, started by the tests on free loopback ports: Redis, PostgreSQL, nginx."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from boussole.triage.knowledge import PROJECT

DEPLOY = PROJECT / "deploy"
# An engine that does not answer after this long will not.
PATIENCE_SECONDS = 60.0


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], bool], name: str) -> None:
    """Ask until ``what`` is true: the engine says when it is ready, not a clock."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if time.monotonic() > end:
            pytest.fail(f"{name} did not happen in {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.02)


def accepts(port: int) -> bool:
    """Tell whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str, *folders: Path) -> str:
    """The path of an engine's program; without it the test is not run, except where everything must be."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, folders)]))
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed (.ci/run installs it)")
    return found


@dataclass
class Engine:
    """An engine that can be stopped, killed and started again on the same port with the same data."""

    command: list[str]
    port: int
    folder: Path
    url: str
    user: str | None = None
    ready: Callable[[], bool] = lambda: True
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start, and come back when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder, user=self.user, group=self.user)
            )
        process = self.processes[-1]
        wait_for(lambda: process.poll() is not None or (accepts(self.port) and self.ready()), self.command[0])
        if process.poll() is not None:
            pytest.fail((self.folder / "log").read_text(errors="replace"))

    def stop(self) -> None:
        """Stop in good order."""
        # To PostgreSQL, SIGTERM would mean to wait for its clients.
        self.processes[-1].send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.processes[-1].wait(20)
        self.kill()

    def kill(self) -> None:
        """End at once, with nothing saved."""
        self.processes[-1].kill()
        self.processes[-1].wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[Engine]:
    """A Redis server that writes every change to its file."""
    port = free_port()
    command = [
        program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "always", "--save", "",
    ]  # fmt: skip
    engine = Engine(command, port, folder, f"redis://127.0.0.1:{port}/0")
    engine.start()
    try:
        yield engine
    finally:
        engine.kill()


@contextmanager
def postgresql_server(folder: Path) -> Iterator[Engine]:
    """A PostgreSQL server; root may not run it, so it then runs as `postgres`."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    user = "postgres" if os.geteuid() == 0 else None
    port, data = free_port(), folder / "data"
    if user:
        shutil.chown(folder, user)
        # The folders above are the test runner's alone.
        for parent in folder.parents:
            if parent == Path(parent.anchor) or parent == Path("/tmp"):
                break
            parent.chmod(parent.stat().st_mode | 0o011)
    subprocess.run(
        [program("initdb", *binaries), "-D", str(data), "-A", "trust", "-U", "boussole", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, user=user, group=user, cwd=folder,
    )  # fmt: skip
    command = [
        program("postgres", *binaries), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
        "-c", f"unix_socket_directories={folder}", "-c", "fsync=off",
    ]  # fmt: skip
    url = f"postgresql://boussole@127.0.0.1:{port}/postgres"

    def ready() -> bool:
        # It listens before it can answer.
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    engine = Engine(command, port, folder, url, user, ready)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def nginx(folder: Path, ports: Sequence[int], front: str = "") -> Engine:
    """nginx with the configuration of `deploy/`, in front of the processes at these ports; not started yet.

    ``front`` are its directives about a proxy before it.
    """
    port = free_port()
    values = {
        "BOUSSOLE_LISTEN": f"127.0.0.1:{port}",
        "BOUSSOLE_SERVERS": "\n".join(f"server 127.0.0.1:{behind} max_fails=1 fail_timeout=5s;" for behind in ports),
        "BOUSSOLE_FRONT": front,
        "BOUSSOLE_PAGES": str(DEPLOY / "nginx"),
    }
    site = re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], (DEPLOY / "nginx/boussole.conf.template").read_text())
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if Path("/root").owner() == Path("/proc/self").owner() else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{ worker_connections 4096; }} "
        f"http {{ {temporary} {site} }}"
    )
    return Engine([program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)], port, folder, "")
