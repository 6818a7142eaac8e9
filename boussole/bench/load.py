"""Conversations by many clients at once, and how long each answer took."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from boussole.channels.gate import new_sender

# One description in words, then buttons: any Rasa deployment that has our domain and actions can answer it.
CONVERSATION = (
    "ma fille de 14 ans est insultée sur instagram",
    '/repondre{"danger": "non"}',
    '/repondre{"profil": "parent"}',
    '/repondre{"cadre_scolaire": "oui"}',
    '/repondre{"contenu_public": "non"}',
    '/repondre{"auteur_connu": "oui"}',
    '/repondre{"plateforme_alertee": "non"}',
    "/resume",
)
# A turn that takes longer is counted as an error.
TURN_TIMEOUT_SECONDS = 60.0


@dataclass
class Load:
    """What a load gave: ``latencies`` in seconds, ``errors`` by count, and how long it lasted in ``seconds``."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def turns_per_second(self) -> float:
        """Turns answered in a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """Return the latency that ``percent`` of the turns did not exceed, in seconds; 0 when there was no turn."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] if ordered else 0.0


async def run_load(urls: Sequence[str], clients: int, seconds: float) -> Load:
    """Let ``clients`` hold one conversation after the other for ``seconds``, each spread over ``urls``.

    Args:
        urls: the webhooks of one process or more; a client uses them in turn.
        clients: how many at once; each waits for its answer before it writes again.
        seconds: after which no new turn is begun.
    """
    load = Load()
    start = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=TURN_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(_client(session, urls, number, start + seconds, load) for number in range(clients)))
    load.seconds = time.perf_counter() - start
    return load


async def _client(session: aiohttp.ClientSession, urls: Sequence[str], number: int, end: float, load: Load) -> None:
    turn = number
    while time.perf_counter() < end:
        sender = new_sender()
        for message in CONVERSATION:
            if time.perf_counter() >= end:
                return
            turn += 1
            await _turn(session, urls[turn % len(urls)], {"sender": sender, "message": message}, load)


async def _turn(session: aiohttp.ClientSession, url: str, body: dict[str, str], load: Load) -> None:
    begin = time.perf_counter()
    try:
        async with session.post(url, json=body) as answer:
            good = answer.status == 200 and bool(await answer.json())
    except (aiohttp.ClientError, TimeoutError):
        good = False
    if good:
        load.latencies.append(time.perf_counter() - begin)
    else:
        load.errors += 1
