"""The two shapes among a page's words, in a real browser: mouse, finger, keys and slider, and Python's numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.maths import metrics, shapes
from tests.support.visits import Visit, ready
from tests.ui.test_browser_every_page import AXE, RUN

START = (shapes.MIDDLE[0] + 18, shapes.MIDDLE[1] + 8)


def agrees(player: Locator, kind: str, grow: int) -> None:
    """What the player says of where the prediction lies is what Python says."""
    x, y = map(int, (player.get_attribute("data-at") or "").split(","))
    truth, prediction = shapes.shape(kind).astype(np.uint8), shapes.shape(kind, (x, y), grow).astype(np.uint8)
    matrix = metrics.confusion(truth, prediction, 2)
    both, either, iou = int(matrix[1, 1]), int(matrix.sum() - matrix[0, 0]), float(metrics.iou(matrix)[1])
    score = metrics.boundary_score(truth, prediction)
    expect(player.locator('.modes [data-name="iou"] b')).to_have_text(f"{iou:.3f}")
    expect(player.locator('.modes [data-name="boundary"] b')).to_have_text(f"{score:.3f}")
    player.locator('.modes [data-name="iou"]').click()
    expect(player.locator(".sum")).to_contain_text(f"= {both:,} / {either:,} = {iou:.3f}")
    found = metrics.outlines(truth, prediction)
    player.locator('.modes [data-name="boundary"]').click()
    lines = player.locator(".says p")
    expect(lines.nth(0)).to_contain_text(f"{found.predicted_near} / {found.predicted} = {found.precision:.3f}")
    expect(lines.nth(1)).to_contain_text(f"{found.true_near} / {found.true} = {found.recall:.3f}")
    expect(lines.nth(2)).to_contain_text(f"= {score:.3f}" if score else "= 0")


def opened(page: Page, name: str) -> Locator:
    """The player among the words of the page that is open."""
    expect(page.locator(".shapes")).to_have_count(0)
    page.get_by_role("button", name=name).click()
    player = page.locator(".shapes")
    expect(player.locator(".sum")).not_to_be_empty()
    return player


def middle(hold: Locator) -> tuple[float, float]:
    hold.scroll_into_view_if_needed()
    box = hold.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_numbers_follow_mouse_keys_and_slider_and_are_pythons(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/unet?img=cat")
    player = opened(page, "Words of this page")
    ready(page)
    sent, hold = tab.sent, player.locator(".hold")
    expect(player).to_have_attribute("data-at", "{},{}".format(*START))
    agrees(player, "disc", 0)
    x, y = middle(hold)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 20, steps=4)
    expect(player).not_to_have_attribute("data-at", "{},{}".format(*START))  # while it is held
    page.mouse.up()
    agrees(player, "disc", 0)
    hold.focus()
    before = [int(v) for v in (player.get_attribute("data-at") or "").split(",")]
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    expect(player).to_have_attribute("data-at", f"{before[0] + 2},{before[1] - 8}")
    agrees(player, "disc", 0)
    hold.focus()
    page.keyboard.press("Home")
    expect(player).to_have_attribute("data-at", "{},{}".format(*shapes.MIDDLE))
    player.locator("input").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    agrees(player, "disc", 4)
    player.locator('[data-name="bar"]').click()
    agrees(player, "bar", 4)
    assert tab.sent == sent, "nothing of it is told to the server"


@pytest.mark.parametrize("locale", ["ko-KR"])
def test_a_finger_drags_it_on_a_phone_and_the_rest_stays_where_it_is(visit: Callable[..., Visit], locale: str) -> None:
    page = visit(width=390, height=844, locale=locale, color_scheme="dark", has_touch=True).open("/unet?img=cat")
    player = opened(page, "이 페이지의 용어")
    wide = page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    box = player.bounding_box()
    assert box
    assert wide
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    x, y = middle(player.locator(".hold"))
    stage, scrolled = player.locator(".stage"), "(node) => node.getBoundingClientRect().top"
    top = stage.evaluate(scrolled)
    finger = page.context.new_cdp_session(page)
    for kind, dx, dy in (("Start", 0, 0), ("Move", -12, 10), ("Move", -30, 25), ("End", 0, 0)):
        points = [] if kind == "End" else [{"x": x + dx, "y": y + dy}]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    finger.detach()
    expect(player).not_to_have_attribute("data-at", "{},{}".format(*START))
    assert stage.evaluate(scrolled) == top, "a finger on the prediction scrolls nothing"
    agrees(player, "disc", 0)
    heights = []
    for name in ("iou", "boundary", "square", "bar"):
        player.locator(f'[data-name="{name}"]').click()
        heights.append(player.evaluate("(node) => node.getBoundingClientRect().height"))
    assert max(heights) - min(heights) < 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_shuts_nobody_out(visit: Callable[..., Visit], scheme: str) -> None:
    page = visit(color_scheme=scheme, bypass_csp=True).open("/unet?img=cat")
    player = opened(page, "Words of this page")
    page.evaluate(AXE)
    for mode in ("iou", "boundary"):
        player.locator(f'.modes [data-name="{mode}"]').click()
        assert page.evaluate(RUN) == []
