"""SegScope below a path, as three kinds of hosts serve it: every page, every player, what is sent and what is fetched.

Nothing may be asked for outside of the path, nothing may fail, and the console stays empty.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from core.settings import SETTINGS
from core.ui import component
from core.ui.story import available
from tests.conftest import running
from tests.support import visitors
from tests.support.pictures import GOOD
from tests.support.places import PLACES, Place, asked, standing
from tests.support.replicas import NGINX
from tests.support.visits import Visit, page_link, ready

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx: its tests need one (apt-get install nginx-light)")

FIRST, *OTHERS = [entry.name for entry in available()]
UNDRAWN = """(names) => names.flatMap((name) => [...document.querySelectorAll(`.st-key-${name}`)]
  .filter((place) => !place.querySelector("[data-component]")).map(() => name))"""
BROKEN = (
    """() => [...document.images].filter((image) => image.complete && !image.naturalWidth).map((image) => image.src)"""
)
PLAY = '[data-act="play"]:visible, button.play:visible'


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param]


@pytest.fixture
def root(place: Place, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of the host; afterwards everything that was asked for stood below the path, but for the host's own."""
    with ExitStack() as stack:
        if place.named:
            option = {"STREAMLIT_SERVER_BASE_URL_PATH": place.prefix}
            server = stack.enter_context(running(tmp_path / "log.txt", **option))
        else:
            server = request.getfixturevalue("server")
        yield stack.enter_context(standing(place, server, tmp_path))


@contextmanager
def visiting(browser: Browser, server: str) -> Iterator[Visit]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    try:
        here = Visit(context.new_page(), server)
        yield here
        assert here.complaints == []
        assert here.foreign == []
    finally:
        context.close()


def outside(folder: Path, place: Place) -> list[tuple[str, int]]:
    """What was asked for beside the place's own path, or not answered well."""
    fine = (101, 200, 204, 206, 304, 307, 499)  # 499: a tab that leaves lets go of what is on its way
    prefix = quote(place.prefix, safe="/~+")
    return [(path, code) for path, code in asked(folder) if not path.startswith(f"{prefix}/") or code not in fine]


def test_every_page_stands_and_every_player_starts(browser: Browser, root: str, place: Place, tmp_path: Path) -> None:
    component.rooms()  # which imports them all
    names = [half.script.stem for half in component._halves.values() if half.room]
    assert len(names) > 10
    started = 0
    # All pages where nothing tells the server of the path; elsewhere those that fetch something in every way there is.
    chosen = (
        ["", *OTHERS]
        if place is PLACES["stripped"] or os.environ.get("EVERY_PAGE")
        else ["", "fcn", "transposed", "unet"]
    )
    with visiting(browser, root + place.prefix) as here:
        for name in chosen:
            here.open(f"/{name}?img=dog&step=all")
            page = here.settle()
            page.wait_for_function(f"(names) => !({UNDRAWN})(names).length", arg=names)
            assert page.evaluate(BROKEN) == []
            expect(page).to_have_url(re.compile(re.escape(f"{place.prefix}/{name}") + r"\?img=dog&step=all$"))
            for button in page.locator(PLAY).all():
                if button.is_enabled():
                    starts(button)
                    started += 1
            here.settle()
        assert here.complaints == []
    assert started >= (5 if OTHERS[-1] in chosen else 2)
    assert outside(tmp_path, place) == []


def starts(button: Locator) -> None:
    """Press play, and pause again where it has not come to its end meanwhile."""
    button.scroll_into_view_if_needed()
    before = button.inner_text()
    button.click()
    expect(button).not_to_have_text(before)
    button.click()


def test_links_reloads_uploads_and_downloads(browser: Browser, root: str, place: Place, tmp_path: Path) -> None:
    with visiting(browser, root + place.prefix) as here:
        page = here.open("/transposed?lang=ko&k=4")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        here.settle()
        page.reload()
        kernel = ready(page).get_by_role("spinbutton", name="커널 k")
        expect(kernel).to_have_value("4")
        here.settle()
        page_link(page, 1).click()
        expect(page).to_have_url(f"{root}{place.prefix}/{OTHERS[0]}?lang=ko")
        here.settle()
        page.go_back()
        expect(page).to_have_url(f"{root}{place.prefix}/transposed?lang=ko&k=4")
        here.settle()
        expect(kernel).to_have_value("4")

        page.get_by_role("button", name="사진 바꾸기").click()
        photo = FilePayload(name="dach.jpg", mimeType="image/jpeg", buffer=GOOD)
        page.locator("input[type=file]").set_input_files(photo)
        expect(page.get_by_text("dach.jpg, 320 × 240")).to_be_visible()
        here.settle()
        page.keyboard.press("Escape")
        with page.expect_download() as drawing:
            page.locator('[data-save="svg"]').click()
        assert Path(drawing.value.path()).read_bytes().startswith(b"<svg")

        page = here.open("/compare?step=all")
        with page.expect_download() as table:
            page.get_by_role("button", name="Save the table (CSV)").click()
        assert b"FCN" in Path(table.value.path()).read_bytes()
        here.settle()
    assert outside(tmp_path, place) == []


