"""The frame in a real browser: addresses, languages, pictures, keyboard, network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import Visit, ready
from playwright.sync_api import expect

from core.ui.story import available

NAMES = [entry.name for entry in available()]


@pytest.mark.parametrize("name", NAMES)
def test_cold_deep_link(visit: Callable[..., Visit], name: str) -> None:
    here = visit()
    page = here.open("/" + name)
    expect(page.get_by_test_id("stPopover")).to_be_visible()
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_language_switch_and_url(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/?utm=1")
    expect(page.get_by_role("button", name="Change picture")).to_be_visible()
    page.get_by_text("한국어").click()
    ready(page)
    print(page.url, here.complaints)
    page.locator("[data-testid=stTopNavLink]").nth(1).click()
    ready(page)
    print(page.url, here.complaints)
    page.go_back(); page.wait_for_timeout(500)
    ready(page)
    print(page.url, here.complaints)
    page.screenshot(path="/tmp/s3.png")
    page.go_back(); page.wait_for_timeout(500)
    ready(page)
    print(page.url, here.complaints)
    page.screenshot(path="/tmp/s4.png")
