"""A figure taken away: one file of each kind, opened from the disk in a browser without a network; and a figure alone
in somebody else's page."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.testing.v1 import AppTest

from core import notebook
from core.ui import component, takeaway
from core.ui.story import available
from tests.conftest import running
from tests.support.paths import ROOT
from tests.support.visits import READY, Visit, ready
from tests.ui.test_pages import opened

AFTER_A_GUESS, AFTER_TRAINING = "trade_off", "learning_player"
"""No page has them to show by itself: tests of their own do what they wait for."""
STILL = ("many_sizes",)
"""They have nothing to move."""
SHOWN = """() => {
  const root = document.querySelector(".figure").shadowRoot;
  const canvases = [...root.querySelectorAll("canvas")].map((canvas) => {
    try { return canvas.width && canvas.height ? canvas.toDataURL().length : 0; } catch { return -1; }
  });
  const values = [...root.querySelectorAll("input, select")].map((input) => `${input.value} ${input.checked}`);
  return JSON.stringify([root.innerHTML, canvases, values]);
}"""
FOCUSABLE = """() => {
  const root = document.querySelector(".figure").shadowRoot;
  const all = [...root.querySelectorAll('[tabindex="0"], button:not([disabled]), input, select')];
  window.places = all.filter((node) => node.checkVisibility());
  return window.places.length;
}"""


class Taken:
    """A file of one figure in a tab without a network.

    Attributes:
        page: the tab.
        complaints: everything that it wrote into the console, or threw.
        asked: every address that it asked for, but for what stands in the file.
    """

    def __init__(self, context: BrowserContext, file: Path) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.goto(file.as_uri())
        expect(self.page.locator("html")).to_have_attribute("data-ready", "")
        self.here = file.as_uri()

    def _request(self, address: str) -> None:
        if not address.startswith(("data:", "blob:")):
            self.asked.append(address)

    def silent(self) -> None:
        """It said nothing and asked for nothing but itself."""
        assert self.complaints == []
        assert self.asked == [self.here]


@pytest.fixture(scope="module")
def offline(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, reduced_motion="no-preference")
    yield context
    context.close()


def _shapes() -> None:
    from core.ui import page
    from core.ui.kit.two_shapes import two_shapes

    page.header("Words", "What does IoU count?")
    two_shapes(("iou", "boundary"), key="two_shapes-of-words")


@pytest.fixture(scope="module")
def found(torch_loaded: None) -> dict[str, dict[str, Any]]:
    """The first figure of each kind that a page draws by itself."""
    views = [opened(entry.name, img="cat") for entry in available() if entry.name != "compare"]
    views += [opened("unet", img="nuclei", step="tiles"), notebook._settled("compare", {"img": "cat", "step": "masks"})]
    views.append(AppTest.from_function(_shapes, default_timeout=60).run())  # among a page's words, when asked for
    return {each["name"]: each for view in views[::-1] for each in reversed(list(notebook._figures(view)))}


def moves(page: Page) -> bool:
    """Whether some key does something on what takes keys; after a moment, because pictures are decoded first."""
    for place in range(min(page.evaluate(FOCUSABLE), 12)):
        for key in ("ArrowRight", "ArrowDown", "End", "Enter"):
            before = page.evaluate(SHOWN)
            page.evaluate("place => window.places[place].focus()", place)
            page.keyboard.press(key)
            page.wait_for_timeout(60)
            if page.evaluate(SHOWN) != before:
                return True
    return False


@pytest.mark.parametrize("name", [each for each in component.figures() if each not in (AFTER_A_GUESS, AFTER_TRAINING)])
def test_a_file_of_each_kind_works_from_the_disk_without_a_network(
    name: str, found: dict[str, dict[str, Any]], offline: BrowserContext, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(takeaway.filled(name, "en", notebook._given(found[name], "cat")), encoding="utf-8")
    assert file.stat().st_size <= takeaway.MOST_BYTES
    taken = Taken(offline, file)
    page = taken.page
    expect(page.locator("h1")).to_have_text(found[name]["title"])
    expect(page.locator("header .question")).to_have_text(found[name]["question"])
    assert page.locator(".figure").evaluate("host => host.shadowRoot.querySelectorAll('canvas, img, svg, p').length")
    assert moves(page) is (name not in STILL)
    play = page.locator('[data-act="play"]:enabled').first
    if play.count():
        page.locator('[data-act="first"]').first.click()
        before = page.evaluate(SHOWN)
        play.click()
        page.wait_for_function(f"before => ({SHOWN})() !== before", arg=before)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light / dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    taken.silent()
    page.close()


def take(page: Page, tmp_path: Path, button: str = "Take this figure", number: int = 0) -> Path:
    """The figure of that number on the page, as a visitor takes it."""
    page.locator(".tool-take").click()
    row = page.locator(".tool-figures li").nth(number)
    with page.expect_download() as download:
        row.get_by_role("button", name=re.compile(f"^{button}")).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    expect(page.locator(".tool-said")).to_contain_text(file.name)
    return file


def test_what_is_taken_stands_as_it_stood_and_says_whose_it_is(
    visit: Callable[..., Visit], offline: BrowserContext, tmp_path: Path
) -> None:
    here = visit()
    page = here.open("/transposed?step=ways")
    page.get_by_role("radio", name="(b) Insert zeros").click()
    page.locator('[data-act="first"]').click()
    for _ in range(3):
        page.locator('[data-act="forward"]').click()
        page.wait_for_timeout(350)
    count = page.locator(".count").inner_text()
    sent = here.sent
    file = take(page, tmp_path)
    assert file.name == "segscope-transposed-transposed_player.html"
    assert here.sent == sent, "the server was told nothing"
    taken = Taken(offline, file)
    expect(taken.page.locator(".count")).to_have_text(count)
    expect(taken.page.get_by_role("radio", name="(b) Insert zeros")).to_have_attribute("aria-checked", "true")
    expect(taken.page.locator(".words p")).to_have_text(page.locator('[class*="st-key-pointing"] p').first.inner_text())
    expect(taken.page.locator("footer")).to_contain_text("Apache-2.0")
    assert "Permission is hereby granted" in file.read_text(encoding="utf-8"), "the GIF encoder's licence"
    taken.silent()
    taken.page.close()


def test_in_korean_with_its_maps_and_what_only_segscope_computes(
    visit: Callable[..., Visit], offline: BrowserContext, tmp_path: Path
) -> None:
    here = visit(locale="ko-KR", width=390)
    page = here.open("/unet?step=depths&img=nuclei")
    expect(page.locator(".box canvas").first).to_be_visible()
    page.locator(".thumbs button").nth(1).click()
    channel = page.locator(".thumbs [aria-selected=true]").get_attribute("data-channel")
    file = take(page, tmp_path, "이 자료 가져가기")
    assert file.stat().st_size <= takeaway.MOST_BYTES
    taken = Taken(offline, file)
    expect(taken.page.locator("html")).to_have_attribute("lang", "ko")
    expect(taken.page.locator(".thumbs [aria-selected=true]")).to_have_attribute("data-channel", str(channel))
    assert taken.page.locator(".thumbs button").count() >= 2
    expect(taken.page.locator("footer")).to_contain_text("CC0-1.0")
    expect(taken.page.locator(".asked")).to_be_hidden()
    taken.page.locator(".acts button").first.click()
    expect(taken.page.locator(".asked")).to_be_visible()
    expect(taken.page.locator(".skip output").first).to_have_text("100%")
    taken.silent()
    taken.page.close()


def test_what_was_learned_comes_along_frame_by_frame(
    visit: Callable[..., Visit], offline: BrowserContext, tmp_path: Path
) -> None:
    page = visit(height=1400).open("/training?step=watch")
    watch = page.locator(".watch").first
    train, count = watch.locator(".train"), watch.locator(".count")
    expect(train).to_be_enabled(timeout=60_000)
    train.click()
    expect(count).to_have_text(re.compile("step [1-9]"), timeout=60_000)
    train.click()
    expect(train).to_have_text("Train")
    ready(page)
    last = count.inner_text()
    file = take(page, tmp_path)
    assert file.stat().st_size <= takeaway.MOST_BYTES
    taken = Taken(offline, file)
    seen = taken.page.locator(".count")
    expect(seen).to_have_text(last)
    taken.page.locator('[data-act="first"]').click()
    expect(seen).to_have_text("step 0")
    taken.page.locator('[data-act="play"]').click()
    expect(seen).to_have_text(last)
    expect(taken.page.locator(".asked")).to_be_hidden()
    taken.page.locator(".train").click()
    expect(taken.page.locator(".asked")).to_be_visible()
    taken.silent()
    taken.page.close()


def test_a_figure_that_comes_after_a_guess(
    visit: Callable[..., Visit], offline: BrowserContext, tmp_path: Path
) -> None:
    page = visit().open("/localization?step=outline")
    page.get_by_text("just show me").click()
    expect(page.locator(".legend span").first).to_be_visible(timeout=60_000)
    ready(page)
    file = take(page, tmp_path)
    assert file.name == f"segscope-localization-{AFTER_A_GUESS}.html"
    assert file.stat().st_size <= takeaway.MOST_BYTES
    taken = Taken(offline, file)
    expect(taken.page.locator(".figure svg circle").first).to_be_visible()
    taken.silent()
    taken.page.close()


# --------------------------------------------------------------------------------------------- inside another's page

LECTURE = """<!doctype html><title>A lecture</title><link rel="icon" href="data:,">
<script>addEventListener("message", ({{ data, origin }}) => (window.told = [data, origin]));</script>
<iframe src="{address}" width="900" height="300"></iframe>"""


@contextmanager
def lectures() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Another site: its origin, and what writes a page with that address in a frame."""
    text = ""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_words: object) -> None:
            """Nothing: a test reads what the browser says."""

    def write(address: str) -> None:
        nonlocal text
        text = LECTURE.format(address=address)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_address[1]}", write
        site.shutdown()


