"""Matrix, hence Tchap: https://spec.matrix.org/latest/client-server-api/, by following the homeserver with matrix-nio.

Only rooms without end-to-end encryption: nobody but libolm, which is no longer maintained, decrypts for matrix-nio
(docs/adr/0018).
"""

import asyncio
import fcntl
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Self

import nio
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.delivery import BusyError, RefusedError, Sleep
from boussole.channels.desk import Desk, Received
from boussole.channels.identity import secret
from boussole.channels.ledger import SqliteLedger, ledger_folder
from boussole.channels.renderer import Outgoing
from boussole.channels.rest import OnNewMessage
from boussole.channels.webhook import text_at, value_at

logger = logging.getLogger(__name__)

NAME = "matrix"
HOMESERVER, TOKEN = "MATRIX_HOMESERVER", "MATRIX_TOKEN"
# Milliseconds that the homeserver may hold a request until something happens.
HOLD = 30_000
# Seconds before the homeserver is tried again, and before a process looks whether its turn has come.
RETRY, WATCH = (1, 2, 5, 10, 30, 60), 10
# Seconds: what is older is not answered any more, as on WhatsApp.
OLDEST = 24 * 3600
# What the bot has no use for is not sent to it: who is typing, who is online, what was read.
_FILTER = {
    "presence": {"not_types": ["*"]},
    "account_data": {"not_types": ["*"]},
    "room": {"ephemeral": {"not_types": ["*"]}, "account_data": {"not_types": ["*"]}, "timeline": {"limit": 50}},
}
_MESSAGE = "m.room.message"


