"""A cold visit over a slow connection, until the first picture stands; against an empty Streamlit app's title."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.bench.browser import EMPTY, PATIENCE, ROOT, chromium, server
from core.bench.report import Measurement

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MEGABITS = 4
"""Of the connection, down and up."""
LATENCY = 40
"""Milliseconds that every answer takes longer."""
PICTURE = """() => {
  const wide = (e) => e.getBoundingClientRect().width >= 200;
  const stands = (e) => e.tagName === "IMG" && e.complete && e.naturalWidth > 0 && wide(e);
  const within = (root) =>
    [...root.querySelectorAll("*")].some((e) => stands(e) || (e.shadowRoot && within(e.shadowRoot)));
  return within(document);
}"""
"""Whether a picture at least 200 pixels wide has arrived and is shown, inside a component or out of it; the little one
beside the menu does not count."""
TITLE = "() => Boolean(document.querySelector('h1'))"


@dataclass(frozen=True)
class Arrival:
    """Seconds until something stood, and what had been loaded by then: address -> bytes as transferred."""

    seconds: float
    files: dict[str, int]


def arrive(browser: Browser, address: str, shown: str, megabits: float = MEGABITS, latency: float = LATENCY) -> Arrival:
    """Open ``address`` with nothing cached over a connection like that; wait until the
    JavaScript function ``shown`` says so. Messages over the websocket count as one file of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    try:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        names: dict[str, str] = {}
        files: dict[str, int] = {}

        def asked(event: dict[str, Any]) -> None:
            names[event["requestId"]] = urlsplit(event["request"]["url"]).path

        def finished(event: dict[str, Any]) -> None:
            name = names.get(event["requestId"], "?")
            files[name] = files.get(name, 0) + int(event["encodedDataLength"])

        def received(event: dict[str, Any]) -> None:
            files["websocket"] = files.get("websocket", 0) + len(event["response"]["payloadData"]) * 3 // 4

        devtools.on("Network.requestWillBeSent", asked)
        devtools.on("Network.loadingFinished", finished)
        devtools.on("Network.webSocketFrameReceived", received)
        devtools.send("Network.enable")
        rate = megabits * 1e6 / 8  # bytes per second
        devtools.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": latency, "downloadThroughput": rate, "uploadThroughput": rate},
        )
        began = time.perf_counter()
        page.goto(address, wait_until="commit", timeout=PATIENCE * 1000)
        page.wait_for_function(shown, polling=50, timeout=PATIENCE * 1000)
        return Arrival(time.perf_counter() - began, dict(files))
    finally:
        context.close()


def first_picture(repeats: int) -> list[Measurement]:
    """Cold visits over 4 Mbit/s to both apps in turns, without the first of each; time, and kilobytes until then."""
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = folder / "empty.py"
        script.write_text(EMPTY, encoding="utf-8")
        ours = stack.enter_context(server(ROOT / "app.py", ROOT, "/readyz"))
        empty = stack.enter_context(server(script, folder, "/_stcore/health"))
        turns = [(arrive(browser, ours, PICTURE), arrive(browser, empty, TITLE)) for _ in range(repeats + 1)][1:]
    against = "an empty Streamlit app's title"
    return [
        Measurement(
            f"cold load over {MEGABITS} Mbit/s until the first picture",
            median(a.seconds for a, _ in turns),
            "s",
            against,
            median(b.seconds for _, b in turns),
            repeats,
        ),
        Measurement(
            "transferred until the first picture",
            median(sum(a.files.values()) for a, _ in turns) / 1000,
            "kB",
            against,
            median(sum(b.files.values()) for _, b in turns) / 1000,
            repeats,
        ),
    ]
