"""A country's bad evening, in small: `make soak`."""

import asyncio
import os
from pathlib import Path

import pytest

from boussole.bench.load import run_load
from boussole.bench.processes import memory_of
from tests.servers import UNLIMITED, Server, running

CLIENTS = int(os.environ.get("BOUSSOLE_SOAK_CLIENTS", "500"))
SECONDS = float(os.environ.get("BOUSSOLE_SOAK_SECONDS", "120"))
# Python gives little memory back: what is looked for is growth that goes on.
FLAT = 1.05


@pytest.mark.soak
def test_many_clients_at_once_get_no_error_and_memory_stays_flat(tmp_path: Path) -> None:
    with running(Server(tmp_path / "soak", environment=UNLIMITED)) as server:
        assert server.process is not None
        webhook = [f"{server.root}/webhooks/rest/webhook"]
        loads, weights = [], []
        for _ in range(4):
            loads.append(asyncio.run(run_load(webhook, CLIENTS, SECONDS / 4)))
            weights.append(memory_of(server.process.pid))
            print(
                f"{CLIENTS} clients: {loads[-1].turns_per_second:.0f} turns/s, p50 {loads[-1].percentile(50):.1f} s, "
                f"p99 {loads[-1].percentile(99):.1f} s, {loads[-1].errors} errors, {weights[-1] / 2**20:.0f} MiB",
                flush=True,
            )
        assert [load.errors for load in loads] == [0] * 4
        assert all(load.latencies for load in loads)
        # Nobody was told that a part is down, either.
        assert b'outcome="breakdown"' not in server.get("/metrics")[1]
        # The first quarter fills caches and pools.
        assert weights[-1] <= weights[1] * FLAT, weights
        assert server.get("/sante")[0] == 200
