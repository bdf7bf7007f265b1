"""Below which address everything stands: at the root of a host, or below a path of it.

Three kinds of hosts serve an app below a path. A proxy may take the path off and never mention it (Streamlit
Community Cloud, nginx with a slash at the end of ``proxy_pass``), take it off and announce it (JupyterHub), or pass it
on. For the first two, every address that goes to a browser is relative. For the third, ``server.baseUrlPath`` names the
path, and it is taken off here, at the door: whatever stands behind, Streamlit included, is addressed in one way only.
"""

from __future__ import annotations

from functools import cache

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from core import telemetry
from core.server import refusals
from core.server.guards import ALWAYS

_OPTION = "server.baseUrlPath"


@cache
def take() -> str:
    """The path of ``server.baseUrlPath`` with a slash before it and none behind, or nothing. Streamlit, which would put
    it before its own routes, is told that there is none: to be called before it makes them, when it has found its
    configuration."""
    path = str(config.get_option(_OPTION) or "").strip("/")
    config.set_option(_OPTION, "")
    return f"/{path}" if path else ""


class Prefix:
    """Takes ``prefix`` off the path of every request, and keeps every redirect relative.

    Whoever asks for the root of the host, or leaves out the last slash, is sent to where the pages are. Health and
    readiness answer at the root too: what watches a container need not know what a proxy calls it.
    """

    def __init__(self, app: ASGIApp, prefix: str | None = None) -> None:
        self.app = app
        self.prefix = take() if prefix is None else prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        inside = path.removeprefix(self.prefix) if path.startswith(f"{self.prefix}/") else ""
        if not inside and path in ALWAYS:
            inside = path
        if inside:
            await self.app(_at(scope, inside), receive, _relative(inside, send) if scope["type"] == "http" else send)
        elif scope["type"] == "websocket":
            await receive()  # the handshake, which has to be read before it can be refused
            telemetry.refused("prefix")
            await send({"type": "websocket.close", "code": 1008, "reason": "nothing here"})
        elif path in ("/", self.prefix) and scope["method"] in ("GET", "HEAD"):
            query = scope["query_string"].decode("latin-1")
            there = relative(path, f"{self.prefix}/") + (f"?{query}" if query else "")
            await RedirectResponse(there, 307)(scope, receive, send)
        else:
            telemetry.event("nothing_here")
            await refusals.nothing_here(scope, relative(path, f"{self.prefix}/"))(scope, receive, send)


def relative(path: str, there: str) -> str:
    """The address ``there``, which begins at the root, as a browser at ``path`` can follow it below any prefix."""
    return ("../" * (path.count("/") - 1) or "./") + there.removeprefix("/")


def _at(scope: Scope, path: str) -> Scope:
    return scope if scope["path"] == path else {**scope, "path": path, "raw_path": path.encode()}


def _relative(path: str, send: Send) -> Send:
    """``send`` that makes a redirect to a path of this host relative to ``path``; Streamlit has some that are not."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
            headers = MutableHeaders(scope=message)
            there = headers.get("location", "")
            if there.startswith("/") and not there.startswith("//"):
                headers["location"] = relative(path, there)
        await send(message)

    return sending
