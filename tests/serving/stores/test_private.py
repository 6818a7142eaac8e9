"""What every store promises, on each real engine: no words, sealed, forgotten."""

import json

import pytest
from rasa.shared.core.events import AllSlotsReset, BotUttered, Restarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from boussole.channels.gate import new_sender
from boussole.serving.seal import BrokenSealError, row_key, unseal
from boussole.serving.stores.private import PrivateTrackerStore
from boussole.serving.turns import answering
from tests.serving.stores.conftest import WORDS, Place, tracker


def test_a_conversation_goes_on_where_it_was(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    found = place.run(place.store.retrieve(sender))
    assert found.get_slot("profil") == "parent"
    assert found.latest_message.intent["name"] == "repondre"


def test_another_process_finds_it_too(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    assert place.run(place.again().retrieve(sender)).get_slot("profil") == "parent"


def test_a_conversation_that_nobody_began_is_not_there(place: Place) -> None:
    assert place.run(place.store.retrieve(new_sender())) is None


def test_a_conversation_without_a_message_takes_no_room(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(DialogueStateTracker.from_events(sender, [])))
    assert place.run(place.store.shelf.read(row_key(sender))) is None


def state(store: PrivateTrackerStore, place: Place, sender: str) -> str:
    """What is kept of a conversation, opened with its id."""
    sealed = place.run(store.shelf.read(row_key(sender)))
    return unseal(sender, sealed).decode()


def test_nobody_s_words_are_kept_even_under_the_seal(place: Place) -> None:
    sender = new_sender()
    asked = BotUttered("la question", {"custom": {"type": "question", "id": "danger", "text": WORDS}})
    place.run(place.store.save(tracker(sender, asked, SlotSet("plateforme", WORDS), SlotSet("inconnu", WORDS))))
    kept = state(place.store, place, sender)
    assert WORDS not in kept
    assert '"id": "danger"' in kept
    assert '"value": "parent"' in kept


def test_without_its_id_nothing_of_a_conversation_can_be_read_on_the_disk(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    written = place.on_disk()
    # The row is there, or this test would prove nothing.
    assert row_key(sender).encode() in written
    for clear in (sender, WORDS, "parent", "profil", "repondre"):
        assert f'"{clear}"'.encode() not in written
        assert sender.encode() not in written


def test_the_conversation_goes_on_when_the_store_s_engine_was_stopped_and_started(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    place.on_disk()
    assert place.run(place.store.retrieve(sender)).get_slot("profil") == "parent"


def test_while_the_engine_is_away_the_error_is_not_hidden(place: Place) -> None:
    if place.engine is None:
        pytest.skip("a file is not away; test_sqlite has what can happen to it")
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    place.engine.stop()
    try:
        for attempt in (place.store.retrieve(sender), place.store.save(tracker(sender)), place.store.shelf.ping()):
            with pytest.raises(Exception, match=r"."):
                place.run(attempt)
    finally:
        place.engine.start()
    assert place.run(place.store.retrieve(sender)) is not None


def test_another_conversation_s_state_cannot_be_put_in_its_place(place: Place) -> None:
    one, other = new_sender(), new_sender()
    place.run(place.store.save(tracker(one)))
    place.run(place.store.shelf.write(row_key(other), place.run(place.store.shelf.read(row_key(one)))))
    with pytest.raises(BrokenSealError):
        place.run(place.store.retrieve(other))


def test_a_restart_erases_at_once(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    place.run(place.store.save(tracker(sender, Restarted())))
    assert place.run(place.store.shelf.read(row_key(sender))) is None


def test_forgotten_answers_are_no_restart(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender, AllSlotsReset())))
    assert place.run(place.store.retrieve(sender)).get_slot("profil") is None
    assert place.run(place.store.shelf.read(row_key(sender))) is not None


def test_a_message_that_comes_twice_finds_the_conversation_as_before_it(place: Place) -> None:
    sender = new_sender()
    place.run(place.store.save(tracker(sender)))
    with answering("second"):
        place.run(place.store.save(tracker(sender, *tracker(sender, SlotSet("profil", "temoin")).events)))
        assert place.run(place.store.retrieve(sender)).get_slot("profil") == "parent"
    for other in ("third", None):
        with answering(other):
            assert place.run(place.store.retrieve(sender)).get_slot("profil") == "temoin"


def test_the_store_says_that_it_works(place: Place) -> None:
    place.run(place.store.shelf.ping())


def test_nobody_can_list_the_conversations(place: Place) -> None:
    place.run(place.store.save(tracker(new_sender())))
    assert place.run(place.store.keys()) == []


def test_what_is_kept_is_small(place: Place) -> None:
    sender = new_sender()
    long = tracker(sender, *[event for _ in range(10) for event in tracker(sender).events])
    place.run(place.store.save(long))
    assert len(place.run(place.store.shelf.read(row_key(sender)))) < len(json.dumps([e.as_dict() for e in long.events]))
