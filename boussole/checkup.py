"""What an operator looks at before opening, and once a month: ``boussole check --service --links``."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from boussole.triage.model import Knowledge

# A phone number or a link that nobody looked at for so long may be wrong.
FRESH = timedelta(days=365)
LINK_TIMEOUT_SECONDS = 15.0
_LINKS_AT_ONCE = 8
# Some sites answer only to what looks like a browser; these codes say « not you », not « not here ».
_CLOSED_TO_PROGRAMS = (401, 403, 405, 406, 429)
_USER_AGENT = "Mozilla/5.0 (compatible; boussole-check)"

Open = Callable[[str], int]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is ``fine``, and what to know about it."""

    fine: bool
    text: str


def check_age(knowledge: Knowledge, today: date) -> Iterator[Finding]:
    """Yield what was checked more than a year before ``today``, or one finding that says that nothing was."""
    dated = [(service.name, service.checked_on) for service in knowledge.services.values()]
    dated += [(platform.name, platform.checked_on) for platform in knowledge.platforms.values() if platform.checked_on]
    old = [(name, checked) for name, checked in dated if today - date.fromisoformat(str(checked)) > FRESH]
    if not old:
        yield Finding(True, f"facts: {len(dated)}, all checked within a year")
    for name, checked in old:
        yield Finding(False, f"fact: « {name} » was last checked on {checked} (verifie_le)")


def check_service(model: Path | None = None) -> Iterator[Finding]:
    """Yield what this machine would serve with: model, stores, channels.

    Args:
        model: a model archive; by default the newest whole one of `models/`.
    """
    for what, check in (("model", partial(_model, model)), ("stores", _stores), ("channels", _channels)):
        try:
            yield Finding(True, f"{what}: {check()}")
        except Exception as error:
            # Whatever is wrong with one part, the others are worth a look too.
            yield Finding(False, f"{what}: {error or type(error).__name__}")


def _model(model: Path | None) -> str:
    from boussole.serving.agent import check_model
    from boussole.serving.reader import load_reader

    archive = check_model(model)
    load_reader(archive)
    return f"{archive.name} can be loaded"


def _stores() -> str:
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore
    from rasa.shared.core.domain import Domain

    from boussole.serving.agent import endpoints

    async def ask() -> str:
        configured = endpoints()
        store = TrackerStore.create(configured.tracker_store, Domain.empty())
        locks = LockStore.create(configured.lock_store)
        if not hasattr(store, "shelf"):
            raise ValueError(f"{type(store).__name__} is not one of ours: it may keep people's words")
        try:
            await store.shelf.ping()
            if hasattr(locks, "ping"):
                await locks.ping()
        finally:
            await store.close()
        return f"{type(store).__name__} and {type(locks).__name__} answer"

    return asyncio.run(ask())


def _channels() -> str:
    from rasa.core.run import create_http_input_channels

    from boussole.serving.agent import credentials

    channels = create_http_input_channels(None, str(credentials()))
    return ", ".join(sorted(channel.name() for channel in channels))


def links(knowledge: Knowledge) -> list[str]:
    """Return every address that people or editors are sent to, once each."""
    found = [link for service in knowledge.services.values() for link in (service.url, service.source)]
    found += [link for platform in knowledge.platforms.values() for link in (platform.link, platform.source)]
    found += [source for step in knowledge.steps.values() for source in step.sources]
    found += [source for answer in knowledge.faq.values() for source in answer.sources]
    return sorted({link for link in found if link and link.startswith(("http://", "https://"))})


def check_links(addresses: list[str], open_link: Open | None = None) -> Iterator[Finding]:
    """Yield the addresses that do not lead anywhere, then how many do.

    Args:
        addresses: what to open.
        open_link: returns the HTTP status of an address; raises OSError when nobody answers.
    """
    with ThreadPoolExecutor(_LINKS_AT_ONCE) as threads:
        answers = list(threads.map(lambda link: _state(open_link or _open, link), addresses))
    if addresses and all(state is None for state in answers):
        yield Finding(True, "links: not opened, there is no network")
        return
    fine = 0
    for link, state in zip(addresses, answers, strict=True):
        if state is not None and (state < 400 or state in _CLOSED_TO_PROGRAMS):
            fine += 1
        else:
            yield Finding(False, f"link: {link} {'nobody answers' if state is None else f'answers {state}'}")
    yield Finding(True, f"links: {fine} of {len(addresses)} answer")


def _state(open_link: Open, link: str) -> int | None:
    try:
        return open_link(link)
    except OSError:
        return None


def _open(link: str) -> int:
    request = urllib.request.Request(link, headers={"User-Agent": _USER_AGENT})
    try:
        with urllib.request.urlopen(request, timeout=LINK_TIMEOUT_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
