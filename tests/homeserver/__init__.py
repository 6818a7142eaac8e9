"""A real Matrix homeserver (Synapse) on the loopback."""

import asyncio
import hashlib
import hmac
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import nio
from aiohttp import web
from yarl import URL

from boussole.triage.knowledge import PROJECT
from tests.channels.platforms import free_socket, serving

PYTHON = PROJECT / ".synapse" / "bin" / "python"
SHARED_SECRET = "secret-d-inscription-des-essais"
DOMAIN = "essai.local"
# Seconds after which something that should have come is missing.
LONGEST = 60

# No limit but the one that a test asks for.
HIGH = "{per_second: 1000, burst_count: 1000}"

CONFIGURATION = """
server_name: {domain}
listeners:
  - {{port: {port}, type: http, bind_addresses: ["127.0.0.1"], resources: [{{names: [client], compress: false}}]}}
database: {{name: sqlite3, args: {{database: "{folder}/base.sqlite"}}}}
log_config: "{folder}/log.yaml"
signing_key_path: "{folder}/cle"
media_store_path: "{folder}/media"
pid_file: "{folder}/pid"
registration_shared_secret: "{secret}"
trusted_key_servers: []
report_stats: false
federation_domain_whitelist: []
# Two first syncs of one account are two different answers, as they are when some time lies between them.
caches: {{sync_response_cache_duration: 0s}}
bcrypt_rounds: 4
rc_message: {high}
rc_registration: {high}
rc_joins: {{local: {high}}}
rc_invites: {{per_room: {high}, per_user: {high}, per_issuer: {high}}}
"""
LOG = """
version: 1
formatters: {{plain: {{format: "%(levelname)s %(name)s %(message)s"}}}}
handlers: {{file: {{class: logging.FileHandler, filename: "{folder}/log", formatter: plain}}}}
root: {{level: WARNING, handlers: [file]}}
"""