def test_what_is_nearly_right_and_what_is_refused(browser: Browser, root: str, place: Place, tmp_path: Path) -> None:
    below = root + place.prefix
    for path, there in [(f"/{FIRST}?img=dog", "./?img=dog"), ("/FCN", "./fcn"), ("/fcn/", "../fcn"),
                        ("/static/js/", "../../static/js")]:  # fmt: skip
        status, headers, _ = visitors.get(below, place.prefix + path)
        assert (status in (301, 307), headers["location"]) == (True, there)
        assert "default-src 'none'" in headers["content-security-policy"]
    status, headers, text = visitors.get(below, f"{place.prefix}/a/b", accept="text/html")
    assert (status, 'href="../' in text) == (404, True)
    assert visitors.get(below, f"{place.prefix}/_stcore/metrics")[0] == 404

    stream = below.replace("http", "ws", 1) + "/_stcore/stream"
    with pytest.raises(InvalidStatus) as foreign, connect(stream, origin=Origin("https://evil.example")):
        pass
    assert foreign.value.response.status_code == 403
    with connect(stream, origin=Origin(root)) as socket:
        assert socket.protocol.state.name == "OPEN"

    with visitors.visit(below) as visitor:
        assert visitor.put(visitors.form(GOOD))[0] == 204
        assert visitor.put(visitors.form(GOOD), session="somebody")[0] == 403
        assert visitor.put(visitors.form(GOOD), X_Xsrftoken="forged")[0] == 403
        # A slow machine gives some of the allowance back meanwhile.
        tries = 4 * SETTINGS.session_uploads_per_minute
        assert any(visitor.put(visitors.form(b"no picture"))[0] == 429 for _ in range(tries))
    with visiting(browser, below) as here:
        page = here.page
        page.goto(f"{below}/nowhere")
        here.complaints.clear()  # the address itself is not there
        page.get_by_role("link").click()
        ready(page)
        expect(page.locator("h1")).to_have_count(1)


def test_a_host_that_frames_it(browser: Browser, server: str, tmp_path: Path) -> None:
    """Community Cloud's own page is at the root, and its address is what people share."""
    with standing(PLACES["stripped"], server, tmp_path) as root, visiting(browser, root) as here:
        here.page.goto(f"{root}/fcn?lang=ko&img=dog")
        frame = here.page.frame_locator("iframe")
        expect(frame.locator("html")).to_have_attribute("lang", "ko")
        expect(frame.locator("h1")).to_have_count(1)
        page_link(frame, 2).click()
        expect(frame.locator('[data-act="play"]').first).to_be_visible()
        here.page.wait_for_timeout(2000)


@pytest.mark.parametrize("name", ["jupyter", "kept"])
def test_the_last_slash_may_be_left_out(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    """Some hosts serve the first page without it, where relative addresses would lead elsewhere."""
    place = PLACES[name]
    with ExitStack() as stack:
        option = {"STREAMLIT_SERVER_BASE_URL_PATH": place.prefix}
        if place.named:
            server = stack.enter_context(running(tmp_path / "log.txt", **option))
        else:
            server = request.getfixturevalue("server")
        root = stack.enter_context(standing(place, server, tmp_path))
        with visiting(browser, root) as here:
            page = here.open(f"{place.prefix}?img=dog")
            expect(page).to_have_url(f"{root}{place.prefix}/?img=dog")
            here.settle()
            here.complaints.clear()  # what was on its way when the page moved
            expect(page.locator("h1")).to_have_count(1)
            if place.named:
                page = here.open("/")
                expect(page).to_have_url(f"{root}{place.prefix}/")
                assert visitors.get(root, "/readyz")[0] == 200
                assert visitors.get(root, "/elsewhere", accept="text/html")[0] == 404
