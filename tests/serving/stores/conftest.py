"""Conversations to keep, and each store on its real engine."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from boussole.serving.stores import PATH_VARIABLE
from boussole.serving.stores.postgresql import PostgresqlTrackerStore
from boussole.serving.stores.private import PrivateTrackerStore
from boussole.serving.stores.redis import RedisTrackerStore
from boussole.serving.stores.sqlite import SqliteTrackerStore
from tests.engines import Engine, postgresql_server, redis_server

WORDS = "motsecretquinedoitpasrester"
DOMAIN = Domain.from_yaml(
    "version: '3.1'\nintents: [repondre]\nslots: {profil: {type: text, mappings: [{type: custom}]}}"
)


@dataclass
class Place:
    """A store, the loop that it lives in, how to open it once more, and where its engine writes."""

    store: PrivateTrackerStore
    loop: asyncio.AbstractEventLoop
    again: Callable[[], PrivateTrackerStore]
    folder: Path
    engine: Engine | None

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Run one coroutine to its end."""
        return self.loop.run_until_complete(what)

    def on_disk(self) -> bytes:
        """Every byte that the engine writes: it is stopped for this, and so empties its memory, and started again."""
        if self.engine:
            self.engine.stop()
            self.engine.start()
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())


def tracker(sender: str, *events: Event) -> DialogueStateTracker:
    """A conversation with a message of the person's, then ``events``."""
    intent = {"name": "repondre", "confidence": 1.0}
    said = UserUttered(WORDS, intent, [{"entity": "profil", "value": "parent", "text": WORDS}], metadata={"x": WORDS})
    return DialogueStateTracker.from_events(sender, [said, SlotSet("profil", "parent"), *events])


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test choose its file."""
    monkeypatch.delenv(PATH_VARIABLE, raising=False)


@pytest.fixture(scope="session")
def redis_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with redis_server(tmp_path_factory.mktemp("redis")) as engine:
        yield engine


@pytest.fixture(scope="session")
def postgresql_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as engine:
        yield engine


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each store in turn, on its real engine."""
    loop = asyncio.new_event_loop()
    opened: list[PrivateTrackerStore] = []
    if request.param == "sqlite":
        folder, engine = tmp_path, None

        def make() -> PrivateTrackerStore:
            return SqliteTrackerStore(DOMAIN, path=str(tmp_path / "c.sqlite"))
    else:
        engine = request.getfixturevalue(f"{request.param}_engine")
        folder, url = engine.folder, engine.url
        kind = RedisTrackerStore if request.param == "redis" else PostgresqlTrackerStore

        def make() -> PrivateTrackerStore:
            return kind(DOMAIN, host=url)

    def again() -> PrivateTrackerStore:
        opened.append(make())
        return opened[-1]

    yield Place(again(), loop, again, folder, engine)
    for store in opened:
        loop.run_until_complete(store.close())
    loop.close()
