"""Every page by its own address: one heading, no sideways scrolling, no word broken in two, little that jumps while it
loads, and nothing serious or critical by axe-core's rules for WCAG 2.1, levels A and AA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from core.ui.story import available
from tests.support.visits import Visit

AXE = (Path(axe_playwright_python.__file__).with_name("axe.min.js")).read_text(encoding="utf-8")
RUN = """async () => {
  const only = { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  const { violations } = await axe.run(document, only);
  return violations.filter((one) => ["serious", "critical"].includes(one.impact)).flatMap((one) =>
    one.nodes.map((node) => `${one.impact} ${one.id}: ${node.target.flat().at(-1)} ${node.html.slice(0, 120)}`));
}"""
SHIFT = """() => new Promise((answer) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => answer(sum), 100);
})"""
BROKEN = """() => {
  const words = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = new Range();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.checkVisibility() || text.parentElement.closest("code, pre, script, style")) continue;
    for (const word of text.data.matchAll(/\\p{L}{3,}/gu)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = [...range.getClientRects()].filter((line) => line.width > 1);
      const lowest = Math.max(...lines.map((line) => line.top));
      if (lowest > Math.min(...lines.map((line) => line.bottom))) words.push(word[0]);
    }
  }
  return words;
}"""
"""Words of which a part stands on the next line."""
MOST_SHIFT = 0.25
"""Sum of the layout shifts of a page that loads; Web Vitals call more than this poor. 0.5 to 1.3 is what it comes to
where nothing keeps the players' room."""
# Every page in two opposite variants, which differ in theme, language and width: colours, words and layout are all
# looked at twice, in half the time of all eight.
VARIANTS: dict[str, dict[str, Any]] = {
    "light, English, wide": {"color_scheme": "light", "locale": "en-US", "width": 1280},
    "dark, Korean, narrow": {"color_scheme": "dark", "locale": "ko-KR", "width": 390},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_stands_and_shuts_nobody_out(visit: Callable[..., Visit], variant: str) -> None:
    # Our content policy allows no script but the pages' own; axe is put in past it.
    here = visit(**VARIANTS[variant], bypass_csp=True, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    shifts: dict[str, float] = {}
    for entry in available():
        here.open(f"/{entry.name}")
        page = here.settle()
        expect(page.locator("h1")).to_have_count(1)
        expect(page.get_by_text("Page not found")).to_have_count(0)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{entry.name} is too wide"
        assert page.evaluate(BROKEN) == [], entry.name
        shifts[entry.name] = page.evaluate(SHIFT)
        page.evaluate(AXE)
        found[entry.name] = page.evaluate(RUN)
    assert {name: list(dict.fromkeys(serious)) for name, serious in found.items() if serious} == {}
    assert {name: shift for name, shift in shifts.items() if shift > MOST_SHIFT} == {}
