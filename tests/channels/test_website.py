"""The website over HTTP: files and their caching, headers, origins, limits, forgetting, retries."""

import gzip
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message as Headers
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from boussole.channels.headers import BODY_LIMIT
from boussole.channels.rest import RestInput, too_fast_text
from boussole.channels.settings import WebSettings
from boussole.channels.website import WebsiteInput, load_site
from tests.web import FakeBot, Live, live

SENDER = "a" * 32
VISITOR = "192.0.2.7"
ORIGIN = "https://www.mairie.example"
WEBHOOK = "/webhooks/rest/webhook"
FORGET = "/webhooks/rest/forget"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build leaves, without building."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "boussole").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>essai</title>", encoding="utf-8")
    (folder / "integrer.html").write_text("<!doctype html><title>ligne</title>", encoding="utf-8")
    (folder / "boussole.js").write_text("/* bouton */", encoding="utf-8")
    (folder / "boussole" / "chat-1a2b3c.js").write_text("/* fenêtre */", encoding="utf-8")
    (folder / "secret.txt").write_text("rien pour vous", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(dist: Path) -> Iterator[Live]:
    """A server that lets one other site call."""
    rest = partial(RestInput, WebSettings(frozenset({ORIGIN})))
    with live(FakeBot(), rest, lambda: WebsiteInput(load_site(dist))) as running:
        yield running


def call(
    server: Live, path: str, body: bytes | None = None, method: str | None = None, **headers: str
) -> tuple[int, Headers, bytes]:
    """Ask, and return the status, the headers and the body, whatever they are."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.url + path, body, named, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def say(server: Live, words: str, sender: str = SENDER, **more: Any) -> tuple[int, Headers, Any]:
    """Say something; return the status, the headers and the JSON."""
    body = json.dumps({"sender": sender, "message": words, **more}).encode()
    status, headers, answer = call(server, WEBHOOK, body, Content_Type="application/json", X_Forwarded_For=VISITOR)
    return status, headers, json.loads(answer)


# Files


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/integrer", "text/html; charset=utf-8", "no-cache"),
        ("/boussole.js", "text/javascript; charset=utf-8", "public, max-age=300"),
        ("/boussole/chat-1a2b3c.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
    ],
)
def test_each_file_has_its_type_and_its_caching(server: Live, path: str, kind: str, caching: str) -> None:
    status, headers, body = call(server, path)
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, kind, caching)
    assert body


def test_a_file_that_is_known_already_is_not_sent_again(server: Live) -> None:
    _, headers, _ = call(server, "/boussole.js")
    status, again, body = call(server, "/boussole.js", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")
    assert again["ETag"] == headers["ETag"]
    assert call(server, "/boussole.js", If_None_Match='"other"')[0] == 200


def test_a_file_is_zipped_for_those_who_can_read_it(server: Live) -> None:
    _, plain_headers, plain = call(server, "/boussole.js")
    _, headers, zipped = call(server, "/boussole.js", Accept_Encoding="gzip, br")
    assert headers["Content-Encoding"] == "gzip"
    assert plain_headers["Content-Encoding"] is None
    assert gzip.decompress(zipped) == plain
    assert headers["Vary"] == "Accept-Encoding"


def test_a_page_open_during_an_update_gets_todays_part(server: Live) -> None:
    status, headers, body = call(server, "/boussole/chat-0ldf00d.js")
    assert (status, body.decode()) == (200, "/* fenêtre */")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/secret.txt", "/boussole/secret.txt", "/boussole/..%2fsecret.txt", "/boussole/%2e%2e/secret.txt", "/x"]
)
def test_nothing_else_on_the_disk_can_be_read(server: Live, path: str) -> None:
    status, _, body = call(server, path)
    assert status == 404
    assert b"rien pour vous" not in body


def test_without_a_build_the_conversation_works_and_the_widget_is_missing(tmp_path: Path) -> None:
    with live(FakeBot(), website=lambda: WebsiteInput(load_site(tmp_path))) as server:
        assert call(server, "/boussole.js")[0] == 404
        assert say(server, "bonjour")[0] == 200


# Headers


@pytest.mark.parametrize("path", ["/", "/boussole.js", "/nowhere", "/webhooks/rest/", WEBHOOK])
def test_every_answer_is_closed_to_abuse(server: Live, path: str) -> None:
    _, headers, _ = call(server, path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Set-Cookie"] is None


def test_pages_allow_no_inline_code_and_ask_for_trusted_types(server: Live) -> None:
    policy = call(server, "/")[1]["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


def test_a_configured_site_may_call(server: Live) -> None:
    _, headers, _ = call(
        server, WEBHOOK, None, "OPTIONS", Origin=ORIGIN, Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )  # fmt: skip
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Headers"] == "content-type"
    _, headers, _ = call(server, WEBHOOK, b"{}", Origin=ORIGIN)
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Vary"] == "Origin"
    assert headers["Access-Control-Allow-Credentials"] is None


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://www.mairie.example.evil.example", "http://www.mairie.example"]
)
def test_another_site_may_not(server: Live, origin: str) -> None:
    for method, body in (("OPTIONS", None), ("POST", b"{}")):
        _, headers, _ = call(server, WEBHOOK, body, method, Origin=origin, Access_Control_Request_Method="POST")
        assert headers["Access-Control-Allow-Origin"] is None


def test_every_site_may_load_the_script(server: Live) -> None:
    assert call(server, "/boussole/chat-1a2b3c.js")[1]["Access-Control-Allow-Origin"] == "*"


# Limits


NUMBERS = {"17", "112", "114", "3114", "3018"}


def numbers(text: str) -> set[str]:
    """The phone numbers that a text gives."""
    return set(re.findall(r"\b\d{2,4}\b", text))


def sized(size: int) -> bytes:
    """A message whose body has so many bytes."""
    empty = json.dumps({"sender": SENDER, "message": ""}).encode()
    return empty.replace(b'""', b'"' + b"a" * (size - len(empty)) + b'"')


def test_the_largest_body_is_read(server: Live) -> None:
    assert call(server, WEBHOOK, sized(BODY_LIMIT), X_Forwarded_For=VISITOR)[0] == 200


def test_a_body_that_is_too_large_is_refused_in_french_with_the_numbers(server: Live) -> None:
    status, headers, body = call(server, WEBHOOK, sized(BODY_LIMIT + 1), Origin=ORIGIN)
    assert status == 413
    assert json.loads(body)["error"].startswith("Votre message est trop long")
    assert numbers(json.loads(body)["error"]) >= NUMBERS
    assert headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_long_text_is_still_read(server: Live) -> None:
    assert say(server, "é" * 20_000)[0] == 200


@pytest.mark.parametrize("setting", ["per_conversation", "per_address"])
def test_too_many_messages_are_put_off_with_the_numbers(dist: Path, setting: str) -> None:
    now = [0.0]
    settings = WebSettings(frozenset({ORIGIN}), proxies=1, **{setting: 2})
    with live(FakeBot(), lambda: RestInput(settings, lambda: now[0]), lambda: WebsiteInput({})) as server:
        assert [say(server, "bonjour")[0] for _ in range(2)] == [200, 200]
        status, headers, answer = say(server, "bonjour")
        assert (status, headers["Retry-After"]) == (429, "30")
        assert answer["error"] == too_fast_text()
        assert numbers(answer["error"]) >= NUMBERS
        # Another conversation goes on, unless it is the address that writes too much.
        assert say(server, "bonjour", "b" * 32)[0] == (200 if setting == "per_conversation" else 429)
        now[0] += 30
        assert say(server, "bonjour")[0] == 200
        assert len(server.bot.said(SENDER)) == 3


def test_a_school_behind_one_address_is_not_shut_out() -> None:
    now = [0.0]
    school = [f"eleve-{number:03}-{'s' * 20}" for number in range(300)]
    with live(FakeBot(), lambda: RestInput(WebSettings(proxies=1), lambda: now[0]), lambda: WebsiteInput({})) as server:
        statuses: set[int] = set()
        # After a talk in the hall: three hundred pupils, eight messages each in four minutes.
        for _ in range(8):
            statuses |= {say(server, "bonjour", pupil)[0] for pupil in school}
            now[0] += 30
        assert statuses == {200}
        # Whoever makes the same address flood is put off, and the others with them, for a few seconds.
        flood = [say(server, "bonjour", f"robot-{number:05}-{'r' * 20}")[:2] for number in range(601)]
        assert flood[-1][0] == 429
        now[0] += int(flood[-1][1]["Retry-After"])
        assert say(server, "bonjour", school[0])[0] == 200


def test_who_leaves_in_a_hurry_is_never_told_to_wait(dist: Path) -> None:
    settings = WebSettings(per_address=1, per_conversation=1)
    with live(FakeBot(), lambda: RestInput(settings, lambda: 0.0), lambda: WebsiteInput({})) as server:
        say(server, "bonjour")
        body = json.dumps({"sender": SENDER}).encode()
        assert [call(server, FORGET, body)[0] for _ in range(5)] == [204] * 5


def test_behind_a_proxy_each_visitor_is_counted_apart() -> None:
    settings = WebSettings(per_address=1, proxies=1)
    body = json.dumps({"sender": SENDER, "message": "bonjour"}).encode()
    with live(FakeBot(), lambda: RestInput(settings, lambda: 0.0), lambda: WebsiteInput({})) as server:
        statuses = [
            call(server, WEBHOOK, body, X_Forwarded_For=who)[0] for who in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
        ]
    assert statuses == [200, 200, 429]


def test_this_machines_own_programs_are_not_limited_whatever_they_pretend() -> None:
    settings = WebSettings(per_address=1)
    body = json.dumps({"sender": SENDER, "message": "bonjour"}).encode()
    with live(FakeBot(), lambda: RestInput(settings, lambda: 0.0), lambda: WebsiteInput({})) as server:
        statuses = [call(server, WEBHOOK, body, X_Forwarded_For="192.0.2.1")[0] for _ in range(3)]
    assert statuses == [200, 200, 200]


# Retries and forgetting


def test_a_message_sent_again_gets_the_first_answer_and_is_said_once(server: Live) -> None:
    sender = "retry" + "r" * 30
    first = say(server, "bonjour", sender, message_id="m1")
    assert say(server, "bonjour", sender, message_id="m1")[2] == first[2]
    say(server, "bonjour", sender, message_id="m2")
    say(server, "bonjour", sender)
    assert server.bot.said(sender) == ["bonjour"] * 3


def test_a_proxys_id_does_the_same_unless_the_client_gives_its_own(server: Live) -> None:
    sender = "proxy" + "p" * 30

    def ask(proxy: str, **more: str) -> bytes:
        body = json.dumps({"sender": sender, "message": "bonjour", **more}).encode()
        status, _, answer = call(server, WEBHOOK, body, X_Request_ID=proxy)
        assert status == 200
        return answer

    assert ask("p1") == ask("p1")
    assert len(server.bot.said(sender)) == 1
    ask("p1", message_id="m1")
    ask("p2", message_id="m1")
    assert len(server.bot.said(sender)) == 2
    # What cannot be an id is none: nothing is refused for what a proxy adds.
    ask("not an id")
    ask("not an id")
    assert len(server.bot.said(sender)) == 4


@pytest.mark.parametrize("message_id", ["", "x" * 65, "a b", 12, ["x"], "é"])
def test_an_id_that_is_none_is_refused(server: Live, message_id: object) -> None:
    status, _, answer = say(server, "bonjour", message_id=message_id)
    assert status == 400
    assert "message_id" in answer["error"]


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/json"])
def test_a_conversation_is_forgotten_with_its_last_answer(server: Live, kind: str) -> None:
    sender = f"forget{kind[0]}" + "f" * 30
    say(server, "bonjour", sender, message_id="m1")
    status, _, body = call(server, FORGET, json.dumps({"sender": sender}).encode(), Content_Type=kind)
    assert (status, body) == (204, b"")
    assert sender in server.bot.forgotten()
    # The answer is gone too: the same id is a new turn.
    say(server, "bonjour", sender, message_id="m1")
    assert len(server.bot.said(sender)) == 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"sender": "default"}'])
def test_forgetting_nobody_is_refused(server: Live, body: bytes) -> None:
    before = len(server.bot.forgotten())
    assert call(server, FORGET, body, "POST")[0] == 400
    assert len(server.bot.forgotten()) == before


def test_forgetting_that_fails_is_not_said_to_have_worked() -> None:
    with live(FakeBot(error=RuntimeError("panne")), website=lambda: WebsiteInput({})) as server:
        assert call(server, FORGET, json.dumps({"sender": SENDER}).encode())[0] == 500
