"""Middleware in front of Streamlit's websocket: what is no message of Streamlit's ends the visit, in one line of a log.

Streamlit closes such a connection too, and writes a traceback for each, which anybody could fill a disk with.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import telemetry
from core.ui import streamlit_internals

PROTOCOL_ERROR = 1002
UNSUPPORTED = 1003


class Messages:
    """Closes websockets that say what is no message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def received() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and (code := wrong(message)):
                telemetry.refused("message")
                await send({"type": "websocket.close", "code": code})
                return {"type": "websocket.disconnect", "code": code}
            return message

        await self.app(scope, received, send)


def wrong(message: Message) -> int:
    """With which code a websocket ends that says ``message``; 0 where it goes on."""
    data = message.get("bytes")
    if data is None:
        return UNSUPPORTED  # a text; all of Streamlit's are bytes
    return 0 if streamlit_internals.is_message(data) else PROTOCOL_ERROR
