"""A Korean page in a real browser: nothing English on it but names, and nothing of the language before a switch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.ui.story import available
from tests.support.visits import Visit, page_link, ready

Visits = Callable[..., Visit]
TEXTS = """() => {
  const out = [];
  const walk = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement: holder } = texts.currentNode;
      if (!holder?.closest("style, script, noscript, pre, code, [data-testid=stIconMaterial]")) out.push(data.trim());
    }
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) walk(element.shadowRoot);
      for (const name of ["aria-label", "title", "alt"]) out.push(element.getAttribute(name) ?? "");
    }
  };
  walk(document.body);
  return out;
}"""
NAMES = r"(\d\. )?(FCN|DeconvNet|U-Net|PSPNet|DeepLab(v3\+?)?|EfficientNet-Lite0|GoogLeNet|SegScope|English)\b.*"


def english(page: Page) -> set[str]:
    """Texts with a Latin word and no Hangul that are no names of networks."""
    words = {text for text in page.evaluate(TEXTS) if re.search("[a-z]{3}", text) and not re.search("[가-힣]", text)}
    return {text for text in words if not re.fullmatch(NAMES, text)}


@pytest.mark.parametrize("path", ["/", "/transposed"])
def test_nothing_is_english_but_names(visit: Visits, path: str) -> None:
    page = visit().open(f"{path}?lang=ko")
    ready(page).get_by_role("button", name="이 페이지의 용어").click()
    term = "image segmentation" if path == "/" else "transposed convolution"
    expect(page.get_by_text(f"· {term}")).to_be_visible()  # a paper named on the page may hold the same words
    assert english(page) == set()


def test_each_page_has_a_title_of_its_own(visit: Visits) -> None:
    page = visit().open("/?lang=ko")
    expect(page).to_have_title("한눈에 보기 · SegScope")
    page.get_by_text("English").click()
    expect(page).to_have_title("Overview · SegScope")
    page_link(page, available()[2].title).click()
    expect(page).to_have_title(f"{available()[2].title} · SegScope")


def test_streamlits_own_words_follow_the_language(visit: Visits) -> None:
    page = visit().open("/transposed")
    menu = page.get_by_test_id("stMainMenuButton")
    expect(menu).to_have_attribute("aria-label", "Main menu")
    page.get_by_text("한국어").click()
    expect(menu).to_have_attribute("aria-label", "메뉴")
    menu.click()
    expect(page.get_by_test_id("stMainMenuPopover")).to_contain_text("어둡게")
    page.keyboard.press("Escape")
    page.get_by_text("English").click()
    expect(menu).to_have_attribute("aria-label", "Main menu")
