"""Middleware in front of Streamlit's upload address: who may send a file, how many, how much, and for how long.

Streamlit limits one file (``server.maxUploadSize``) and takes any number of them under any made-up name, for every
session that is open. Here each is let in when there is room for it (:mod:`core.server.room`), and its bytes are counted
while they arrive.

Nothing is written to disk: Starlette moves a file above one megabyte into a temporary one unless it is told otherwise.
"""

from __future__ import annotations

import re
import time

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, runtime

from core import telemetry
from core.errors import N_
from core.server.rates import Rate, client
from core.server.refusals import sentence
from core.server.room import TOO_SLOW, Room, RoomError, Way
from core.settings import SETTINGS, Settings
from core.ui import streamlit_internals

MB = 2**20
FRAME = MB
"""Bytes around the file in a request: its name and the separators."""
_ADDRESS = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)/?$")

TOO_LARGE = N_("This file is too large: choose one of at most {limit} MB.")
UNKNOWN = N_("This page has lost its connection to the server: reload it and try again.")
TOO_OFTEN = N_("Too many uploads at once: try again in {seconds} seconds.")


class _Refused(Exception):
    """Ends the reading of a body. Streamlit and Starlette let it pass and close what they have begun."""

    def __init__(self, reason: str, response: Response) -> None:
        super().__init__(reason)
        self.reason = reason
        self.response = response


def kept_bytes() -> int:
    """Bytes of uploaded files that are in memory now."""
    return sum(streamlit_internals.kept_files().values())


def _open(session: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session)


class Uploads:
    """Counts and limits what is sent to Streamlit's upload address."""

    def __init__(self, app: ASGIApp, limits: Settings = SETTINGS) -> None:
        self.app = app
        self.limits = limits
        self.by_address = Rate(limits.uploads_per_minute)
        self.by_session = Rate(limits.session_uploads_per_minute)
        self.room = Room(limits)
        streamlit_internals.keep_forms_in_memory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _ADDRESS.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if address is None:
            await self.app(scope, receive, send)
            return
        answering, kept = False, ""

        async def watched(message: Message) -> None:
            nonlocal answering, kept
            answering = True
            if message["type"] == "http.response.start" and message["status"] < 300:
                kept = address[2]
                telemetry.UPLOADS.inc()
            await send(message)

        way = Way(address[1], client(scope), _length(scope))
        try:
            self._admit(way, scope)
            await self.room.enter(way)
            await self.app(scope, self._counted(way, scope, receive), watched)
        except RoomError as error:
            telemetry.refused(error.reason)
            if not answering:
                status = 408 if error.message == TOO_SLOW else 429
                refusal = _refusal(error.reason, error.message, status, scope, 60)
                await refusal.response(scope, receive, send)
        except _Refused as refusal:
            telemetry.refused(refusal.reason)
            if not answering:
                await refusal.response(scope, receive, send)
        except ClientDisconnect:
            telemetry.event("broken_off")  # a tab that was closed is no mistake of ours: no traceback in the log
        finally:
            self.room.leave(way, kept)

    def _admit(self, way: Way, scope: Scope) -> None:
        """Everything that can be said before the body and without waiting."""
        wait = self.by_address.take(way.address)
        if not wait and not _open(way.session):
            raise _refusal("session", UNKNOWN, 403, scope)
        wait = wait or self.by_session.take(way.session)
        if wait:
            raise _refusal("uploads", TOO_OFTEN, 429, scope, wait, seconds=max(1, round(wait)))
        _check_size(way.size, scope)

    def _counted(self, way: Way, scope: Scope, receive: Receive) -> Receive:
        """``receive`` that stops where a limit is reached."""
        until = time.monotonic() + self.limits.upload_seconds

        async def counted() -> Message:
            way.check()
            try:
                async with way.until(min(until - time.monotonic(), self.limits.upload_stall_seconds)):
                    message = await receive()
            except TimeoutError:
                raise way.over or RoomError("slow", TOO_SLOW) from None
            _check_size(way.arrived + len(message.get("body", b"")), scope)
            self.room.grow(way, len(message.get("body", b"")))
            return message

        return counted


def _length(scope: Scope) -> int:
    """Bytes that a request says it brings, 0 where it does not."""
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _check_size(size: int, scope: Scope) -> None:
    most = config.get_option("server.maxUploadSize")
    if size > most * MB + FRAME:
        raise _refusal("file", TOO_LARGE, 413, scope, limit=most)


def _refusal(reason: str, message: str, status: int, scope: Scope, retry: float = 0, **values: object) -> _Refused:
    response = sentence(message, status, scope, retry, **values)
    # Whoever says how little is coming may finish sending, and the browser shows the sentence. Others are cut off.
    if not 0 < _length(scope) <= config.get_option("server.maxUploadSize") * MB + FRAME:
        response.headers["Connection"] = "close"
    return _Refused(reason, response)
