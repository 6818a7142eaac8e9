"""Two Boussole processes behind nginx, over PostgreSQL and Redis: conversations hop between them, and one dies."""

import json
import threading
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from boussole.serving.seal import row_key, unseal
from boussole.triage.model import Knowledge
from tests.engines import DEPLOY, Engine, nginx, postgresql_server, redis_server
from tests.servers import (
    OPENING,
    UNLIMITED,
    Server,
    is_breakdown,
    new_sender,
    question,
    running,
    say_to,
)  # fmt: skip

SCRIPT = (
    OPENING,
    "non",
    "pourquoi",
    "oui, dans la même classe",
    "tout le monde peut voir",
    "je ne sais pas",
    "/resume",
)


@dataclass
class Farm:
    """Everything that a larger deployment has."""

    url: str
    servers: list[Server]
    database: Engine
    redis: Engine

    def say(self, sender: str, text: str) -> str | None:
        """Send a message through nginx; return the question that comes next."""
        messages = say_to(f"{self.url}/webhooks/rest/webhook", sender, text)
        assert not is_breakdown(messages)
        return question(messages)

    def turns_of(self, sender: str) -> int:
        """How many messages of a conversation were taken."""
        with psycopg.connect(self.database.url) as connection:
            row = connection.execute("SELECT state FROM boussole_conversations WHERE key = %s", (row_key(sender),))
            found = row.fetchone()
        assert found is not None
        return [event["event"] for event in json.loads(unseal(sender, bytes(found[0])))].count("user")


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    folders = {name: tmp_path_factory.mktemp(name) for name in ("database", "redis", "one", "two", "nginx")}
    with postgresql_server(folders["database"]) as database, redis_server(folders["redis"]) as redis:
        environment = {
            "BOUSSOLE_ENDPOINTS": str(DEPLOY / "endpoints.postgresql.yml"),
            "BOUSSOLE_POSTGRESQL_URL": database.url,
            "BOUSSOLE_REDIS_URL": redis.url,
            **UNLIMITED,
        }
        servers = [Server(folders[name], environment=environment) for name in ("one", "two")]
        front = nginx(folders["nginx"], [server.port for server in servers])
        with running(servers[0]), running(servers[1]):
            front.start()
            try:
                yield Farm(f"http://127.0.0.1:{front.port}", servers, database, redis)
            finally:
                # Killed, it would leave its workers.
                front.stop()


@pytest.fixture(scope="module")
def expected(farm: Farm) -> list[str | None]:
    """The questions of the conversation when one process alone holds it."""
    sender = new_sender()
    return [question(farm.servers[0].say(sender, text)) for text in SCRIPT]


def test_a_conversation_hops_from_process_to_process(farm: Farm, expected: list[str | None]) -> None:
    sender = new_sender()
    asked = [question(farm.servers[number % 2].say(sender, text)) for number, text in enumerate(SCRIPT)]
    assert asked == expected
    assert farm.turns_of(sender) == len(SCRIPT)


def test_a_message_that_reaches_two_processes_is_taken_once(farm: Farm, expected: list[str | None]) -> None:
    sender = new_sender()
    for number, text in enumerate(SCRIPT):
        same = {"X-Request-ID": f"{number}-{sender}"}
        first = farm.servers[0].say(sender, text, same)
        assert farm.servers[1].say(sender, text, same) == first
        assert question(first) == expected[number]
    assert farm.turns_of(sender) == len(SCRIPT)


def test_two_messages_at_once_are_both_taken(farm: Farm) -> None:
    sender = new_sender()
    farm.servers[0].say(sender, OPENING)
    people = [threading.Thread(target=server.say, args=(sender, "pourquoi")) for server in farm.servers * 3]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert farm.turns_of(sender) == 7


def test_the_public_side_has_no_operator_s_page(farm: Farm) -> None:
    for path in ("/metrics", "/sante", "/sante/pret", "/conversations/x/tracker"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(f"{farm.url}{path}")
        assert error.value.code == 404


def test_one_process_is_killed_and_no_turn_is_lost_nor_doubled(farm: Farm, expected: list[str | None]) -> None:
    people = {new_sender(): [] for _ in range(6)}
    reached = threading.Barrier(len(people) + 1)

    def talk(sender: str, asked: list[str | None]) -> None:
        for number, text in enumerate(SCRIPT):
            if number == 2:
                reached.wait()
            asked.append(farm.say(sender, text))

    threads = [threading.Thread(target=talk, args=person) for person in people.items()]
    for thread in threads:
        thread.start()
    reached.wait()
    # All of them are writing now; the process dies with some of their turns under way.
    farm.servers[1].kill()
    for thread in threads:
        thread.join()
    assert list(people.values()) == [expected] * len(people)
    assert {farm.turns_of(sender) for sender in people} == {len(SCRIPT)}


def test_when_the_stores_are_away_people_get_the_numbers_and_then_go_on(farm: Farm) -> None:
    server, sender = farm.servers[0], new_sender()
    assert question(server.say(sender, OPENING)) == "danger"
    for engine, part in ((farm.redis, "verrous"), (farm.database, "conversations")):
        engine.stop()
        try:
            assert is_breakdown(server.say(sender, "non"))
            status, body = server.get("/sante")
            assert status == 503
            assert json.loads(body)["parties"][part] is False
        finally:
            engine.start()
    assert server.get("/sante")[0] == 200
    assert question(server.say(sender, "non")) not in (None, "danger")
    assert farm.turns_of(sender) == 2


def test_when_no_process_is_left_nginx_gives_the_numbers(farm: Farm, knowledge: Knowledge) -> None:
    for server in farm.servers:
        assert server.process is not None
        if server.process.poll() is None:
            server.kill()
    with pytest.raises(urllib.error.HTTPError) as error:
        farm.say(new_sender(), OPENING)
    assert error.value.code == 503
    messages = json.loads(error.value.read())
    assert is_breakdown(messages)
    # The same text as everywhere.
    assert messages[0]["text"] == knowledge.messages["panne"].text.for_reader("vous")
