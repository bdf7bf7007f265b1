"""A real browser at the page about training: from "Train" to the first mask, and from lifting the pen to the next."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from core.bench.browser import PATIENCE, READY, ROOT, chromium, server

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from core.bench.findings import Load

NOTES = """() => {
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (...all) {
    putImageData.apply(this, all);
    if (this.canvas.matches?.(".mask")) window.painted = performance.now();
  };
  addEventListener("pointerup", () => (window.lifted = performance.now()), true);
  addEventListener("click", () => (window.clicked = performance.now()), true);
}"""
"""When the pen was lifted, something was clicked, and a mask was painted over a photo."""
COUNTED = """(count) => {
  window.shown = 0;
  new MutationObserver((_, seen) => {
    if (/ 0$/.test(count.textContent)) return;
    seen.disconnect();
    requestAnimationFrame(() => (window.shown = performance.now()));
  }).observe(count, { childList: true, subtree: true, characterData: true });
}"""
"""When the first frame after step 0 was drawn."""
UNTIL = """async ([before, after]) => {
  while (!(window[after] > window[before])) await new Promise(requestAnimationFrame);
}"""
"""Waits until the second of two was noted after the first."""


def in_browser(load: Load, repeats: int) -> None:
    """Both, with a server and a browser of their own on this machine, at 1280 pixels."""
    with server(ROOT / "app.py", ROOT, "/readyz") as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1400}, locale="en-US")
        page.set_default_timeout(1000 * PATIENCE)
        first = _first_masks(page, address, repeats)
        load.add(f"from “Train” to the first mask in the browser, median of {len(first)}", median(first), "s")
        load.add("the slowest of them", max(first), "s", 2)
        lifted = _strokes(page, address, 3 * repeats)
        size = "512 x 384"
        load.add(f"from lifting the pen to the mask at {size}, median of {len(lifted)}", median(lifted), "s", 0.3)
        load.add("the quickest of them", min(lifted), "s")
        load.add("the slowest of them", max(lifted), "s")


def _first_masks(page: Page, address: str, repeats: int) -> list[float]:
    page.goto(f"{address}/training?step=watch")
    page.wait_for_selector(READY)
    page.evaluate(NOTES)
    train, count, again = (page.locator(f".watch {name}") for name in (".train", ".count", ".again"))
    seconds = []
    for number in range(repeats + 1):
        again.click()
        page.wait_for_timeout(1500)
        count.evaluate(COUNTED)
        train.click()
        page.evaluate(UNTIL, ["clicked", "shown"])
        if number:  # the first one warms the server up
            seconds.append(page.evaluate("(window.shown - window.clicked) / 1000"))
        train.click()
        page.wait_for_timeout(1500)
    return seconds


def _strokes(page: Page, address: str, count: int) -> list[float]:
    from core.bench.learning import sized
    from core.pictures import images

    picture, _ = sized("kitten")
    page.goto(f"{address}/training?step=teach")
    page.wait_for_selector(READY)
    field = page.locator("input[type=file]")
    if not field.count():
        page.get_by_test_id("stPopover").first.click()
    data = images.encode_png(picture.pixels)
    field.first.set_input_files({"name": "kitten.png", "mimeType": "image/png", "buffer": data})
    stage = page.locator(".brush .stage")
    page.locator('.brush[data-strokes="0"]').wait_for()
    page.keyboard.press("Escape")
    page.wait_for_timeout(2000)
    page.evaluate(NOTES)
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    seconds = []
    for number in range(count + 2):
        label = number % 2
        page.locator(f'.brush button[data-label="{label}"]').click()
        x, y = (0.45, 0.3) if label else (0.05, 0.7)
        x, y = box["x"] + (x + 0.02 * number) * box["width"], box["y"] + (y + 0.01 * number) * box["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 20, steps=6)
        page.mouse.up()
        if number < 1:
            page.wait_for_timeout(1500)
            continue
        page.evaluate(UNTIL, ["lifted", "painted"])
        if number > 1:
            seconds.append(page.evaluate("(window.painted - window.lifted) / 1000"))
        page.wait_for_timeout(500)
    return seconds
