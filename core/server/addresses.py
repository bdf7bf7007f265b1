"""Addresses that lead nowhere: what is nearly right is put right, everything else gets a page with a way back.

Streamlit answers every address with its document and status 200, and shows its first page under an English notice.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core import telemetry
from core.server import refusals
from core.server.guards import kind
from core.ui.story import available


@cache
def _files() -> frozenset[str]:
    """Files that Streamlit serves beside its document: the icon, the manifest."""
    return frozenset(file.name for file in (Path(st.__file__).parent / "static").iterdir() if file.is_file())


def repaired(path: str) -> str | None:
    """The page's name that ``path`` nearly is: other capitals, a hyphen, a slash at its end; ``None`` for no page's."""
    name = path.strip("/").lower().replace("-", "_")
    return name if name in {entry.name for entry in available()} else None


class Addresses:
    """Answers what asks for a page that there is not.

    Every address that it gives is relative: a host may serve all this under a prefix that it never mentions.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"] if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else "/"
        name = path.removeprefix("/")
        if not name or name in {entry.name for entry in available()} | _files() or kind(path) != "page":
            await self.app(scope, receive, send)
            return
        up = "../" * name.count("/") or "./"
        if found := repaired(path):
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(up + found + (f"?{query}" if query else ""), 307)(scope, receive, send)
            return
        telemetry.event("nothing_here")
        if "text/html" in Headers(scope=scope).get("accept", ""):
            await refusals.nothing_here(scope, up)(scope, receive, send)
        else:
            await refusals.sentence(refusals.NOT_FOUND, 404, scope)(scope, receive, send)