def test_a_frame_shows_the_figure_alone_and_hears_how_high_it_is(browser: Browser, tmp_path: Path) -> None:
    with (
        lectures() as (site, write),
        running(tmp_path / "log.txt", SEGSCOPE_FRAME_ANCESTORS=f"'self' {site}") as server,
    ):
        write(f"{server}/transposed?step=ways&figure=transposed_player")
        page = browser.new_page()
        page.goto(site)
        frame = page.frame_locator("iframe")
        expect(frame.locator(READY)).to_be_attached()
        expect(frame.locator('[data-act="play"]')).to_be_visible()
        around = ("h1", ".st-key-strip", ".st-key-page-question", ".st-key-steps", ".stAppHeader", ".st-key-steps-foot")
        for hidden in around:
            expect(frame.locator(hidden).first).to_be_hidden()
        page.wait_for_function("window.told?.[0].height > 200")
        height = frame.locator(".stMainBlockContainer").evaluate("it => Math.ceil(it.getBoundingClientRect().height)")
        assert page.evaluate("window.told") == [{"segscope": "height", "height": height}, server]
        frame.locator('[data-act="first"]').click()
        expect(frame.locator(".count")).to_have_text("0 of 9")
        page.close()


def test_no_frame_of_another_site_unless_the_setting_names_it(browser: Browser, server: str) -> None:
    with lectures() as (site, write):
        write(f"{server}/transposed?figure=transposed_player")
        page = browser.new_page()
        with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
            page.goto(site)
        assert page.evaluate("window.told") is None
        expect(page.frame_locator("iframe").locator(READY)).to_have_count(0)
        page.close()


def test_a_notebook_s_output_plays_from_the_disk(offline: BrowserContext, tmp_path: Path) -> None:
    """The cells of ``docs/figure.ipynb`` are run, and what the last one shows is opened as a notebook would show it."""
    names: dict[str, Any] = {}
    book = json.loads((ROOT / "docs" / "figure.ipynb").read_text(encoding="utf-8"))
    *before, last = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    for source in before:
        exec(source, names)
    shown = eval(last, names)
    file = tmp_path / "output.html"
    file.write_text(f"<!doctype html><title>A notebook</title>{shown._repr_html_()}", encoding="utf-8")
    page = offline.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe")
    expect(frame.locator("html")).to_have_attribute("data-ready", "")
    frame.locator('[data-act="play"]').click()
    expect(frame.locator(".count")).not_to_have_text("9 of 9")
    page.wait_for_function("parseInt(document.querySelector('iframe').style.height) !== 720")
    assert complaints == []
    page.close()
