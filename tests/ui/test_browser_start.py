"""The first seconds: the server answers, PyTorch does not yet."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import running
from tests.support.visits import Visit

SLOW_PYTORCH = """
import pathlib, sys, time
from importlib.machinery import PathFinder

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        spec = PathFinder.find_spec(name, path)
        load = spec.loader.exec_module
        def wait_and_load(module):
            while not pathlib.Path({file!r}).exists():
                time.sleep(0.1)
            load(module)
        spec.loader.exec_module = wait_and_load
        return spec

sys.meta_path.insert(0, Slow())
"""


def test_page_shows_itself_before_pytorch_and_fills_in_by_itself(tmp_path: Path, browser: Browser) -> None:
    go = tmp_path / "go"
    (tmp_path / "sitecustomize.py").write_text(SLOW_PYTORCH.format(file=str(go)))
    with running(tmp_path / "log.txt", "/_stcore/health", PYTHONPATH=str(tmp_path)) as address:
        with pytest.raises(urllib.error.HTTPError) as loading:
            urllib.request.urlopen(address + "/readyz")
        with loading.value as answer:
            assert answer.status == 503

        context = browser.new_context(locale="en-US")
        try:
            here = Visit(context.new_page(), address)
            page = here.open("/fcn?img=dog&side=320")
            notice = page.get_by_text("PyTorch is still loading")
            expect(page.locator("h1")).to_be_visible()
            expect(notice).to_be_visible()
            go.touch()
            expect(notice).to_have_count(0, timeout=120_000)
            expect(page.get_by_role("heading", name="The same weights, read as convolutions")).to_be_visible(
                timeout=60_000
            )
            assert here.complaints == here.foreign == []
            with urllib.request.urlopen(address + "/readyz") as answer:
                assert answer.status == 200
        finally:
            context.close()
