"""A Chromium, and tabs of it that are watched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect, sync_playwright

from tests.support.visits import Visit

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
        quiet = [
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # root cannot have one
        try:
            chromium = playwright.chromium.launch(executable_path=_chromium(), args=[*quiet, *sandbox])
        except Error as error:
            if os.environ.get("SEGSCOPE_REQUIRE_BROWSER"):
                pytest.fail(f"no browser: {error}")
            pytest.skip("no browser: run `make browser`")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def rooms(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser contexts by their options. A room is used again, so that Streamlit's scripts are fetched once for it."""
    made: dict[str, BrowserContext] = {}

    def room(**options: Any) -> BrowserContext:
        name = repr(sorted(options.items(), key=repr))
        if name not in made:
            made[name] = browser.new_context(**options)
        return made[name]

    yield room
    for context in made.values():
        context.close()


@pytest.fixture
def visit(rooms: Callable[..., BrowserContext], server: str) -> Iterator[Callable[..., Visit]]:
    """Makes visits: ``visit(locale="ko-KR", width=390, color_scheme="dark")``; see :class:`Visit`.

    After the test every visit must have been silent and at home, unless the test cleared the lists itself.
    """
    visits: list[Visit] = []

    def make(width: int = 1280, height: int = 800, locale: str = "en-US", **options: Any) -> Visit:
        context = rooms(viewport={"width": width, "height": height}, locale=locale, **options)
        visits.append(Visit(context.new_page(), server))
        return visits[-1]

    yield make
    complaints = [text for made in visits for text in made.complaints]
    foreign = [address for made in visits for address in made.foreign]
    for made in visits:
        made.page.close()
        made.page.context.clear_cookies()
    assert complaints == []
    assert foreign == []
