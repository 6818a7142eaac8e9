"""The website: the widget's files, a page to try it, and a page that writes the line to embed."""

import gzip
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from boussole.channels.headers import secure
from boussole.triage.knowledge import PROJECT

logger = logging.getLogger(__name__)

# What `make widget` builds.
DIST = PROJECT / "widget" / "dist"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
HASHED = "public, max-age=31536000, immutable"
# The address that sites embed never changes: what is behind it must not be kept for long.
SHORT = "public, max-age=300"
# Pages are small, and must follow the scripts that they name.
CHECKED = "no-cache"
# What the widget itself asks of a page, and what it proves: no inline code or style, no third party.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True)
class File:
    """One file as it goes over the network: ``body``, ``zipped`` (gzip), and its ``headers``."""

    body: bytes
    zipped: bytes
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """The file's validator for ``If-None-Match``."""
        return self.headers["ETag"]


def load_site(folder: Path = DIST) -> dict[str, File]:
    """Return the files of ``folder``, by path (`boussole/chat-1a2b3c4d.js`); none when it was not built.

    They are read once and for all: a request can reach nothing else on the disk.
    """
    return {
        path.relative_to(folder).as_posix(): _file(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES and path.is_file()
    }


def _file(path: Path) -> File:
    body = path.read_bytes()
    headers = {
        "Content-Type": TYPES[path.suffix],
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:16]}"',
        "Vary": "Accept-Encoding",
    }
    if path.suffix == ".html":
        headers |= {"Cache-Control": CHECKED, "Content-Security-Policy": PAGE_POLICY}
    else:
        # Public code, without anybody's data: any page may load it.
        headers |= {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
        headers["Cache-Control"] = HASHED if path.stem.startswith("chat-") else SHORT
    return File(body, gzip.compress(body, mtime=0), headers)


class WebsiteInput(InputChannel):
    """Serves the widget beside the REST channel; it carries no message itself."""

    def __init__(self, files: Mapping[str, File] | None = None) -> None:
        """Read the files of `widget/dist`, or take ``files``."""
        self._files = load_site() if files is None else files
        if not self._files:
            logger.warning("widget/dist is empty: run « make widget » to serve the widget")

    @classmethod
    def name(cls) -> str:
        """Return the channel's name for Rasa."""
        return "website"

    def url_prefix(self) -> str:
        """Return where the routes stand: at the root, not under /webhooks."""
        return "/"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes: the pages, the widget's script, and its other parts."""
        site = Blueprint("boussole_website", __name__)

        @site.listener("before_server_start")
        async def prepare(app: Any, _: Any) -> None:
            secure(app)
            # Rasa has its own page at « / », which cannot be taken from it by a route.
            app.register_middleware(self._front_page, "request")

        @site.route("/integrer", methods=["GET", "HEAD"])
        async def embed_page(request: Request) -> HTTPResponse:
            return self._send(request, "integrer.html")

        @site.route("/boussole.js", methods=["GET", "HEAD"])
        async def script(request: Request) -> HTTPResponse:
            return self._send(request, "boussole.js")

        @site.route("/boussole/<name>", methods=["GET", "HEAD"])
        async def part(request: Request, name: str) -> HTTPResponse:
            return self._send(request, f"boussole/{name}")

        return site

    async def _front_page(self, request: Request) -> HTTPResponse | None:
        if request.path == "/" and request.method in ("GET", "HEAD") and "index.html" in self._files:
            return self._send(request, "index.html")
        return None

    def _send(self, request: Request, name: str) -> HTTPResponse:
        file = self._files.get(name)
        if file is None:
            return self._send_missing(request, name)
        if request.headers.get("if-none-match") == file.etag:
            return response.empty(304, headers=dict(file.headers))
        if "gzip" in str(request.headers.get("accept-encoding") or ""):
            return response.raw(file.zipped, headers={**file.headers, "Content-Encoding": "gzip"})
        return response.raw(file.body, headers=dict(file.headers))

    def _send_missing(self, request: Request, name: str) -> HTTPResponse:
        current = next((path for path in self._files if path.startswith("boussole/chat-")), None)
        if current and name.startswith("boussole/chat-") and name.endswith(".js"):
            # A page that was open during an update still asks for the part of before: today's does the same work.
            found = self._files[current]
            return response.raw(found.body, headers={**found.headers, "Cache-Control": "no-store"})
        return response.text("Il n'y a rien à cette adresse.", status=404, headers={"Cache-Control": "no-store"})
