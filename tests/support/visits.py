"""A browser tab that writes down everything a test may want to forbid."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, Request, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


def page_link(page: Page | FrameLocator, which: str | int, group: int = 0) -> Locator:
    """The link to a page in the navigation, whose group is opened for it.

    Args:
        page: the tab.
        which: the page's title in the reader's language, or its number in the group.
        group: number of the group: the chapter, the lab.
    """
    page.get_by_test_id("stTopNavSection").nth(group).click()
    links = page.get_by_test_id("stTopNavDropdownLink")
    return links.nth(which) if isinstance(which, int) else links.filter(has_text=which).first


@dataclass
class Visit:
    """A browser tab and what happened in it.

    Attributes:
        page: playwright's page.
        complaints: console errors and warnings, uncaught exceptions, failed requests.
        foreign: addresses of requests to other hosts than the server.
        sent: number of messages that the browser sent to Streamlit; each asks for a rerun or says that the tab lives.
        received: bytes of the messages that came back.
        runs: how many runs of a page the server has finished for this tab, over all its connections.
        waiting: requests that have no answer yet.
    """

    page: Page
    server: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    sent: int = 0
    received: int = 0
    runs: int = 0
    waiting: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        page = self.page
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self.waiting.discard(request))
        page.on("requestfailed", self._failed)
        page.on("websocket", self._websocket)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        self.waiting.add(request)
        self._address(request.url)

    def _failed(self, request: Request) -> None:
        self.waiting.discard(request)
        self.complaints.append(f"failed: {request.url} {request.failure}")

    def _address(self, url: str) -> None:
        here = (self.server, self.server.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(here):
            self.foreign.append(url)

    def _websocket(self, socket: WebSocket) -> None:
        self._address(socket.url)

        def sent(_frame: str | bytes) -> None:
            self.sent += 1

        def received(frame: str | bytes) -> None:
            self.received += len(frame)
            if isinstance(frame, bytes):
                self.runs += ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished"

        socket.on("framesent", sent)
        socket.on("framereceived", received)

    def open(self, path: str = "/") -> Page:
        """Go to an address of the server and wait until it is drawn."""
        self.page.goto(self.server + path)
        return ready(self.page)

    def settle(self) -> Page:
        """Wait until the page is drawn and whatever that asked for has come: scripts of components, pictures, fonts.

        Streamlit is idle before the components on the page have been fetched, and a test that leaves then cuts them
        short.
        """
        quiet = 0
        while quiet < 3:
            ready(self.page)
            before = self.received
            self.page.wait_for_timeout(100)
            quiet = 0 if self.waiting or self.received != before else quiet + 1
        return self.page


def says(page: Page, part: str, *, no: bool = False) -> None:
    """Wait until the page's address contains ``part``, or does ``no`` longer."""
    address = expect(page)
    (address.not_to_have_url if no else address.to_have_url)(re.compile(re.escape(part)))


def ready(page: Page) -> Page:
    """Wait until Streamlit is connected and idle, which includes what a click has just started."""
    page.wait_for_timeout(150)  # a click reaches the state attribute a moment later
    page.wait_for_selector(READY, timeout=60_000)
    return page
