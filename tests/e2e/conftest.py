"""A Chromium, and pages that write down everything a test may want to forbid."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, WebSocket, expect, sync_playwright

READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


def _chromium() -> str | None:
    """A browser of the system's, or ``None`` for the one that playwright may have brought itself."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("SEGSCOPE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests. Without one they are skipped, or fail under ``SEGSCOPE_REQUIRE_BROWSER``."""
    with sync_playwright() as playwright:
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # root cannot have one
        try:
            chromium = playwright.chromium.launch(executable_path=_chromium(), args=[*quiet, *sandbox])
        except Error as error:
            if os.environ.get("SEGSCOPE_REQUIRE_BROWSER"):
                pytest.fail(f"no browser: {error}")
            pytest.skip("no browser: run `make browser`")
        yield chromium
        chromium.close()


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


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Visit]]:
    """Makes visits: ``visit(locale="ko-KR", width=390, color_scheme="dark")``; see :class:`Visit`.

    After the test every visit must have been silent and at home, unless the test cleared the lists itself.
    """
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(width: int = 1280, height: int = 800, locale: str = "en-US", **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        contexts.append(context)
        visits.append(Visit(context.new_page(), server))
        return visits[-1]

    yield make
    for made in visits:
        assert made.complaints == []
        assert made.foreign == []
    for context in contexts:
        context.close()
