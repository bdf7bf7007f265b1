"""A real browser visits SegScope and an empty Streamlit app, in turns: bytes and time of a cold load.

Both servers run at the same time on 127.0.0.1; every visit has a browser context of its own, so nothing is cached.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from core.bench.report import Measurement
from core.errors import N_, SegScopeError
from core.settings import SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
READY = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
EMPTY = "import streamlit as st\n\nst.title('Empty')\n"
PATIENCE = 120.0
"""Seconds until a server or a page that does not answer counts as broken."""


class BrowserError(SegScopeError):
    """No browser, or a server that does not start."""


@dataclass(frozen=True)
class Visit:
    """One cold visit.

    Attributes:
        seconds: from the request until Streamlit says that the script has run.
        transferred: bytes that arrived, headers, compressed bodies and websocket messages together.
    """

    seconds: float
    transferred: int


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def server(script: Path, folder: Path, health: str) -> Iterator[str]:
    """``streamlit run SCRIPT`` in ``folder``; gives its address once ``health`` answers, and stops it at the end."""
    with process(script, folder, health) as (address, _):
        yield address


@contextmanager
def process(
    script: Path,
    folder: Path,
    health: str,
    environment: dict[str, str] | None = None,
    core: int | None = None,
    log: Path | None = None,
) -> Iterator[tuple[str, int]]:
    """As :func:`server`, with more variables in its environment; gives the address and the number of the process.

    Args:
        core: of the machine to which the process is tied (Linux); none if not named.
        log: file that its error stream is appended to; lost if not named.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with (log or Path(os.devnull)).open("ab") as errors:
        child = subprocess.Popen(
            command, cwd=folder, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL, stderr=errors
        )
    if core is not None:
        os.sched_setaffinity(child.pid, {core})  # before it has threads: they inherit this
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(address + health):
            if child.poll() is not None or time.monotonic() > deadline:
                raise BrowserError(N_("The server for {script} does not start."), script=script.name)
            time.sleep(0.05)
        yield address, child.pid
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window.

    Raises:
        BrowserError: playwright is not installed, or there is no Chromium.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BrowserError(N_("No browser: pip install -r requirements-dev.txt brings playwright.")) from error
    names = ("chromium", "chromium-browser", "google-chrome")
    path = SETTINGS.chromium or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        except Error as error:
            raise BrowserError(N_("No browser: install Chromium, or run make browser.")) from error
        yield browser
        browser.close()


def visit(browser: Browser, address: str) -> Visit:
    """Open ``address`` with nothing cached and wait until it stands."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    try:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        transferred = 0

        def finished(event: dict[str, Any]) -> None:
            nonlocal transferred
            transferred += int(event["encodedDataLength"])

        def received(event: dict[str, Any]) -> None:
            nonlocal transferred
            data = event["response"]["payloadData"]  # base64 for binary messages, which all of Streamlit's are
            transferred += len(data) * 3 // 4

        devtools.on("Network.loadingFinished", finished)
        devtools.on("Network.webSocketFrameReceived", received)
        began = time.perf_counter()
        page.goto(address, wait_until="commit", timeout=PATIENCE * 1000)
        page.wait_for_selector(READY, state="attached", timeout=PATIENCE * 1000)
        seconds = time.perf_counter() - began
        page.wait_for_load_state("networkidle")  # pictures and fonts belong to the load as well
        return Visit(seconds, transferred)
    finally:
        context.close()


def first_page(repeats: int) -> list[Measurement]:
    """Cold visits to both apps in turns; the first of each is not counted."""
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = folder / "empty.py"
        script.write_text(EMPTY, encoding="utf-8")
        addresses = (
            stack.enter_context(server(ROOT / "app.py", ROOT, "/readyz")),
            stack.enter_context(server(script, folder, "/_stcore/health")),
        )
        for address in addresses:
            visit(browser, address)
        turns = [[visit(browser, address) for address in addresses] for _ in range(repeats)]
    ours, empty = zip(*turns, strict=True)
    against = "empty Streamlit app"
    return [
        Measurement(
            "cold load, everything transferred",
            median(v.transferred for v in ours) / 1000,
            "kB",
            against,
            median(v.transferred for v in empty) / 1000,
            repeats,
        ),
        Measurement(
            "cold load until the first page stands",
            median(v.seconds for v in ours),
            "s",
            against,
            median(v.seconds for v in empty),
            repeats,
        ),
    ]


def start(repeats: int) -> Measurement:
    """From starting the server to the first page in the browser, while PyTorch is still loading behind it."""
    times: tuple[list[float], list[float]] = ([], [])
    with chromium() as browser, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "empty.py"
        script.write_text(EMPTY, encoding="utf-8")
        for _ in range(repeats):
            for seconds, app, home in zip(times, (ROOT / "app.py", script), (ROOT, folder), strict=True):
                began = time.perf_counter()
                with server(app, home, "/_stcore/health") as address:
                    healthy = time.perf_counter() - began
                    seconds.append(healthy + visit(browser, address).seconds)
    return Measurement(
        "server start until the first page stands",
        median(times[0]),
        "s",
        "empty Streamlit app",
        median(times[1]),
        repeats,
    )
