"""Middleware in front of Streamlit's upload address: who may send a file, how many, how much, and for how long.

Streamlit limits one file (``server.maxUploadSize``) and takes any number of them under any made-up name, for every
session that is open. Here the bytes are counted while they arrive, for each session and for all.

Nothing is written to disk: Starlette moves a file above one megabyte into a temporary one unless it is told otherwise.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, runtime

from core import telemetry
from core.errors import N_
from core.server.rates import Rate, client
from core.server.refusals import sentence
from core.settings import SETTINGS, Settings
from core.ui import streamlit_internals

MB = 2**20
FRAME = MB
"""Bytes around the file in a request: its name and the separators."""
_ADDRESS = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+/?$")

TOO_LARGE = N_("This file is too large: choose one of at most {limit} MB.")
UNKNOWN = N_("This page has lost its connection to the server: reload it and try again.")
TOO_OFTEN = N_("Too many uploads at once: try again in {seconds} seconds.")
TOO_MUCH = N_("This page holds too many uploads: reload it and try again.")
CROWDED = N_("Too many people are uploading at the moment: try again in a minute.")
TOO_SLOW = N_("This upload took too long: try again, or choose a smaller file.")


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
        self.on_the_way: Counter[str] = Counter()
        streamlit_internals.keep_forms_in_memory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _ADDRESS.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if address is None:
            await self.app(scope, receive, send)
            return
        session, answering = address[1], False
        own = Counter[str]()

        async def watched(message: Message) -> None:
            nonlocal answering
            answering = True
            if message["type"] == "http.response.start" and message["status"] < 300:
                telemetry.UPLOADS.inc()
            await send(message)

        try:
            self._admit(session, scope)
            await self.app(scope, self._counted(session, scope, receive, own), watched)
        except _Refused as refusal:
            telemetry.refused(refusal.reason)
            if not answering:
                await refusal.response(scope, receive, send)
        except ClientDisconnect:
            telemetry.event("broken_off")  # a tab that was closed is no mistake of ours: no traceback in the log
        finally:
            self.on_the_way -= own  # a counter drops what reaches zero

    def _admit(self, session: str, scope: Scope) -> None:
        """Everything that can be said before the body."""
        wait = self.by_address.take(client(scope))
        if not wait and not _open(session):
            raise _refusal("session", UNKNOWN, 403, scope)
        wait = wait or self.by_session.take(session)
        if wait:
            raise _refusal("uploads", TOO_OFTEN, 429, scope, wait, seconds=max(1, round(wait)))
        length = Headers(scope=scope).get("content-length", "0")
        self._check(session, scope, 0, int(length) if length.isdigit() else 0)

    def _check(self, session: str, scope: Scope, done: int, more: int) -> None:
        """Whether ``more`` bytes fit beside the ``done`` ones of this file and everything else that is kept."""
        most = config.get_option("server.maxUploadSize")
        if done + more > most * MB + FRAME:
            raise _refusal("file", TOO_LARGE, 413, scope, limit=most)
        kept = streamlit_internals.kept_files()
        if kept.get(session, 0) + self.on_the_way[session] + more > self.limits.session_upload_mb * MB:
            raise _refusal("session_bytes", TOO_MUCH, 429, scope, 60)
        if sum(kept.values()) + self.on_the_way.total() + more > self.limits.total_upload_mb * MB:
            raise _refusal("total_bytes", CROWDED, 429, scope, 60)

    def _counted(self, session: str, scope: Scope, receive: Receive, own: Counter[str]) -> Receive:
        """``receive`` that stops where a limit is reached; what has come is added to ``own`` and to all."""
        until = time.monotonic() + self.limits.upload_seconds

        async def counted() -> Message:
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                raise _refusal("slow", TOO_SLOW, 408, scope) from None
            size = len(message.get("body", b""))
            self._check(session, scope, own[session], size)
            own[session] += size
            self.on_the_way[session] += size
            return message

        return counted


def _refusal(reason: str, message: str, status: int, scope: Scope, retry: float = 0, **values: object) -> _Refused:
    response = sentence(message, status, scope, retry, **values)
    # Whoever says how little is coming may finish sending, and the browser shows the sentence. Others are cut off.
    length = Headers(scope=scope).get("content-length", "")
    if not length.isdigit() or int(length) > config.get_option("server.maxUploadSize") * MB + FRAME:
        response.headers["Connection"] = "close"
    return _Refused(reason, response)