@dataclass(frozen=True)
class Homeserver:
    """A running homeserver."""

    url: str

    async def register(self, name: str, admin: bool = False) -> "Account":
        """Make an account whose name begins with ``name``."""
        async with aiohttp.ClientSession(self.url) as client:
            path = "/_synapse/admin/v1/register"
            async with client.get(path) as answer:
                nonce = (await answer.json())["nonce"]
            user = f"{name}-{uuid4().hex[:8]}"
            text = "\0".join((nonce, user, "mot-de-passe", "admin" if admin else "notadmin"))
            mac = hmac.new(SHARED_SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()
            body = {"nonce": nonce, "username": user, "password": "mot-de-passe", "admin": admin, "mac": mac}
            async with client.post(path, json=body) as answer:
                made = await answer.json()
        return Account(self.url, made["user_id"], made["access_token"], made["device_id"])

    async def limit(self, account: "Account", per_second: int, burst: int) -> None:
        """Let an account say only so much."""
        admin = await self.register("admin", admin=True)
        path = f"/_synapse/admin/v1/users/{account.user_id}/override_ratelimit"
        body = {"messages_per_second": per_second, "burst_count": burst}
        headers = {"Authorization": f"Bearer {admin.token}"}
        async with aiohttp.ClientSession(self.url) as client, client.post(path, json=body, headers=headers) as answer:
            assert answer.status == 200


@dataclass(frozen=True)
class Account:
    """An account of the homeserver."""

    url: str
    user_id: str
    token: str
    device_id: str


@dataclass
class Person:
    """Somebody with a real client, who sees what the bot says."""

    client: nio.AsyncClient
    seen: list[tuple[str, nio.RoomMessage]] = field(default_factory=list)
    left: set[tuple[str, str]] = field(default_factory=set)
    joined: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    async def of(cls, homeserver: Homeserver, name: str) -> "Person":
        """Somebody with a new account."""
        account = await homeserver.register(name)
        client = nio.AsyncClient(homeserver.url)
        client.restore_login(account.user_id, account.device_id, account.token)
        return cls(client)

    async def open_room(self, *guests: str, **settings: Any) -> str:
        """Make a room, by default private, and invite ``guests``."""
        settings.setdefault("preset", nio.RoomPreset.private_chat)
        answer = await self.client.room_create(invite=list(guests), **settings)
        assert isinstance(answer, nio.RoomCreateResponse), answer
        return answer.room_id

    async def say(self, room: str, text: str, **content: Any) -> str:
        """Say something; return the event's id."""
        return await self.send(room, {"msgtype": "m.text", "body": text, **content})

    async def send(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """Send an event; return its id."""
        answer = await self.client.room_send(room, kind, content)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return answer.event_id

    def heard(self, room: str) -> list[str]:
        """What others said in a room, so far."""
        return [event.body for where, event in self.seen if where == room and event.sender != self.client.user_id]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Follow the homeserver until something has happened."""
        async with asyncio.timeout(LONGEST):
            while not happened():
                news = await self.client.sync(timeout=10_000)
                assert isinstance(news, nio.SyncResponse), news
                for room, changes in news.rooms.join.items():
                    for event in [*changes.state, *changes.timeline.events]:
                        if isinstance(event, nio.RoomMessage):
                            self.seen.append((room, event))
                        elif isinstance(event, nio.RoomMemberEvent):
                            {"leave": self.left, "join": self.joined}.get(event.membership, set()).add(
                                (room, event.state_key)
                            )

    async def hears(self, room: str, part: str) -> str:
        """Wait until somebody says something that holds ``part``; return it."""
        await self.until(lambda: any(part in text for text in self.heard(room)))
        return next(text for text in self.heard(room) if part in text)


@dataclass
class Gateway:
    """A web server before the homeserver that breaks as ``script`` says, once for each message that is sent.

    An item is a status, or 0 to hang up. ``syncs`` is the same for following.
    """

    homeserver: Homeserver
    url: str = ""
    script: list[int] = field(default_factory=list)
    syncs: list[int] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Break, or ask the homeserver."""
        script: list[int] = []
        if "/send/" in request.path:
            self.sends.append(request.path)
            script = self.script
        elif request.path.endswith("/sync"):
            script = self.syncs
        if script:
            status = script.pop(0)
            if not status:
                assert request.transport
                request.transport.close()
            return web.Response(status=status or 502, text="<html>panne</html>", content_type="text/html")
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        address = f"{self.homeserver.url}{request.raw_path}"
        async with (
            aiohttp.ClientSession() as client,
            client.request(
                request.method, URL(address, encoded=True), data=await request.read(), headers=headers
            ) as answer,
        ):
            return web.Response(status=answer.status, body=await answer.read(), content_type="application/json")


@asynccontextmanager
async def gateway(homeserver: Homeserver) -> AsyncIterator[Gateway]:
    """Serve a gateway before a homeserver."""
    before = Gateway(homeserver)
    async with serving(before.pass_on) as before.url:
        yield before


@contextmanager
def running(folder: Path) -> Iterator[Homeserver]:
    """Run Synapse until the end of the block, with its files in ``folder``."""
    assert PYTHON.exists(), "Synapse is missing: run « make homeserver »"
    with free_socket() as listener:
        port = listener.getsockname()[1]
    settings = {"domain": DOMAIN, "port": port, "folder": folder, "secret": SHARED_SECRET, "high": HIGH}
    (folder / "homeserver.yaml").write_text(CONFIGURATION.format(**settings))
    (folder / "log.yaml").write_text(LOG.format(**settings))
    synapse = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(folder / "homeserver.yaml")]
    subprocess.run([*synapse, "--generate-keys"], check=True, capture_output=True)
    # It says on this socket when it is ready, as to systemd.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(str(folder / "notify"))
        env = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
        process = subprocess.Popen(synapse, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            notices.settimeout(LONGEST)
            while b"READY=1" not in notices.recv(1024):
                pass
            yield Homeserver(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()
