"""Stand-ins for what a messaging channel talks with: a bot, a platform, and the server that hears webhooks."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Sanic

KEY = b"une-cle-de-trente-deux-caracteres-"
SECRET = "motsecretquinedoitpasfuiter"
FORM = "application/x-www-form-urlencoded"
QUESTION = {
    "text": "Qui êtes-vous ?",
    "buttons": [
        {"title": "Cela m'arrive à moi", "payload": '/repondre{"profil": "victime"}'},
        {"title": "Je suis parent", "payload": '/repondre{"profil": "parent"}'},
        {"title": "Je ne sais pas", "payload": '/repondre{"profil": "inconnu"}'},
        {"title": "Pourquoi cette question ?", "payload": "/pourquoi"},
    ],
    "custom": {"type": "question", "id": "profil"},
}


@dataclass
class Bot:
    """Says ``replies``, one list for each message, then a plain text; keeps what it was told."""

    replies: list[list[dict[str, Any]]] = field(default_factory=list)
    heard: list[UserMessage] = field(default_factory=list)
    hold: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def texts(self) -> list[str]:
        """The texts that it was told."""
        return [message.text for message in self.heard]

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message)
        self.called.set()
        if self.hold:
            await self.hold.wait()
        reply = self.replies.pop(0) if self.replies else [{"text": f"Réponse {len(self.heard)}."}]
        for said in reply:
            await message.output_channel.send_response(message.sender_id, dict(said))


@dataclass
class Answer:
    """How the platform answers a call: its status, its JSON, its headers; 0 hangs up."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Platform:
    """A platform's API on the loopback: it keeps each call, and answers with ``script`` first, then with yes."""

    yes: Any
    script: list[Answer] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    url: str = ""
    status: int = 200

    async def receive(self, request: web.Request) -> web.Response:
        """Keep a call and answer it."""
        text = await request.text()
        body = dict(parse_qsl(text)) if request.content_type == FORM else json.loads(text)
        self.calls.append((request.path, body, dict(request.headers)))
        answer = self.script.pop(0) if self.script else Answer(self.status, self.yes)
        if not answer.status:
            assert request.transport
            request.transport.close()
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def bodies(self, path: str = "") -> list[dict[str, Any]]:
        """The bodies of the calls whose path ends in ``path``."""
        return [body for called, body, _ in self.calls if called.endswith(path)]


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve ``handler`` for every path, on a free port of the loopback; give its address."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    with free_socket() as listener:
        await web.SockSite(runner, listener).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await runner.cleanup()


@asynccontextmanager
async def api(platform: Platform) -> AsyncIterator[Platform]:
    """Serve a platform's API."""
    async with serving(platform.receive) as platform.url:
        yield platform


def free_socket() -> socket.socket:
    """A socket bound to a loopback port that nobody uses."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


@dataclass
class Door:
    """The server that hears a channel's webhooks, and a client in front of it."""

    url: str
    client: aiohttp.ClientSession

    async def post(self, body: bytes | dict[str, Any], headers: dict[str, str]) -> int:
        """POST to the webhook; return the status."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.client.post(f"{self.url}/webhook", data=data, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def door(
    channel: InputChannel, on_new_message: Callable[[UserMessage], Awaitable[None]], agent: Any = None
) -> AsyncIterator[Door]:
    """Serve a channel with Sanic, as Rasa does, on a free port of the loopback; ``agent`` is Rasa's."""
    Sanic.test_mode = True
    listener = free_socket()
    app = Sanic(f"essai_{listener.getsockname()[1]}", configure_logging=False, register=False)
    app.ctx.agent = agent
    app.blueprint(channel.blueprint(on_new_message), url_prefix=f"/webhooks/{channel.name()}")
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    async with aiohttp.ClientSession() as client:
        try:
            yield Door(f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/{channel.name()}", client)
        finally:
            await server.before_stop()
            server.close()
            await server.after_stop()


@dataclass
class Waits:
    """Waits without waiting, and tells how long it would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Kept:
    """Rasa's agent, as far as a channel looks into it: the slots of every conversation, and ids of past messages."""

    lock_store: Any = None

    def __init__(self, *past: str, **slots: str) -> None:
        self.slots = slots
        self.events = [SimpleNamespace(message_id=message) for message in past]

    @property
    def tracker_store(self) -> "Kept":
        """The store of the conversations."""
        return self

    async def retrieve(self, conversation: str) -> "Kept":
        """A conversation."""
        return self

    def current_slot_values(self) -> dict[str, str]:
        """Its slots."""
        return self.slots
