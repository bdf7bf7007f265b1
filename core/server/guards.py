"""Middleware in front of Streamlit: how many visitors, how often from one address, and which doors stay shut."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import telemetry
from core.server import descriptors, refusals
from core.server.rates import Rate, client
from core.settings import SETTINGS, Settings
from core.ui import component, thumbnails
from core.ui.kit import feature_sheets

_CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check")
ALWAYS = ("/readyz", "/_stcore/health", "/healthz")
"""Addresses that answer whatever happens, for what watches the process."""


def kind(path: str) -> str:
    """Which of a few kinds an address is of; the address itself may name a session or a file."""
    for part, name in (
        ("/_stcore/upload_file/", "upload"), ("/_stcore/stream", "websocket"), ("/_stcore/", "streamlit"),
        ("/static/", "static"), ("/media/", "media"), ("/component/", "component"),
        (component.PREFIX, "component"), (feature_sheets.PREFIX, "maps"), (thumbnails.PREFIX, "static"),
    ):  # fmt: skip
        if part in path:
            return name
    return "health" if path.endswith(ALWAYS) else "page"


class Traced:
    """Names every request, tells the client the name (``X-Request-ID``), counts the answer and notes it.

    Answers that only repeat themselves (static files, health checks) are counted and not noted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request, sort, began = uuid4().hex[:16], kind(scope["path"]), time.perf_counter()
        token = telemetry.REQUEST.set(request)
        status, size = 0, 0

        async def traced(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close" and not status:
                status = 403
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            # Without an answer: an exception on its way to Starlette's last resort, or a visitor who left meanwhile.
            status = status or (500 if scope["type"] == "http" else 499)
            seconds = time.perf_counter() - began
            telemetry.REQUESTS.labels(sort, str(status)).inc()
            if sort not in ("static", "health", "streamlit", "component") or status >= 400:
                telemetry.event("answered", kind=sort, status=status, seconds=round(seconds, 4), bytes=size)
            telemetry.REQUEST.reset(token)


class Closed:
    """Shuts Streamlit's own metrics and script check, which anybody could read and which cost a processor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_CLOSED):
            await refusals.sentence(refusals.NOT_FOUND, 404, scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Places:
    """Counts the visitors and has no more of them than there are places; the rest get a page that says so.

    A visitor is an open websocket of Streamlit's. Whoever is in stays in; health and readiness always answer.
    """

    def __init__(self, app: ASGIApp, limits: Settings = SETTINGS) -> None:
        self.app = app
        self.limits = limits
        self.taken = 0
        self.arriving: Counter[str] = Counter()
        self.places = descriptors.visitors(limits)
        self.connects = Rate(limits.connects_per_minute)

    @property
    def full(self) -> bool:
        """Whether there is no place for another visitor."""
        return self.taken >= self.places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and kind(scope["path"]) == "websocket":
            await self._visit(scope, receive, send)
        elif scope["type"] == "http" and self.full and self._asks_for_a_place(scope):
            if kind(scope["path"]) == "page":
                answer = refusals.full_page(scope, self.places)
            else:
                answer = refusals.sentence(refusals.FULL, 503, scope, refusals.RETRY[0], limit=self.places)
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    @staticmethod
    def _asks_for_a_place(scope: Scope) -> bool:
        """A browser that opens a page, or Streamlit's own script before it connects: it shows the answer's text."""
        path = scope["path"]
        page = kind(path) == "page" and "text/html" in Headers(scope=scope).get("accept", "")
        return scope["method"] == "GET" and (page or path.endswith("/_stcore/host-config"))

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = client(scope)
        too_often = self.connects.take(address) > 0
        if too_often or self.full or self.arriving[address] >= self.limits.arriving:
            telemetry.refused("connects" if too_often else "full" if self.full else "arriving")
            await receive()  # the handshake, which has to be read before it can be refused
            # Answered with 403. An answer of our own would be possible, but uvicorn takes it for a mistake and logs it.
            await send({"type": "websocket.close", "code": 1013, "reason": "try again later"})
            return
        self.taken += 1
        telemetry.SESSIONS.set(self.taken)
        try:
            with self._arrival(address) as arrived:
                await self.app(scope, self._until_it_asks(receive, arrived), send)
        finally:
            self.taken -= 1
            telemetry.SESSIONS.set(self.taken)

    @contextmanager
    def _arrival(self, address: str) -> Iterator[Callable[[], None]]:
        """Counts a websocket of ``address`` until what is given here is called, or it is closed."""
        arriving = True

        def arrived() -> None:
            nonlocal arriving
            self.arriving -= Counter({address: int(arriving)})  # what reaches zero is dropped
            arriving = False

        self.arriving[address] += 1
        try:
            yield arrived
        finally:
            arrived()

    def _until_it_asks(self, receive: Receive, arrived: Callable[[], None]) -> Receive:
        """``receive`` that ends the visit of a websocket which says nothing for too long after its handshake."""
        asked = False

        async def first() -> Message:
            nonlocal asked
            if asked:
                return await receive()
            try:
                async with asyncio.timeout(self.limits.arriving_seconds):
                    message = await receive()
            except TimeoutError:
                telemetry.refused("silent")
                return {"type": "websocket.disconnect", "code": 1008}
            if message["type"] == "websocket.receive":
                asked = True
                arrived()
            return message

        return first
