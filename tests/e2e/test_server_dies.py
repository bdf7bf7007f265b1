"""The server dies while somebody is there, and comes back: the page comes back with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, expect

from tests.conftest import running
from tests.e2e.visits import READY, Visit, ready

Visits = Callable[..., Visit]


def test_a_visitor_of_a_killed_server_is_brought_back_to_the_same_view(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    with running(tmp_path / "first.txt", answers="/_stcore/health", kill=True) as server:
        page.goto(f"{server}/transposed?lang=ko&img=dog")
        ready(page)
        title = page.locator("h1").inner_text()
        assert any("가" <= letter <= "힣" for letter in title)
        slider = page.get_by_role("slider").first
        slider.press("ArrowRight")
        ready(page)
        value, address = slider.get_attribute("aria-valuenow"), page.url
        parameters = parse_qs(urlsplit(address).query)
        assert parameters["lang"] == ["ko"]
        assert len(parameters) == 3  # the slider's, too
    page.wait_for_selector("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])")
    with running(tmp_path / "second.txt", answers="/_stcore/health", port=urlsplit(server).port or 0):
        page.wait_for_selector(READY, timeout=120_000)
        expect(page.locator("h1")).to_have_text(title)
        expect(page.get_by_role("slider").first).to_have_attribute("aria-valuenow", value or "")
        assert page.url == address
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.get_by_role("slider").first.press("ArrowRight")  # and it lives
        ready(page)
        assert page.get_by_role("slider").first.get_attribute("aria-valuenow") != value
        context.close()


def test_a_full_server_shows_its_page_and_lets_the_visitor_in_later(browser: Browser, tmp_path: Path) -> None:
    few = {"SEGSCOPE_MAX_SESSIONS": "1"}
    with running(tmp_path / "log.txt", answers="/_stcore/health", **few) as server:
        inside, outside = browser.new_context(locale="ko-KR"), browser.new_context(locale="ko-KR")
        first, second = inside.new_page(), outside.new_page()
        first.goto(server)
        ready(first)
        second.goto(f"{server}/transposed?img=dog")
        expect(second.locator("section")).to_have_count(2)
        expect(second.locator("section").first).to_have_attribute("lang", "ko")
        expect(second.locator("section").first).to_contain_text("1자리")
        inside.close()
        ready(second)  # it asks again by itself
        assert second.url.startswith(f"{server}/transposed?img=dog")
        outside.close()
