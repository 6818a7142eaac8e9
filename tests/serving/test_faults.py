"""What people see when something breaks, on the real server: always the numbers, and then the conversation goes on."""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import threading
import urllib.error
from pathlib import Path

import pytest

from boussole.serving.agent import latest_model
from tests.servers import (
    OPENING,
    Server,
    facts,
    is_breakdown,
    new_sender,
    question,
    running,
    words,
)  # fmt: skip
from tests.serving.conftest import Break

SCHOOL = 300


def test_killed_and_started_again_every_conversation_goes_on_where_it_was(faulty: Server) -> None:
    people = {new_sender(): (), new_sender(): ("non",), new_sender(): ("non", "oui, dans la même classe")}
    pending = {}
    for sender, answers in people.items():
        messages = faulty.say(sender, OPENING)
        for answer in answers:
            messages = faulty.say(sender, answer)
        pending[sender] = question(messages)
    assert len(set(pending.values())) == 3
    faulty.kill()
    faulty.start()
    for sender, asked in pending.items():
        messages = faulty.say(sender, "pourquoi")
        assert question(messages) == asked
        assert "Je suis Boussole" not in words(messages)
        assert facts(faulty.say(sender, "/resume"))["plateforme"] == "instagram"


def test_killed_in_the_middle_of_turns_no_conversation_is_damaged(faulty: Server) -> None:
    people = [new_sender() for _ in range(4)]
    for sender in people:
        faulty.say(sender, OPENING)
    talking = threading.Barrier(len(people) + 1)

    def talk(sender: str) -> None:
        talking.wait()
        # The server dies under them.
        with contextlib.suppress(OSError, urllib.error.URLError):
            while True:
                faulty.say(sender, "pourquoi")

    threads = [threading.Thread(target=talk, args=(sender,)) for sender in people]
    for thread in threads:
        thread.start()
    talking.wait()
    faulty.say(new_sender(), OPENING)
    faulty.kill()
    for thread in threads:
        thread.join()
    with contextlib.closing(sqlite3.connect(faulty.store)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    faulty.start()
    for sender in people:
        messages = faulty.say(sender, "non")
        assert question(messages) not in (None, "danger")
        assert not is_breakdown(messages)


def test_a_full_disk_costs_the_memory_of_a_turn_and_never_the_numbers(faulty: Server) -> None:
    sender = new_sender()
    assert question(faulty.say(sender, OPENING)) == "danger"
    assert faulty.process is not None
    limits = resource.prlimit(faulty.process.pid, resource.RLIMIT_FSIZE)
    # The kernel refuses the next byte of any file, as when no block is left.
    resource.prlimit(faulty.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        messages = faulty.say(sender, "elle veut mourir")
        assert "3114" in messages[0]["text"], "the alert comes first"
        assert is_breakdown(messages)
        assert is_breakdown(faulty.say(new_sender(), OPENING))
    finally:
        resource.prlimit(faulty.process.pid, resource.RLIMIT_FSIZE, limits)
    messages = faulty.say(sender, "non")
    assert not is_breakdown(messages)
    assert question(messages) not in (None, "danger")


def test_a_store_whose_file_is_taken_away_gives_the_numbers_until_it_is_back(faulty: Server) -> None:
    sender = new_sender()
    faulty.say(sender, OPENING)
    away = faulty.folder / "ailleurs"
    shutil.move(faulty.store.parent, away)
    # Nothing can be made where the folder was.
    faulty.store.parent.write_text("")
    try:
        assert is_breakdown(faulty.say(sender, "non"))
        status, body = faulty.get("/sante")
        assert status == 503
        assert json.loads(body)["parties"] == {"modele": True, "conversations": False, "verrous": True}
        assert faulty.get("/sante/vivant")[0] == 200
    finally:
        faulty.store.parent.unlink()
        shutil.move(away, faulty.store.parent)
    assert faulty.get("/sante")[0] == 200
    messages = faulty.say(sender, "non")
    assert question(messages) not in (None, "danger")
    assert not is_breakdown(messages)


def test_a_school_that_knocks_while_the_server_is_busy_is_let_in(faulty: Server) -> None:
    assert faulty.process is not None
    # Busy: nobody opens the door.
    faulty.process.send_signal(signal.SIGSTOP)
    try:
        with contextlib.ExitStack() as stack:
            knocking = [
                stack.enter_context(socket.create_connection(("127.0.0.1", faulty.port), timeout=60))
                for _ in range(SCHOOL)
            ]
            for person in knocking:
                person.sendall(b"GET /sante/vivant HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            faulty.process.send_signal(signal.SIGCONT)
            assert {person.recv(15) for person in knocking} == {b"HTTP/1.1 200 OK"}
    finally:
        faulty.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("fault", ["action", "reading"])
def test_code_that_raises_gives_the_numbers_and_the_conversation_goes_on(
    faulty: Server, broken: Break, fault: str
) -> None:
    sender = new_sender()
    faulty.say(sender, OPENING)
    with broken(fault):
        assert is_breakdown(faulty.say(sender, "résume" if fault == "reading" else "/resume"))
    assert facts(faulty.say(sender, "/resume"))["plateforme"] == "instagram"


@pytest.mark.parametrize("hours", [30, -30])
def test_when_the_machine_s_clock_is_set_the_conversation_goes_on(faulty: Server, broken: Break, hours: int) -> None:
    sender = new_sender()
    faulty.say(sender, OPENING)
    with broken("clock", hours * 3600):
        messages = faulty.say(sender, "non")
        assert question(messages) not in (None, "danger")
        assert "Je suis Boussole" not in words(messages)
        assert facts(faulty.say(sender, "/resume"))["plateforme"] == "instagram"
    assert facts(faulty.say(sender, "/resume"))["danger"] == "non"


def damaged(tmp_path: Path) -> Path:
    """A model archive with a hole in the middle."""
    archive = tmp_path / "damaged.tar.gz"
    content = bytearray(latest_model().read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(1000)
    archive.write_bytes(content)
    return archive


def test_a_damaged_model_that_is_asked_for_is_refused_in_one_line(tmp_path: Path) -> None:
    server = Server(tmp_path / "server", options=["--model", str(damaged(tmp_path))])
    assert not server.run()
    assert server.process is not None
    assert server.process.wait() == 1
    last = server.log.splitlines()[-1]
    assert last.startswith("boussole: ")
    assert "make train" in last


def test_beside_a_damaged_model_the_one_before_serves_and_goes_on_when_it_is_damaged_too(
    tmp_path: Path, faults: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    before = models / "before.tar.gz"
    shutil.copy(latest_model(), before)
    os.utime(before, (1, 1))
    shutil.copy(damaged(tmp_path), models / "newest.tar.gz")
    environment = {"BOUSSOLE_FAULTS": str(faults), "BOUSSOLE_MODELS": str(models)}
    with running(Server(tmp_path / "server", environment=environment, program=["-m", "tests.faulty"])) as server:
        assert "newest.tar.gz is damaged" in server.log
        sender = new_sender()
        assert question(server.say(sender, OPENING)) == "danger"
        # What serves is in memory: nobody notices what becomes of the file.
        before.write_bytes(b"")
        messages = server.say(sender, "non")
        assert question(messages) not in (None, "danger")
        assert not is_breakdown(messages)
