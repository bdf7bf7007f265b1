"""A browser tab that writes down everything a test may want to forbid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, WebSocket

READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@dataclass
class Visit:
    """A browser tab and what happened in it.

    Attributes:
        page: playwright's page.
        complaints: console errors and warnings, uncaught exceptions, failed requests.
        foreign: addresses of requests to other hosts than the server.
        sent: number of messages that the browser sent to Streamlit; each asks for a rerun or says that the tab lives.
        received: bytes of the messages that came back.
    """

    page: Page
    server: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sent: int = 0
    received: int = 0

    def __post_init__(self) -> None:
        page = self.page
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url} {request.failure}"))
        page.on("websocket", self._websocket)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, url: str) -> None:
        here = (self.server, self.server.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(here):
            self.foreign.append(url)

    def _websocket(self, socket: WebSocket) -> None:
        self._request(socket.url)

        def sent(_frame: str | bytes) -> None:
            self.sent += 1

        def received(frame: str | bytes) -> None:
            self.received += len(frame)

        socket.on("framesent", sent)
        socket.on("framereceived", received)

    def open(self, path: str = "/") -> Page:
        """Go to an address of the server and wait until it is drawn."""
        self.page.goto(self.server + path)
        return ready(self.page)


def ready(page: Page) -> Page:
    """Wait until Streamlit is connected and idle, which includes what a click has just started."""
    page.wait_for_timeout(150)  # a click reaches the state attribute a moment later
    page.wait_for_selector(READY, timeout=60_000)
    return page
