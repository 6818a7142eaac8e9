"""HTTP headers that every answer carries, and those that let pages of other sites call."""

from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.settings import ANY_ORIGIN, WebSettings

# Nothing is loaded, framed or run from an answer unless its own policy says so.
CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": CLOSED_POLICY,
}
# Some hundred times what is read of a message: the rest is an attack.
BODY_LIMIT = 500_000


def secure(app: Any) -> None:
    """Make every answer of ``app`` carry :data:`SECURITY`, errors too, and refuse bodies over :data:`BODY_LIMIT`.

    Calling it again changes nothing.
    """
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT
    app.register_middleware(_add_security, "response")


async def _add_security(_: Request, answer: HTTPResponse) -> None:
    for name, value in SECURITY.items():
        answer.headers.setdefault(name, value)


def allow_origin(settings: WebSettings, request: Request, answer: HTTPResponse) -> None:
    """Let the page that asks read ``answer``, when its site is one of the settings' origins.

    No credentials are ever allowed: there is no cookie to send.
    """
    answer.headers["Vary"] = "Origin"
    origin = str(request.headers.get("origin") or "")
    if ANY_ORIGIN in settings.origins or origin.lower() in settings.origins:
        answer.headers["Access-Control-Allow-Origin"] = origin or ANY_ORIGIN
        answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = "POST"
            answer.headers["Access-Control-Allow-Headers"] = "content-type"
            answer.headers["Access-Control-Max-Age"] = "600"
