"""The HTTP server: Rasa's own, with the actions in the same process."""

import os
import resource
import socket
from pathlib import Path
from typing import Any

from boussole.serving import quiet, start
from boussole.serving.agent import (
    NoModelError,
    check_model,
    credentials,
    endpoints,
    rehearse,
    trust_the_store,
    unusable,
)

# Connections that may stand before the door while a turn is under way. A school is more than Rasa's 100; who finds no
# place is told nothing, and knocks again after 1, 3, 7, 15, 31 and 63 seconds. The kernel's own limit is mostly 4096.
QUEUE = 4096
# Each connection is an open file, and a process may often have only 1024 unless it asks for more.
OPEN_FILES = 65_536


def serve(port: int, interface: str = "127.0.0.1", model: Path | None = None) -> None:
    """Serve the channels of `credentials.yml` until the process is stopped.

    Rasa's HTTP API stays off: only the channels answer.

    Args:
        port: TCP port, 1 to 65535.
        interface: the address to listen on; the default answers this machine only.
        model: a model archive; by default the newest of `models/`.

    Raises:
        OSError: the port is taken, or the interface is not one of this machine.
        NoModelError: there is no trained model, or it cannot be loaded: a bot that understands nothing must not serve.
    """
    quiet.prepare()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Sanic would end on a busy port with a traceback and the exit code of success.
        probe.bind((interface, port))
    archive = check_model(model)
    from rasa.core.run import serve_application
    from rasa.utils.common import configure_logging_and_warnings

    from boussole.serving.logs import configure_logs, leave_no_crash_report

    os.environ.setdefault("SANIC_BACKLOG", str(QUEUE))
    _allow_open_files()
    configure_logging_and_warnings(log_level=None, warn_only_once=True)
    configure_logs()
    leave_no_crash_report()
    failed = []

    async def announce(app: Any, _: Any) -> None:
        if not app.ctx.agent.is_ready():
            failed.append(archive)
            app.stop()
            return
        trust_the_store(app.ctx.agent)
        await rehearse(app.ctx.agent)
        start.settle()
        address = f"http://{interface}:{port}/"
        print(f"Boussole répond sur {address} (Ctrl-C pour arrêter)", flush=True)

    serve_application(
        model_path=str(archive),
        interface=interface,
        port=port,
        credentials=str(credentials()),
        enable_api=False,
        endpoints=endpoints(),
        server_listeners=[(announce, "after_server_start")],
    )
    if failed:
        raise NoModelError(unusable(archive))


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
