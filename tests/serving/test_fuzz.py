"""Whatever comes over HTTP: no 500, no hang, no leak; and the next person is served."""

import contextlib
import http.client
import json
import re
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boussole.channels.gate import COMMANDS
from boussole.triage.knowledge import load_knowledge
from tests import openapi
from tests.servers import OPENING, Server, new_sender, question

# The same inputs each time, so that a failure is a failure for everybody.
fuzzed = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# A server that has not answered by then hangs.
PATIENCE_SECONDS = 60.0
FINE = {200, 204, 304, 400, 404, 405, 413, 429}
# What an error page of a framework or a traceback looks like.
LEAK = re.compile(rb"Traceback|\.py|site-packages|sanic|rasa\.", re.IGNORECASE)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
SENDERS = st.one_of(
    JSON, st.text(alphabet="abcXYZ019_-", max_size=70), st.sampled_from(["default", "../" * 10, "a" * 64, "a" * 65])
)
# Pieces that mean something to some part of the bot, glued in any order.
PIECES = st.sampled_from([
    "/", "/repondre", '{"danger": ', '"suicide"}', "{", "}", "[", "\\", "\x00", "\ud83d\ude00", "‮", "é", "\n\n", "’",
    "il y a 3 semaines", "le 31 février", "99999999999999999999 ans", "non", "oui", "insta", "12/13/2026", " ", "😀",
    *(f"/{command}" for command in sorted(COMMANDS)), *load_knowledge().questions,
])  # fmt: skip
PATH_PARTS = st.sampled_from([
    "/", "webhooks", "rest", "webhook", "forget", "sante", "vivant", "metrics", "..", "%00", "%ff", "?", "a=b",
    "%2e%2e", "integrer", "boussole.js", "boussole", "chat-0.js", "page.css", "conversations", "model", "%c3%a9",
    "a" * 3_000,
])  # fmt: skip
# What stands in Rasa's own API (rasa/server.py): all of it is off.
RASA = ("/version", "/status", "/model", "/model/train", "/model/parse", "/model/predict", "/model/test/stories",
        "/domain", "/conversations/{}/tracker", "/conversations/{}/story", "/conversations/{}/execute",
        "/conversations/{}/trigger_intent", "/conversations/{}/messages", "/conversations/{}/predict")  # fmt: skip
# Half of a pair of UTF-16, which JSON can hold and UTF-8 cannot.
HALVES = st.sampled_from(["\ud800", "je veux mourir \udc00", "\ud83d /resume"])
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join), st.just("a" * 20_000), HALVES)


def ask(server: Server, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Call the server; return the status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post(server: Server, body: Any, path: str = "/webhooks/rest/webhook") -> tuple[int, bytes]:
    """POST a JSON value to the webhook; the answer is one of those of docs/openapi.yml."""
    data = json.dumps(body).encode("utf-8", "surrogatepass")
    status, answer = ask(server, "POST", path, data, {"Content-Type": "application/json"})
    openapi.check("POST", path, status, json.loads(answer) if answer else None)
    return status, answer


@fuzzed
@given(text=TEXTS)
def test_any_text_gets_an_answer(faulty: Server, text: str) -> None:
    status, body = post(faulty, {"sender": new_sender(), "message": text})
    assert status == 200
    messages = json.loads(body)
    assert messages
    assert not LEAK.search(body)
    # Nothing that anybody types breaks a turn.
    assert "ne répond plus" not in body.decode()


@fuzzed
@given(body=st.one_of(JSON, st.fixed_dictionaries({"sender": SENDERS, "message": st.one_of(JSON, TEXTS)})))
def test_any_json_is_answered_or_refused(faulty: Server, body: Any) -> None:
    status, answer = post(faulty, body)
    assert status in FINE
    assert not LEAK.search(answer)
    if status == 400:
        assert json.loads(answer)["error"]


@fuzzed
@given(body=st.one_of(JSON, st.fixed_dictionaries({"sender": SENDERS}, optional={"message": JSON})))
def test_any_demand_to_forget_is_answered_or_refused(faulty: Server, body: Any) -> None:
    status, answer = post(faulty, body, "/webhooks/rest/forget")
    assert status in (204, 400)
    assert not LEAK.search(answer)


@pytest.mark.parametrize("path", RASA)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nothing_of_rasa_s_own_api_answers(faulty: Server, method: str, path: str) -> None:
    sender = new_sender()
    faulty.say(sender, OPENING)
    status, answer = ask(faulty, method, path.format(sender), b"{}", {"Content-Type": "application/json"})
    assert status in (404, 405)
    assert b"instagram" not in answer


@fuzzed
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT"]),
    path=st.lists(PATH_PARTS, max_size=6).map(lambda parts: "/" + "".join(parts)),
    body=st.binary(max_size=60),
    headers=st.dictionaries(
        st.sampled_from([
            "Content-Type", "X-Request-ID", "X-Forwarded-For", "Origin", "Accept-Encoding", "Cookie", "If-None-Match",
            "Range", "Authorization", "Host",
        ]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
        max_size=3,
    ),
)  # fmt: skip
def test_any_call_to_any_path_is_answered(
    faulty: Server, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    status, answer = ask(faulty, method, path, body, headers)
    assert status in FINE
    assert not re.search(rb"Traceback|site-packages", answer)


@fuzzed
@given(data=st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"POST / HTTP/1.1\r\n" + tail)))
def test_what_is_no_http_harms_nobody(faulty: Server, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", faulty.port), timeout=PATIENCE_SECONDS) as raw:
        raw.sendall(data)
        raw.shutdown(socket.SHUT_WR)
        assert b"Traceback" not in raw.recv(65536)
    assert faulty.get("/sante/vivant")[0] == 200


def test_callers_who_never_end_their_request_hold_nobody_up(faulty: Server) -> None:
    half = b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    with contextlib.ExitStack() as stack:
        for sent in (half, half[:20], b"") * 50:
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", faulty.port), timeout=PATIENCE_SECONDS))
            raw.sendall(sent)
        assert question(faulty.say(new_sender(), OPENING)) == "danger"


@fuzzed
@given(ids=st.lists(st.sampled_from(["x", "é", "a" * 64, "a" * 65, "1\t2", ""]), min_size=1, max_size=3))
def test_odd_message_ids_change_nothing(faulty: Server, ids: list[str]) -> None:
    sender = new_sender()
    for message_id in ids:
        body = {"sender": sender, "message": OPENING, "message_id": message_id}
        status, answer = post(faulty, body)
        assert status in (200, 400)
        assert status == 400 or question(json.loads(answer))
