"""Matrix, against a real Synapse on the loopback, with a real client that plays the person."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import nio
import pytest
from rasa.utils.endpoints import EndpointConfig

from boussole.channels.abilities import CHANNELS
from boussole.channels.delivery import WAITS
from boussole.channels.desk import LATER, Desk
from boussole.channels.gate import check_sender
from boussole.channels.identity import MissingSecretError
from boussole.channels.ledger import SqliteLedger
from boussole.channels.matrix import NAME, OLDEST, MatrixInput
from boussole.serving.locks import RedisLockStore
from boussole.triage.knowledge import load_knowledge
from tests.channels.platforms import KEY, QUESTION, SECRET, Bot, Kept, Waits, door
from tests.engines import redis_server
from tests.homeserver import Account, Gateway, Homeserver, Person, gateway

GROUP = load_knowledge().messages["groupe"].text.for_reader("vous")
ENCRYPTED = load_knowledge().messages["chiffre"].text.for_reader("vous")
UNREADABLE = load_knowledge().messages["illisible"].text.for_reader("vous")
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@asynccontextmanager
async def following(
    account: Account, bot: Callable[[Any], Awaitable[None]], folder: Path, **settings: Any
) -> AsyncIterator[MatrixInput]:
    """The bot, following the homeserver until the end of the block."""
    ledger = SqliteLedger(folder / "canaux.sqlite")
    desk = Desk(NAME, CHANNELS[NAME], KEY, ledger, settings.pop("waits", asyncio.sleep), insists=True)
    desk.join(settings.pop("agent", None))
    channel = MatrixInput(
        desk, ledger, account.url, account.token,
        settings.pop("invitations", ["*:essai.local"]), folder / "verrou", **settings,
    )  # fmt: skip
    task = asyncio.create_task(channel.follow(bot))
    try:
        yield channel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        ledger.close()


Scene = Callable[[Person, Account, Bot], Awaitable[None]]


def scene(homeserver: Homeserver, folder: Path, play: Scene, bot: Bot | None = None, **settings: Any) -> None:
    """Play with a person and a bot, each with a new account; the bot is there from the start."""

    async def run() -> None:
        account = await homeserver.register("boussole")
        alix = await Person.of(homeserver, "alix")
        talker = bot or Bot()
        try:
            async with following(account, talker, folder, **settings):
                await play(alix, account, talker)
        finally:
            await alix.client.close()

    asyncio.run(run())


async def joined(person: Person, account: Account, room: str) -> None:
    """Wait until the bot is in the room."""
    await person.until(lambda: (room, account.user_id) in person.joined)


def test_invited_to_a_direct_chat_it_joins_and_answers_there(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id, is_direct=True)
        await alix.say(room, "on m'insulte")
        assert await alix.hears(room, "Réponse 1.")
        assert bot.texts == ["on m'insulte"]
        event = alix.seen[-1][1]
        assert isinstance(event, nio.RoomMessageNotice)
        assert event.sender == account.user_id

    scene(homeserver, tmp_path, play)


def test_choices_are_numbered_and_a_number_or_words_answer(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id)
        await alix.say(room, "bonjour")
        assert "2. Je suis parent" in await alix.hears(room, "Qui êtes-vous ?")
        await alix.say(room, "deux")
        await alix.hears(room, "Réponse 2.")
        await alix.say(room, "c'est ma fille")
        await alix.hears(room, "Réponse 3.")
        assert bot.texts[1:] == ['/repondre{"profil": "parent"}', "c'est ma fille"]

    scene(homeserver, tmp_path, play, Bot([[QUESTION]]), agent=Kept(requested_slot="profil"))


def test_phone_numbers_can_be_tapped(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id)
        await alix.say(room, "bonjour")
        await alix.hears(room, "Appelez")
        event = alix.seen[-1][1]
        assert isinstance(event, nio.RoomMessageNotice)
        assert '<a href="tel:3018">3018</a>' in str(event.formatted_body)

    scene(homeserver, tmp_path, play, Bot([[{"text": "Appelez le 3018."}]]))


def test_each_room_and_person_has_its_own_conversation(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        for number in (1, 2):
            room = await alix.open_room(account.user_id)
            await alix.say(room, f"bonjour {number}")
            await alix.hears(room, "Réponse")
        ids = [check_sender(message.sender_id) for message in bot.heard]
        assert ids[0] != ids[1]
        assert not any(part in identity for identity in ids for part in ("alix", room))

    scene(homeserver, tmp_path, play)


def test_the_homeserver_s_rate_limit_delays_and_loses_nothing(
    homeserver: Homeserver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        await homeserver.limit(account, per_second=2, burst=2)
        room = await alix.open_room(account.user_id)
        await alix.say(room, SECRET)
        await alix.hears(room, "Partie 5.")
        assert alix.heard(room) == [f"Partie {number}." for number in range(6)]

    scene(homeserver, tmp_path, play, Bot([[{"text": f"Partie {number}."} for number in range(6)]]))
    assert "matrix is busy" in caplog.text
    assert "M_LIMIT_EXCEEDED" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("broken", [500, 502, 429, 0], ids=["500", "502", "429", "hangs up"])
def test_a_homeserver_that_breaks_gets_the_answer_later_once_and_in_order(
    homeserver: Homeserver, tmp_path: Path, broken: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        waits, bot = Waits(), Bot([[{"text": "Un."}, {"text": "Deux."}]])
        async with gateway(homeserver) as before:
            room = await alix.open_room(account.user_id)
            before.script += [broken] * 3
            async with following(replace(account, url=before.url), bot, tmp_path, waits=waits):
                await alix.say(room, SECRET)
                await alix.hears(room, "Deux.")
        assert alix.heard(room) == ["Un.", "Deux."]
        assert len(bot.heard) == 1
        assert waits.seconds == [1.0, 2.0, 4.0]
        await alix.client.close()

    with caplog.at_level(logging.DEBUG, "boussole"):
        asyncio.run(run())
    assert "matrix is busy, trying again" in caplog.text
    assert SECRET not in caplog.text


def test_an_answer_that_was_given_up_is_tried_again_later_with_the_rest_of_it_only(
    homeserver: Homeserver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reply = [{"text": "Un."}, {"text": "Deux."}]
    waits = Waits()

    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        bot = Bot([reply, reply])
        async with gateway(homeserver) as before:
            room = await alix.open_room(account.user_id)
            address = replace(account, url=before.url)
            async with following(address, bot, tmp_path, waits=waits):
                await alix.say(room, SECRET)
                await alix.hears(room, "Un.")
                await alix.hears(room, "Deux.")
                # The next one passes in its turn.
                await alix.say(room, "merci")
                await alix.hears(room, "Réponse 3.")
            assert len(before.sends) == len(set(before.sends)) + len(WAITS) + 1
        assert alix.heard(room) == ["Un.", "Deux.", "Réponse 3."]
        await alix.client.close()

    first = Gateway.pass_on

    async def pass_on(before: Gateway, request: Any) -> Any:
        # The second message is the one that does not pass, until it is given up.
        if "/send/" in request.path and len(before.sends) == 1 and not before.script:
            before.script += [500] * (len(WAITS) + 1)
        return await first(before, request)

    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.DEBUG, "boussole"):
        patch.setattr(Gateway, "pass_on", pass_on)
        asyncio.run(run())
    assert waits.seconds == [*WAITS, LATER]
    assert "given up for now: status 500" in caplog.text
    assert SECRET not in caplog.text


def test_a_homeserver_that_cannot_be_followed_for_a_while_loses_nothing(
    homeserver: Homeserver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        waits = Waits()
        async with gateway(homeserver) as before:
            room = await alix.open_room(account.user_id)
            before.syncs += [500, 0, 429]
            async with following(replace(account, url=before.url), Bot(), tmp_path, sleep=waits):
                await alix.say(room, "bonjour")
                await alix.hears(room, "Réponse 1.")
        assert waits.seconds == [1, 2, 5]
        await alix.client.close()

    with caplog.at_level(logging.DEBUG, "boussole"):
        asyncio.run(run())
    assert "the homeserver cannot be followed" in caplog.text


def test_after_a_restart_it_answers_what_came_meanwhile_and_nothing_twice(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        room = await alix.open_room(account.user_id)
        for text, said in (("un", "Réponse 1."), ("deux", "Réponse 2.")):
            # The second time, the message waits for the bot.
            await alix.say(room, text) if text == "deux" else None
            bot = Bot([[{"text": said}]])
            async with following(account, bot, tmp_path):
                await alix.say(room, text) if text == "un" else None
                await alix.hears(room, said)
            assert bot.texts == [text]
        assert alix.heard(room) == ["Réponse 1.", "Réponse 2."]
        await alix.client.close()

    asyncio.run(run())


def test_a_message_let_go_of_at_a_stop_is_answered_after_the_restart(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        room = await alix.open_room(account.user_id)
        stuck = Bot(hold=asyncio.Event())
        async with following(account, stuck, tmp_path) as channel:
            await alix.say(room, "au secours")
            await stuck.called.wait()
            await channel._desk.finish(seconds=0)
        bot = Bot()
        async with following(account, bot, tmp_path):
            await alix.hears(room, "Réponse 1.")
        assert bot.texts == ["au secours"]
        await alix.client.close()

    asyncio.run(run())


def test_what_was_said_before_it_was_invited_is_not_its_concern(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room()
        await alix.say(room, SECRET)
        await alix.client.room_invite(room, account.user_id)
        await joined(alix, account, room)
        await alix.say(room, "bonjour")
        await alix.hears(room, "Réponse 1.")
        assert bot.texts == ["bonjour"]

    scene(homeserver, tmp_path, play)


def test_without_a_kept_place_old_messages_are_not_answered(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        room = await alix.open_room(account.user_id)
        async with following(account, Bot(), tmp_path):
            await joined(alix, account, room)
        await alix.say(room, "ancien")
        (tmp_path / "neuf").mkdir()
        bot = Bot()
        async with following(account, bot, tmp_path / "neuf"):
            other = await alix.open_room(account.user_id)
            await alix.say(other, "bonjour")
            await alix.hears(other, "Réponse 1.")
            await alix.say(room, "nouveau")
            await alix.hears(room, "Réponse 2.")
        assert bot.texts == ["bonjour", "nouveau"]
        await alix.client.close()

    asyncio.run(run())


def test_a_message_of_more_than_a_day_ago_is_left_alone(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        room = await alix.open_room(account.user_id)
        async with following(account, Bot(), tmp_path):
            await joined(alix, account, room)
        await alix.say(room, "ancien")
        now = [0.0]
        stamp = (await alix.client.sync()).rooms.join[room].timeline.events[-1].server_timestamp / 1000
        now[0] = stamp + OLDEST + 1
        bot = Bot()
        async with following(account, bot, tmp_path, clock=lambda: now[0]):
            other = await alix.open_room(account.user_id)
            await joined(alix, account, other)
            now[0] = stamp
            await alix.say(other, "bonjour")
            await alix.hears(other, "Réponse 1.")
        assert bot.texts == ["bonjour"]
        await alix.client.close()

    asyncio.run(run())


def test_it_declines_invitations_from_outside_the_list(
    homeserver: Homeserver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id)
        await alix.until(lambda: (room, account.user_id) in alix.left)
        assert (room, account.user_id) not in alix.joined

    scene(homeserver, tmp_path, play, invitations=["*:exemple.fr", "@quelqu-un:essai.local"])
    assert "outside the list" in caplog.text


def test_it_leaves_a_room_where_it_stays_alone(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        async with following(account, Bot(), tmp_path) as channel:
            room, other = [await alix.open_room(account.user_id) for _ in range(2)]
            for place in (room, other):
                await joined(alix, account, place)
            await alix.client.room_leave(room)
            await alix.say(other, "bonjour")
            await alix.hears(other, "Réponse 1.")
            rooms = await channel._client.joined_rooms()
            assert rooms.rooms == [other]
        await alix.client.close()

    asyncio.run(run())


@pytest.mark.parametrize("settings", [{}, {"preset": nio.RoomPreset.public_chat}], ids=["three people", "public"])
def test_in_a_group_or_a_public_room_it_only_offers_the_private_chat(
    homeserver: Homeserver, tmp_path: Path, settings: dict[str, Any]
) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        camille = await Person.of(homeserver, "camille")
        bot = Bot()
        async with following(account, bot, tmp_path):
            guests = () if settings else (camille.client.user_id,)
            room = await alix.open_room(*guests, account.user_id, **settings)
            # On coming in, it says so.
            assert f"https://matrix.to/#/{account.user_id}" in await alix.hears(room, GROUP)
            await alix.say(room, SECRET)
            await alix.say(room, f"{account.user_id} {SECRET}")
            await alix.until(lambda: len(alix.heard(room)) == 2)
            await alix.say(room, "et toi ?", **{"m.mentions": {"user_ids": [account.user_id]}})
            await alix.until(lambda: len(alix.heard(room)) == 3)
        assert not bot.heard
        assert SECRET not in "".join(alix.heard(room))
        for person in (alix, camille):
            await person.client.close()

    asyncio.run(run())


def test_in_an_encrypted_room_it_says_once_that_it_cannot_read(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id, initial_state=[ENCRYPTION])
        await alix.hears(room, ENCRYPTED)
        cipher = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "device_id": "D", "sender_key": "k",
                  "session_id": "s"}  # fmt: skip
        for _ in range(2):
            await alix.send(room, cipher, "m.room.encrypted")
        clear = await alix.open_room(account.user_id)
        await alix.say(clear, "bonjour")
        await alix.hears(clear, "Réponse 1.")
        assert alix.heard(room) == [ENCRYPTED]
        assert bot.texts == ["bonjour"]

    scene(homeserver, tmp_path, play)


@pytest.mark.parametrize("kind", ["m.image", "m.audio", "m.video", "m.file", "m.location"])
def test_a_picture_or_a_voice_is_not_read_nor_downloaded(homeserver: Homeserver, tmp_path: Path, kind: str) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id)
        await alix.send(room, {"msgtype": kind, "body": SECRET, "url": "mxc://essai.local/x", "geo_uri": "geo:0,0"})
        await alix.hears(room, UNREADABLE)
        assert not bot.heard

    scene(homeserver, tmp_path, play)


def test_other_bots_corrections_and_reactions_are_left_alone(homeserver: Homeserver, tmp_path: Path) -> None:
    async def play(alix: Person, account: Account, bot: Bot) -> None:
        room = await alix.open_room(account.user_id)
        notice = await alix.send(room, {"msgtype": "m.notice", "body": "je suis un autre programme"})
        first = {"rel_type": "m.replace", "event_id": notice}
        correction = {"msgtype": "m.text", "body": "* x", "m.new_content": {"msgtype": "m.text", "body": "x"}}
        await alix.send(room, {**correction, "m.relates_to": first})
        await alix.send(room, {"inconnu": True}, "org.exemple.inconnu")
        await alix.say(
            room, "> <@x:y> avant\n\nma réponse", **{"m.relates_to": {"m.in_reply_to": {"event_id": notice}}}
        )
        await alix.hears(room, "Réponse 1.")
        assert bot.texts == ["ma réponse"]

    scene(homeserver, tmp_path, play)


def test_only_one_process_at_a_time_follows(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        waiting, free = asyncio.Event(), asyncio.Event()

        async def wait(_: float) -> None:
            waiting.set()
            await free.wait()

        first, second = Bot(), Bot([[{"text": "Le second répond."}]])
        async with following(account, first, tmp_path):
            room = await alix.open_room(account.user_id)
            await alix.say(room, "un")
            await alix.hears(room, "Réponse 1.")
            relay = asyncio.create_task(_hold(account, second, tmp_path, wait, alix, room))
            await waiting.wait()
        free.set()
        await relay
        assert (first.texts, second.texts) == (["un"], ["deux"])
        await alix.client.close()

    async def _hold(
        account: Account, bot: Bot, folder: Path, wait: Callable[[float], Awaitable[None]], alix: Person, room: str
    ) -> None:
        async with following(account, bot, folder, sleep=wait):
            await alix.say(room, "deux")
            await alix.hears(room, "Le second répond.")

    asyncio.run(run())


def test_two_machines_that_share_redis_may_both_follow(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        (tmp_path / "redis").mkdir()
        with redis_server(tmp_path / "redis") as redis:
            machines = []
            for name in ("une", "autre"):
                agent, bot = Kept(), Bot([[{"text": f"Réponse {number}."}] for number in range(1, 9)])
                agent.lock_store = RedisLockStore(EndpointConfig(redis.url))
                (tmp_path / name).mkdir()
                machines.append((following(account, bot, tmp_path / name, agent=agent), bot))
            (one, first), (two, second) = machines
            async with two:
                async with one:
                    room = await alix.open_room(account.user_id)
                    for number in range(5):
                        await alix.say(room, f"message {number}")
                        await alix.until(lambda: len(alix.heard(room)) > number)  # noqa: B023
                # One of them stops: the other goes on alone.
                await alix.say(room, "encore")
                await alix.until(lambda: len(alix.heard(room)) > 5)
            other = await alix.open_room()
            await alix.say(other, "fini")
            assert len(alix.heard(room)) == 6
            assert sorted(first.texts + second.texts) == ["encore", *(f"message {number}" for number in range(5))]
        await alix.client.close()

    asyncio.run(run())


def test_a_homeserver_that_cannot_be_reached_is_tried_again_without_words_in_the_log(
    homeserver: Homeserver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        account = await homeserver.register("boussole")
        tried = asyncio.Event()
        waits: list[float] = []

        async def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                tried.set()
                await asyncio.Event().wait()

        wrong = Account(account.url, account.user_id, "mauvais-jeton", account.device_id)
        async with following(wrong, Bot(), tmp_path, sleep=wait):
            await tried.wait()
        assert waits == [1, 2, 5]

    with caplog.at_level(logging.INFO):
        asyncio.run(run())
    assert "M_UNKNOWN_TOKEN" in caplog.text
    assert "mauvais-jeton" not in caplog.text


def test_it_follows_for_as_long_as_the_server_runs(homeserver: Homeserver, tmp_path: Path) -> None:
    async def run() -> None:
        account, alix = await homeserver.register("boussole"), await Person.of(homeserver, "alix")
        ledger = SqliteLedger(tmp_path / "canaux.sqlite")
        desk = Desk(NAME, CHANNELS[NAME], KEY, ledger)
        channel = MatrixInput(desk, ledger, account.url, account.token, ["*"], tmp_path / "verrou")
        async with door(channel, Bot()) as entrance:
            async with entrance.client.get(f"{entrance.url}/") as answer:
                assert answer.status == 200
            room = await alix.open_room(account.user_id)
            await alix.say(room, "bonjour")
            await alix.hears(room, "Réponse 1.")
        assert ledger.cursor(NAME)
        await alix.client.close()

    asyncio.run(run())


def test_its_secrets_come_from_the_environment_and_somebody_must_be_allowed_to_invite(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOUSSOLE_ETAT", str(tmp_path))
    monkeypatch.setenv("BOUSSOLE_CLE", "c" * 32)
    monkeypatch.setenv("MATRIX_HOMESERVER", "https://matrix.exemple.fr")
    monkeypatch.delenv("MATRIX_TOKEN", raising=False)
    for nobody in (None, {}, {"invitations": []}, {"invitations": "*:exemple.fr"}):
        with pytest.raises(ValueError, match="invit"):
            MatrixInput.from_credentials(nobody)
    with pytest.raises(MissingSecretError, match="MATRIX_TOKEN"):
        MatrixInput.from_credentials({"invitations": ["*:exemple.fr"]})
