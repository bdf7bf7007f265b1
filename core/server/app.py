"""What surrounds Streamlit in the server: start-up, readiness, compression, security headers, the guards in order."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

import core
from core import telemetry
from core.engine import inference, memory
from core.models import bundled
from core.server import (
    addresses,
    connections,
    descriptors,
    document,
    forwards,
    leaving,
    prefix,
    start,
    uploads,
)
from core.server.guards import Closed, Places, Traced
from core.server.messages import Messages
from core.server.refusals import EXCEPTION_HANDLERS
from core.settings import SETTINGS, Settings
from core.ui import budget, component, queue_notice, streamlit_internals, takeaway, thumbnails
from core.ui.kit import feature_sheets
from core.ui.language import apologize
from core.ui.story import STORY

WARM_UP_DELAY = 3.0
"""Seconds from start to the import of PyTorch, which keeps a core busy for as long; the first page needs one."""


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Let PyTorch load in the background, a moment after the first page had the processor to itself.

    A page that needs a network starts the import at once (:func:`core.ui.page.waiting_for_torch`). Meanwhile the
    sessions of visitors who left are ended in time, and logs and metrics are written where somebody wants them.
    """
    for name in streamlit_internals.missing():
        logging.getLogger(__name__).warning("%s is not there any more: a slower way is taken.", name)
    streamlit_internals.take_short_cuts()
    streamlit_internals.keep_downloads()
    streamlit_internals.refuse_foreign_values()
    inference.who, telemetry.who = queue_notice.visitor, streamlit_internals.session_id
    for error in bundled.broken():
        sys.stderr.write(f"SegScope: {error}\n")
    later = threading.Timer(WARM_UP_DELAY, forwards.begin)
    later.daemon = True
    later.start()
    telemetry.QUEUE.set_function(inference.waiting)
    telemetry.UPLOAD_BYTES.set_function(uploads.kept_bytes)
    telemetry.CACHE_BYTES.set_function(budget.size)
    start.announce()
    with telemetry.published():
        watches = [asyncio.create_task(watch()) for watch in (leaving.watch, connections.watch)]
        try:
            yield
        finally:
            later.cancel()
            for ending in watches:
                ending.cancel()
                with suppress(asyncio.CancelledError):
                    await ending


async def readyz(_request: Request) -> Response:
    """Whether networks can answer: 200, or 503 while PyTorch loads and where it does not load at all.
    ``/_stcore/health`` only says "I run"."""
    if inference.ready():
        return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})
    if inference.failed():
        return PlainTextResponse("failed\n", 503, headers={"Cache-Control": "no-store"})
    return PlainTextResponse("loading\n", 503, headers={"Cache-Control": "no-store", "Retry-After": "2"})


def content_policy(settings: Settings = SETTINGS) -> str:
    """The strictest Content-Security-Policy that Streamlit, its components and plotly run under, tried in Chromium.

    ``blob:`` scripts are the components' own JavaScript, which Streamlit imports from memory. Inline *styles* are how
    Streamlit's emotion, plotly and KaTeX draw. Nothing may come from, or go to, another host. Code may not be made from
    text (no ``unsafe-eval``): plotly's ``scattergl`` needs that and stays grey; heatmaps, surfaces, tables and
    Streamlit's own charts were tried and do not. ``data:`` pictures are the players' and Streamlit's icons, ``blob:``
    ones plotly's way to a PNG, ``data:`` fonts KaTeX's and the tables'. No script asks for trusted types: React and the
    players write ``innerHTML``. ``tests/server/test_browser_policy.py`` reports what each of these is needed for.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", "blob:", *document.inline_script_hashes(document.document())]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'none'",  # it would be script-src's otherwise, blob: included
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
        # A host that shows the demo inside its own page names itself here, separated by spaces.
        "frame-ancestors": settings.frame_ancestors,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class SecurityHeaders:
    """Adds the content policy and its companions to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": content_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class SameOrigin:
    """Refuses websockets that a page of another site opens, before Streamlit sees them.

    Streamlit refuses them too, but first asks a foreign server for its own public address, which blocks every visitor
    meanwhile. A missing ``Origin`` is not a browser and passes. ``server.corsAllowedOrigins`` names further origins.

    A proxy may put a name of its own into ``Host`` and the browser's into ``X-Forwarded-Host``. That counts too: a page
    can give a websocket no header, so a foreign one cannot claim to be ours. Streamlit, which looks at nothing but
    ``Host``, is then given the browser's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            origin, forwarded = headers.get("origin"), headers.get("x-forwarded-host", "").partition(",")[0].strip()
            if same_origin(origin, headers.get("host", "")):
                pass
            elif forwarded and same_origin(origin, forwarded):
                scope = _with_host(scope, forwarded)
            else:
                await receive()  # the handshake, which has to be read before it can be refused
                telemetry.refused("origin")
                await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
                return
        await self.app(scope, receive, send)


def _with_host(scope: Scope, host: str) -> Scope:
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "headers": [*others, (b"host", host.encode("latin-1"))]}


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a handshake with these two headers may pass."""
    if origin is None:
        return True
    allowed = [entry.rstrip("/") for entry in config.get_option("server.corsAllowedOrigins")]
    try:
        return urlsplit(origin).netloc.lower() == host.lower() or origin in allowed
    except ValueError:
        return False


SHELL = Path(core.__file__).with_name("ui") / "shell.py"
"""The script that draws. It lies away from ``pages/``: a folder of that name beside the main script would switch on
Streamlit's old page discovery, which answers a cold deep link before the shell has had its say."""

ROUTES = [
    Route("/readyz", readyz, methods=["GET", "HEAD"]),
    takeaway.ROUTE,
    component.ROUTE,
    feature_sheets.ROUTE,
    thumbnails.ROUTE,
    *document.routes([entry.name for entry in STORY]),
]

MIDDLEWARE = [
    Middleware(Traced),
    Middleware(SecurityHeaders),
    Middleware(prefix.Prefix),
    Middleware(SameOrigin),
    Middleware(Closed),
    Middleware(Places),
    Middleware(Messages),
    Middleware(addresses.Addresses),  # behind it: a full server says so at every address
    Middleware(uploads.Uploads),
    # Streamlit leaves its scripts uncompressed for a proxy to do. Here nobody else does it: 2.8 MB become 1.3 MB.
    Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6),
]


def surroundings() -> dict[str, Any]:
    """The arguments of :class:`streamlit.App` that go with :data:`SHELL`. An entry file calls it by that name, by which
    Streamlit finds it, and :func:`begin` after it."""
    return {
        "lifespan": lifespan,
        "routes": ROUTES,
        "middleware": MIDDLEWARE,
        "on_script_error": apologize,
        "exception_handlers": EXCEPTION_HANDLERS,
    }


def begin() -> None:
    """Set up the process, before Streamlit makes its routes and any thread begins."""
    start.check()
    start.quiet()
    descriptors.raise_limit()
    memory.one_pool()
    if SETTINGS.memory == "small":
        memory.nothing_kept()
    memory.collect_seldom()
    prefix.take()
