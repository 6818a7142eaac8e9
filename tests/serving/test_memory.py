"""The store that forgets: no words, not for long, and at once when asked."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, Restarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from boussole.serving.memory import ForgetfulTrackerStore

WORDS = "motsecretquinedoitpasrester"
PERSON, OTHER = "a" * 32, "b" * 32


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> ForgetfulTrackerStore:
    domain = Domain.from_yaml(
        "version: '3.1'\nintents: [repondre]\nslots: {profil: {type: text, mappings: [{type: custom}]}}"
    )
    return ForgetfulTrackerStore(domain, idle_minutes=60, clock=clock)


def tracker(sender: str, *events: Event) -> DialogueStateTracker:
    """A conversation with a message of the person's, then ``events``."""
    intent = {"name": "repondre", "confidence": 1.0}
    said = UserUttered(WORDS, intent, [{"entity": "profil", "value": "parent", "text": WORDS}], metadata={"x": WORDS})
    return DialogueStateTracker.from_events(sender, [said, SlotSet("profil", "parent"), *events])


def run(*steps: Callable[[], Any]) -> Any:
    """Run coroutines one after the other; return what the last one gives."""

    async def play() -> Any:
        return [await step() for step in steps][-1]

    return asyncio.run(play())


def test_a_conversation_goes_on_where_it_was(store: ForgetfulTrackerStore) -> None:
    found = run(lambda: store.save(tracker(PERSON)), lambda: store.retrieve(PERSON))
    assert found.get_slot("profil") == "parent"
    assert found.latest_message.intent["name"] == "repondre"


def test_nobody_s_words_are_kept(store: ForgetfulTrackerStore) -> None:
    asked = BotUttered("la question", {"custom": {"type": "question", "id": "danger", "text": WORDS}})
    run(lambda: store.save(tracker(PERSON, asked)))
    assert WORDS not in store.store[PERSON]
    assert '"id": "danger"' in store.store[PERSON]


def test_a_silent_conversation_is_forgotten_after_an_hour(store: ForgetfulTrackerStore, clock: Clock) -> None:
    run(lambda: store.save(tracker(PERSON)))
    clock.seconds = 59 * 60
    assert run(lambda: store.retrieve(PERSON)) is not None
    clock.seconds = 60 * 60
    assert run(lambda: store.retrieve(PERSON)) is None
    assert PERSON not in store.store


def test_the_oldest_goes_first_and_a_new_message_counts_again(store: ForgetfulTrackerStore, clock: Clock) -> None:
    run(lambda: store.save(tracker(PERSON)), lambda: store.save(tracker(OTHER)))
    clock.seconds = 40 * 60
    run(lambda: store.save(tracker(PERSON)))
    clock.seconds = 70 * 60
    store.forget_idle()
    assert list(store.store) == [PERSON]


def test_silence_is_forgotten_without_another_message(store: ForgetfulTrackerStore, clock: Clock) -> None:
    async def play() -> float:
        await store.save(tracker(PERSON))
        clock.seconds = 10 * 60
        await store.save(tracker(OTHER))
        clock.seconds = 60 * 60
        store._expire()
        assert list(store.store) == [OTHER]
        assert store._timer is not None
        return store._timer.when() - asyncio.get_running_loop().time()

    # The other conversation expires ten minutes later, not an hour later.
    assert asyncio.run(play()) == pytest.approx(10 * 60, abs=5)


def test_a_restart_forgets_at_once(store: ForgetfulTrackerStore) -> None:
    run(lambda: store.save(tracker(PERSON)), lambda: store.save(tracker(PERSON, Restarted())))
    assert PERSON not in store.store
