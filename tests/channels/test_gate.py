"""What reaches the bot, whatever is sent."""

import json
import uuid

import pytest

from boussole.channels.gate import COMMANDS, UNREADABLE, BadSenderError, admit, check_sender, is_payload, new_sender
from boussole.triage.model import Knowledge
from boussole.understanding.normalise import READ_LIMIT


@pytest.mark.parametrize("sender", [str(uuid.UUID(int=7)), uuid.UUID(int=7).hex, "a" * 20, "Az09_-" * 10 + "abcd"])
def test_an_unguessable_conversation_id_is_accepted(sender: str) -> None:
    assert check_sender(sender) == sender


@pytest.mark.parametrize(
    "sender",
    [
        None,
        "",
        "default",
        "a" * 19,
        "a" * 65,
        "a" * 20 + "\n",
        "à" * 20,
        "a b" * 8,
        "a/../" * 5,
        12345678901234567890,
        [],
    ],
)
def test_any_other_conversation_id_is_refused_with_what_is_expected(sender: object) -> None:
    with pytest.raises(BadSenderError, match="20 to 64 characters"):
        check_sender(sender)


def test_a_new_conversation_id_is_accepted_and_never_the_same() -> None:
    assert check_sender(new_sender()) != check_sender(new_sender())


@pytest.mark.parametrize("text", ["on m'insulte", "", "3/4 de ma classe", "http://exemple.fr/page", "et/ou"])
def test_a_text_goes_through_as_it_is(text: str) -> None:
    assert admit(text).text == text
    assert not admit(text).truncated


def test_spaces_around_a_text_are_dropped() -> None:
    assert admit("  bonjour \n").text == "bonjour"


def test_a_long_text_is_cut_and_said_to_be() -> None:
    exact, longer = admit("a" * READ_LIMIT), admit("a" * (READ_LIMIT + 1))
    assert (len(exact.text), exact.truncated) == (READ_LIMIT, False)
    assert (len(longer.text), longer.truncated) == (READ_LIMIT, True)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_goes_through_as_a_payload(command: str) -> None:
    assert admit(f"/{command}").text == f"/{command}"
    assert admit(f" /{command} ").text == f"/{command}"


def test_what_every_button_sends_goes_through(knowledge: Knowledge) -> None:
    for question in knowledge.questions.values():
        for value in (*question.buttons, "inconnu"):
            payload = f"/repondre{json.dumps({question.id: value})}"
            assert admit(payload).text == payload


COMMANDS_OF_RASA = (
    "/restart",
    "/session_start",
    "/back",
    "//restart",
    "/ /restart",
    "/\n/restart",
    "/\u00a0/restart",
    "/ / / /session_start",
    "/insultes",
    "/repondre[]",
    "/je veux mourir :{",
)
FORGED_ANSWERS = (
    '/repondre{"danger": "peut-être"}',
    '/repondre{"danger": "non", "profil": "victime"}',
    '/repondre{"historique": "[]"}',
    '/repondre{"plateforme": "insta"}',
    '/repondre{"nature": ["insultes"]}',
    '/repondre{"danger": null}',
    "/repondre{}",
    "/repondre{danger}",
    "/repondre@0.9{}",
    '/{"danger": "non"}',
    '/ /repondre{"danger": "non"}',
    '/EXTERNAL: repondre{"danger": "non"}',
    '/repondre{"danger":' + "[" * 4_900 + "}",
)


@pytest.mark.parametrize("text", COMMANDS_OF_RASA)
def test_nobody_calls_an_intent_from_outside_and_the_words_stay(text: str) -> None:
    """A person may have typed them."""
    assert admit(text).text == text.lstrip("/ \n\u00a0")


@pytest.mark.parametrize("text", FORGED_ANSWERS, ids=lambda text: text[:40])
def test_nobody_sets_a_slot_from_outside_and_nothing_is_guessed_from_code(text: str) -> None:
    assert admit(text).text == UNREADABLE


@pytest.mark.parametrize("text", ["aide", "retour", 'repondre{"danger": "non"}', "", "/"])
def test_a_text_without_its_slash_is_no_payload(text: str) -> None:
    assert not is_payload(text)
