"""What an operator's tools ask the server: is it alive, is it ready, how much does it do."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.serving import metrics

logger = logging.getLogger(__name__)

NO_STORE = {"Cache-Control": "no-store"}
# What a reverse proxy adds. These pages are for the machine and its network: none goes through the proxy by mistake.
PROXY_HEADERS = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class OperationsInput(InputChannel):
    """``/sante``, ``/sante/vivant``, ``/sante/pret`` and ``/metrics``; it carries no message itself.

    Asked through a reverse proxy, only ``/sante/vivant`` answers.
    """

    @classmethod
    def name(cls) -> str:
        """Return the channel's name for Rasa."""
        return "operations"

    def url_prefix(self) -> str:
        """Return where the routes stand: at the root, not under /webhooks."""
        return "/"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes."""
        operations = Blueprint("boussole_operations", __name__)

        @operations.route("/sante/vivant", methods=["GET"])
        async def live(request: Request) -> HTTPResponse:
            return response.json({"vivant": True}, headers=NO_STORE)

        @operations.route("/sante/pret", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            return await _state(request)

        @operations.route("/sante", methods=["GET"])
        async def state(request: Request) -> HTTPResponse:
            return await _state(request)

        @operations.route("/metrics", methods=["GET"])
        async def figures(request: Request) -> HTTPResponse:
            if _through_a_proxy(request):
                return _nothing_here()
            return response.raw(metrics.exposition(), content_type=metrics.CONTENT_TYPE, headers=NO_STORE)

        return operations


async def _state(request: Request) -> HTTPResponse:
    if _through_a_proxy(request):
        return _nothing_here()
    parts = await check_parts(request.app.ctx.agent)
    ready = all(parts.values())
    return response.json(
        {"vivant": True, "pret": ready, "parties": parts}, status=200 if ready else 503, headers=NO_STORE
    )


async def check_parts(agent: Any) -> dict[str, bool]:
    """Return whether each part that a turn needs works: the model, the conversations' store, their locks."""
    return {
        "modele": agent.is_ready(),
        "conversations": await _answers(getattr(agent.tracker_store, "shelf", None)),
        "verrous": await _answers(agent.lock_store),
    }


async def _answers(part: Any) -> bool:
    ping = getattr(part, "ping", None)
    if ping is None:
        # It is in this process, and works as long as the process does.
        return True
    try:
        await ping()
    except Exception as error:
        logger.error("%s does not answer: %s", type(part).__name__, type(error).__name__)
        return False
    return True


def _through_a_proxy(request: Request) -> bool:
    return any(header in request.headers for header in PROXY_HEADERS)


def _nothing_here() -> HTTPResponse:
    return response.text("Il n'y a rien à cette adresse.", status=404, headers=NO_STORE)
