"""The server dies while somebody is there, and comes back: the page comes back with it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.conftest import running
from tests.support.visits import READY, Visit, ready


def test_a_visitor_of_a_killed_server_is_brought_back_to_the_same_view(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    with running(tmp_path / "first.txt", answers="/_stcore/health", kill=True) as server:
        here = Visit(page, server)
        here.open("/fcn?lang=ko&img=dog&side=352")
        here.settle()
        title, slider = page.locator("h1").inner_text(), page.get_by_role("slider").first
        assert any("가" <= letter <= "힣" for letter in title)
        address = page.url
    page.wait_for_selector("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])")
    with running(tmp_path / "second.txt", port=urlsplit(server).port or 0, SEGSCOPE_LOG="json"):
        page.wait_for_selector(READY, timeout=120_000)
        give_up = time.monotonic() + 120
        while '"page": "fcn"' not in (tmp_path / "second.txt").read_text(encoding="utf-8"):
            assert time.monotonic() < give_up  # until its log says so, the page is the one that the old server drew
            page.wait_for_timeout(100)
        ready(page)
        expect(page.locator("h1")).to_have_text(title)
        expect(slider).to_have_value("352")
        assert page.url == address
        expect(page.get_by_test_id("stException")).to_have_count(0)
        context.close()


def test_a_part_that_could_not_be_fetched_is_fetched_again(browser: Browser, server: str) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.route(re.compile(r"/static/js/ButtonGroup\."), lambda route: route.abort(), times=1)
    page.goto(f"{server}/transposed")
    with page.expect_event("load", timeout=60_000):  # by itself
        pass
    ready(page)
    expect(page.get_by_test_id("stButtonGroup").first).to_be_visible()
    expect(page.get_by_text("Failed to fetch")).to_have_count(0)
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
