"""What the content policy leaves open is used: a browser reports it under a policy that leaves nothing open."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from core.server.app import content_policy
from tests.conftest import running
from tests.support.policies import OPEN, strict
from tests.support.visits import ready

NOTE = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(JSON.stringify(
  [event.disposition, event.effectiveDirective, event.blockedURI.split(":")[0]])));
"""
NEEDED = {
    ("script-src-elem", "blob"),  # components' JavaScript, which Streamlit imports from memory
    ("style-src-elem", "inline"),  # emotion
    ("style-src-attr", "inline"),  # React, KaTeX, the players' SVG
    ("img-src", "data"),  # players' pictures
    ("font-src", "data"),
    ("require-trusted-types-for", "trusted-types-sink"),  # innerHTML of React and of the players
}
TRIED = ("script-src", "wasm-eval")
"""Streamlit's protobuf asks for WebAssembly, is refused, and does without."""


@pytest.fixture(scope="module")
def reporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("policy") / "log.txt", script="tests/support/strict_app.py") as address:
        yield address


def test_the_strict_policy_is_the_real_one_without_its_openings() -> None:
    assert all(part in content_policy() and part not in strict() for part in OPEN)
    assert "worker-src 'none'" in content_policy()
    assert "unsafe-eval" not in content_policy()


def test_no_more_is_open_than_is_used(reporting: str, browser: Browser) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.add_init_script(NOTE)
        found: set[tuple[str, str, str]] = set()
        for path, last in (("/", "font-src"), ("/training", "style-src-attr")):
            page.goto(reporting + path)
            ready(page)
            page.wait_for_function("(last) => window.violations.some((each) => each.includes(last))", arg=last)
            page.wait_for_load_state("networkidle")
            found |= {tuple(json.loads(each)) for each in page.evaluate("window.violations")}
    finally:
        context.close()
    assert {(what, where) for how, what, where in found if how == "enforce"} <= {TRIED}
    assert {(what, where) for how, what, where in found if how == "report"} - {TRIED} == NEEDED
