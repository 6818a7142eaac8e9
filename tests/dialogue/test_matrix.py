"""The whole way: a person's client, a real homeserver, the channel, the trained bot, and back to a plan."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from boussole.channels.abilities import CHANNELS
from boussole.triage.knowledge import load_knowledge
from tests.channels.test_matrix import following
from tests.dialogue.conftest import NOON
from tests.homeserver import Homeserver, Person

OPENING = "on insulte mon fils sur instagram"
# How the person answers each question, should it be asked: by a number, or with words.
ANSWERS = {
    "danger": "3", "profil": "deux", "victime_mineure": "il a 13 ans", "nature": "1", "cadre_scolaire": "1",
    "contenu_public": "c'est dans un groupe privé", "moteur_recherche": "2", "auteur_connu": "aucune idée de qui c'est",
    "plateforme_alertee": "2",
}  # fmt: skip


def asked(text: str) -> str | None:
    """The id of the question that a message asks, if it asks one."""
    for question in load_knowledge().questions.values():
        if text.startswith(question.text.for_reader("vous", "parent")):
            return question.id
    return None


def test_a_parent_describes_answers_by_numbers_and_words_and_receives_the_plan(
    homeserver: Homeserver,
    agent: Any,
    loop: asyncio.AbstractEventLoop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOUSSOLE_MAINTENANT", NOON)
    done = load_knowledge().messages["apres_plan"].text.for_reader("vous")
    said: list[str] = []

    async def ask(message: UserMessage) -> None:
        await agent.handle_message(message)

    async def run() -> list[str]:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")

        def questions() -> list[str]:
            return [question for text in alix.heard(room) if (question := asked(text))]

        async with following(account, ask, tmp_path, agent=agent):
            room = await alix.open_room(account.user_id, is_direct=True)
            await alix.say(room, OPENING)
            while done not in alix.heard(room):
                await alix.until(lambda: len(questions()) > len(said) or done in alix.heard(room))
                for question in questions()[len(said) :]:
                    said.append(ANSWERS[question])
                    await alix.say(room, said[-1])
        await alix.client.close()
        return alix.heard(room)

    heard = loop.run_until_complete(run())
    knowledge = load_knowledge()
    assert heard[0] == knowledge.messages["accueil"].text.for_reader("vous")
    assert any(answer.isdigit() for answer in said)
    assert any(" " in answer for answer in said)
    plan = "\n".join(heard[next(n for n, text in enumerate(heard) if "Voici votre plan" in text) :])
    titles = re.findall(r"^\d+\. (.*)$", plan, re.MULTILINE)
    for step in ("preuves", "appeler_3018", "etablissement", "signaler_plateforme", "plainte_contre_x"):
        assert knowledge.steps[step].title.for_reader("vous", "parent") in titles
    assert "https://3018.fr" in plan
    # The plan came in several messages, none of them a wall of text.
    assert sum(text[0].isdigit() or "Voici votre plan" in text for text in heard) >= 3
    assert max(map(len, heard)) <= CHANNELS["matrix"].comfort
