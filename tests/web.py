"""The website's channels on a real port, with a bot that says what a test wants: no model, no waiting."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from boussole.channels.rest import RestInput
from boussole.channels.website import WebsiteInput
from tests.serving.test_server import free_port

Reply = dict[str, Any]
# Sanic rewrites its own methods when an app starts, once in a process; this keeps what they were for the next app.
Sanic.test_mode = True


def text(words: str, **more: Any) -> Reply:
    """A message of the bot that is a text."""
    return {"text": words, **more}


def custom(**what: Any) -> Reply:
    """A message of the bot that is an object."""
    return {"custom": what}


@dataclass
class FakeBot:
    """Stands for Rasa's agent: answers by the person's words, and remembers who said what."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    heard: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def reset(self) -> None:
        """Forget what was said."""
        self.heard.clear()
        self.error = None

    async def handle_message(self, message: UserMessage) -> None:
        """Answer as Rasa does: into the message's output channel."""
        with self._changed:
            self.heard.append((message.sender_id, message.text or ""))
            self._changed.notify_all()
        if self.error:
            raise self.error
        replies = self.answers.get(message.text or "", [text(f"Bien reçu : {message.text}")])
        for reply in replies:
            message.output_channel.messages.append({"recipient_id": message.sender_id, **reply})

    def said(self, sender: str | None = None) -> list[str]:
        """What was said, by everybody or in one conversation, without the demands to forget."""
        return [words for who, words in self.heard if words != "/effacer" and sender in (None, who)]

    def forgotten(self, many: int = 0) -> list[str]:
        """The conversations that somebody asked to forget, once there are so many (a beacon comes when it comes)."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.count_forgotten() >= many, 10), "nobody asked to forget"
        return [who for who, words in self.heard if words == "/effacer"]

    def count_forgotten(self) -> int:
        """How often somebody asked to forget, so far."""
        return sum(words == "/effacer" for _, words in self.heard)


@dataclass(frozen=True)
class Live:
    """A server that answers at ``url`` (without a final slash), and the bot behind it."""

    url: str
    bot: FakeBot


@contextmanager
def live(
    bot: FakeBot, rest: Callable[[], RestInput] = RestInput, website: Callable[[], WebsiteInput] = WebsiteInput,
    port: int | None = None,
) -> Iterator[Live]:  # fmt: skip
    """Serve both channels, registered as Rasa registers them, in a thread of its own."""
    port = port or free_port()
    app = Sanic(f"live_{uuid.uuid4().hex}", configure_logging=False)
    app.ctx.agent = SimpleNamespace(handle_message=bot.handle_message)
    register([rest(), website()], app, "/webhooks/")
    loop = asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False)
        assert server is not None
        await server.startup()
        await server.before_start()
        await server.after_start()
        ready.set()
        await over.wait()
        server.close()
        for connection in list(server.connections):
            connection.close_if_idle()
            connection.abort()
        await server.wait_closed()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    try:
        yield Live(f"http://127.0.0.1:{port}", bot)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