class MatrixInput(InputChannel):
    """Follows the homeserver in the background, for as long as the server runs."""

    def __init__(
        self,
        desk: Desk,
        ledger: SqliteLedger,
        homeserver: str,
        token: str,
        invitations: Sequence[str],
        lock: Path,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make the channel.

        Args:
            desk: answers the messages.
            ledger: keeps the sync token.
            homeserver: the address of the homeserver.
            token: the access token of the bot's account.
            invitations: whose invitations are accepted, as patterns over Matrix ids: ``*:exemple.fr``.
            lock: a file that one process at a time may hold; only this one follows the homeserver.
            sleep: waits so many seconds.
            clock: seconds since 1970.
        """
        self._desk = desk
        self._ledger = ledger
        self._invitations = tuple(invitations)
        self._lock = lock
        self._sleep = sleep
        self._clock = clock
        # Waiting and trying again is delivery's and follow's: nio would do it in silence, and for ever.
        settings = nio.AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0, request_timeout=30)
        self._client = nio.AsyncClient(homeserver, config=settings)
        self._client.access_token = token
        self._saved: asyncio.Task[None] | None = None
        # Whether all that came so far was answered.
        self._complete = True

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; its secrets come from the environment.

        Args:
            credentials: of `credentials.yml`: ``invitations``, whose invitations are accepted.

        Raises:
            MissingSecretError: a secret is missing.
            ValueError: nobody may invite.
        """
        invitations = (credentials or {}).get("invitations") or []
        if not isinstance(invitations, list) or not all(isinstance(pattern, str) for pattern in invitations):
            raise ValueError("credentials.yml: « invitations » must be a list of texts, such as '*:exemple.fr'")
        if not invitations:
            raise ValueError("credentials.yml: « invitations » must say who may invite the bot, such as '*:exemple.fr'")
        return cls(
            Desk.of(NAME, insists=True),
            SqliteLedger.of_process(),
            secret(HOMESERVER),
            secret(TOKEN),
            invitations,
            ledger_folder() / "matrix.lock",
        )

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return a health check; following the homeserver starts and stops with the server."""
        routes = Blueprint("boussole_matrix", __name__)
        following: list[asyncio.Task[None]] = []

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.listener("after_server_start")
        async def start(app: Sanic, _: Any) -> None:
            self._desk.join(getattr(app.ctx, "agent", None))
            following.append(asyncio.create_task(self.follow(on_new_message)))

        @routes.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            for task in following:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

        return routes

    async def follow(self, on_new_message: OnNewMessage) -> None:
        """Answer what comes, until cancelled; the answers under way then get a moment to be sent."""
        # Its warnings quote the events that they are about.
        logging.getLogger("nio").setLevel(logging.CRITICAL)
        try:
            async with only_process(self._lock, self._sleep):
                await self._follow(on_new_message)
        finally:
            await self._desk.finish()
            if self._saved:
                await self._saved
            await self._client.close()

    async def _follow(self, on_new_message: OnNewMessage) -> None:
        since = self._ledger.cursor(NAME)
        state_known = False
        failures = 0
        while True:
            try:
                if not self._client.user_id:
                    await self._identify()
                # Who is in a room is not kept between two runs: the first answer tells it again.
                answer = await self._sync(since, state_known)
                await self._take(answer, since is not None, on_new_message)
                since, state_known, failures = answer.next_batch, True, 0
            except Exception as error:
                # Whatever breaks here, the next try may pass; nobody else would make it.
                wait = RETRY[min(failures, len(RETRY) - 1)]
                reason = str(error) if isinstance(error, BusyError | RefusedError) else type(error).__name__
                logger.error("matrix: the homeserver cannot be followed, trying again in %d s: %s", wait, reason)
                failures += 1
                await self._sleep(wait)

    async def _identify(self) -> None:
        answer = await self._client.whoami()
        _check(answer)
        self._client.restore_login(answer.user_id, answer.device_id or "", self._client.access_token)

    async def _sync(self, since: str | None, state_known: bool) -> Any:
        hold = HOLD if since and state_known else 0
        answer = await self._client.sync(timeout=hold, since=since, full_state=not state_known, sync_filter=_FILTER)
        _check(answer)
        return answer

    async def _take(self, answer: Any, known: bool, on_new_message: OnNewMessage) -> None:
        """Answer what a sync brings; ``known`` is False at the very first one, whose messages are all old."""
        for room_id, invitation in answer.rooms.invite.items():
            await self._invited(room_id, invitation)
        tasks = []
        for room_id, news in answer.rooms.join.items():
            room = self._client.rooms.get(room_id)
            if room is None or not known:
                continue
            for received in self._received(room, news.timeline.events):
                send = self._sender(room_id, received.id)
                tasks.append(asyncio.create_task(self._desk.handle(received, on_new_message, send)))
            await self._leave_if_alone(room)
        # The place is kept once all that came before it is answered: after a crash the rest comes again.
        self._saved = asyncio.create_task(self._save(self._saved, tasks, answer.next_batch))

    async def _save(self, before: asyncio.Task[None] | None, tasks: list[asyncio.Task[None]], token: str) -> None:
        if before:
            await before
        for failed in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(failed, asyncio.CancelledError):
                # Let go of as the server stops: after the restart it comes again.
                self._complete = False
            elif isinstance(failed, Exception):
                logger.error("matrix: a message could not be answered: %s", type(failed).__name__)
        if self._complete:
            self._ledger.set_cursor(NAME, token)

    async def _invited(self, room_id: str, invitation: Any) -> None:
        inviters = [
            event.sender
            for event in invitation.invite_state
            if isinstance(event, nio.InviteMemberEvent)
            and (event.state_key, event.membership) == (self._client.user_id, "invite")
        ]
        if any(fnmatchcase(inviter, pattern) for inviter in inviters for pattern in self._invitations):
            answer = await self._client.join(room_id)
        else:
            logger.warning("matrix: an invitation from outside the list was declined")
            answer = await self._client.room_leave(room_id)
        if isinstance(answer, nio.ErrorResponse):
            logger.error("matrix: an invitation could not be answered: %s", answer.status_code)

    async def _leave_if_alone(self, room: Any) -> None:
        if room.joined_count <= 1 and not room.invited_count:
            await self._client.room_leave(room.room_id)
            await self._client.room_forget(room.room_id)

    def _received(self, room: Any, events: Sequence[Any]) -> Iterator[Received]:
        """Yield what the events of a room say to the bot."""
        for event in _since_invited(events, self._client.user_id):
            if _joins(event, self._client.user_id):
                if room.encrypted or not is_private(room):
                    yield self._notice(room, event)
            elif event.sender == self._client.user_id or self._is_old(event):
                continue
            elif isinstance(event, nio.MegolmEvent):
                if is_private(room):
                    yield self._notice(room, event)
            elif isinstance(event, nio.RoomMessage | nio.StickerEvent) and _is_said(event):
                private = is_private(room)
                if private or self._is_addressed(event):
                    author = (room.room_id, event.sender)
                    yield Received(event.event_id, author, _text_of(event), private, self._direct_link)

    def _notice(self, room: Any, event: Any) -> Received:
        """Return what is only answered by a notice: that the room is encrypted, or that others read."""
        # Once for each room, not for each message that cannot be read.
        identity = f"{room.room_id} encrypted" if room.encrypted else event.event_id
        private = is_private(room)
        return Received(identity, (room.room_id, event.sender), None, private, self._direct_link, room.encrypted)

    def _is_old(self, event: Any) -> bool:
        return bool(self._clock() - event.server_timestamp / 1000 > OLDEST)

    def _is_addressed(self, event: Any) -> bool:
        """Tell whether a message of a group names the bot."""
        content = event.source.get("content")
        bot = self._client.user_id
        body = text_at(content, "body")
        mentioned = value_at(content, "m.mentions", "user_ids")
        return bool(
            (isinstance(mentioned, list) and bot in mentioned)
            or bot in body
            or body.lower().startswith(bot[1:].partition(":")[0].lower())
        )

    @property
    def _direct_link(self) -> str:
        return f"https://matrix.to/#/{self._client.user_id}"

    def _sender(self, room_id: str, identity: str) -> Callable[[Outgoing, int], Any]:
        mark = hashlib.sha256(identity.encode()).hexdigest()[:32]

        async def send(outgoing: Outgoing, place: int) -> None:
            # The homeserver takes a second message with the same transaction id for the first one sent again.
            answer = await self._client.room_send(room_id, _MESSAGE, message_content(outgoing), f"{mark}-{place}")
            _check(answer)

        return send


@asynccontextmanager
async def only_process(path: Path, sleep: Sleep) -> AsyncIterator[None]:
    """Hold the file for this process; wait as long as another one holds it.

    Raises:
        OSError: the file cannot be made.
    """
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await sleep(WATCH)
        yield


def is_private(room: Any) -> bool:
    """Tell whether nobody but the bot and one person can read the room."""
    return bool(room.member_count <= 2 and room.join_rule == "invite" and room.history_visibility != "world_readable")


def message_content(outgoing: Outgoing) -> dict[str, Any]:
    """Return the content of the event for a message."""
    return {
        # What the specification asks of bots, so that two of them do not answer each other for ever.
        "msgtype": "m.notice",
        "body": outgoing.plain,
        "format": "org.matrix.custom.html",
        "formatted_body": outgoing.text,
        "m.mentions": {},
    }


def _check(answer: Any) -> None:
    """Turn nio's error answers into errors.

    Raises:
        BusyError: too many calls, or the homeserver is out of order.
        RefusedError: any other error.
    """
    if not isinstance(answer, nio.ErrorResponse):
        return
    status = getattr(answer.transport_response, "status", 0)
    reason = f"status {status}, {answer.status_code or 'unknown error'}"
    if status == 429 or answer.status_code == "M_LIMIT_EXCEEDED" or status >= 500:
        wait = answer.retry_after_ms
        raise BusyError(reason, wait / 1000 if wait is not None else None)
    raise RefusedError(reason)


def _since_invited(events: Sequence[Any], bot: str) -> Sequence[Any]:
    """Return the events after the bot's invitation: what was said in the room before was not said to it."""
    invited = [
        place
        for place, event in enumerate(events)
        if isinstance(event, nio.RoomMemberEvent) and (event.state_key, event.membership) == (bot, "invite")
    ]
    return events[invited[-1] + 1 :] if invited else events


def _joins(event: Any, bot: str) -> bool:
    return (
        isinstance(event, nio.RoomMemberEvent)
        and (event.state_key, event.membership) == (bot, "join")
        and event.prev_membership != "join"
    )


def _is_said(event: Any) -> bool:
    """Tell whether a message is one that a person says: no other bot's notice, no correction of an earlier one."""
    edit = value_at(event.source.get("content"), "m.relates_to", "rel_type") == "m.replace"
    return not edit and not isinstance(event, nio.RoomMessageNotice)


def _text_of(event: Any) -> str | None:
    if not isinstance(event, nio.RoomMessageText | nio.RoomMessageEmote):
        return None
    lines = str(event.body).split("\n")
    if value_at(event.source.get("content"), "m.relates_to", "m.in_reply_to"):
        # Older clients put what they reply to before the reply.
        while lines and lines[0].startswith("> "):
            lines.pop(0)
    return "\n".join(lines).strip()
