"""The page about training in a real browser: learning, looking back, a stroke by mouse and one by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.visits import Visit


def test_it_learns_pauses_and_is_scrubbed(visit: Callable[..., Visit]) -> None:
    here = visit(height=1400)
    here.open("/training")
    page = here.settle()
    watch = page.locator(".watch").first
    train, count = watch.locator(".train"), watch.locator(".count")
    expect(train).to_be_enabled()
    train.click()
    expect(count).to_have_text(re.compile("step [1-9]"), timeout=60_000)
    expect(train).to_have_text("Pause")
    train.click()
    expect(train).to_have_text("Train")
    watch.locator("input[type=range]").focus()
    page.keyboard.press("Home")
    expect(count).to_have_text("step 0")
    watch.locator(".again").click()
    expect(watch.locator(".news")).to_contain_text("knows nothing yet")


def test_strokes_by_mouse_and_by_keys_change_the_mask(visit: Callable[..., Visit]) -> None:
    here = visit(height=1400)
    here.open("/training?step=teach")
    page = here.settle()
    stage, news, brush = page.locator(".brush .stage"), page.locator(".brush .news"), page.locator(".brush")
    expect(news).to_contain_text("IoU", timeout=60_000)
    said = news.inner_text()
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    page.mouse.up()
    expect(brush).to_have_attribute("data-strokes", "3")
    expect(news).not_to_have_text(said)
    stage.focus()
    for key in ("1", *["ArrowDown"] * 8, "Enter", *["ArrowRight"] * 5, "Enter"):
        page.keyboard.press(key)
    expect(brush).to_have_attribute("data-strokes", "4")
    page.locator('.brush [data-act="clear"]').click()
    expect(news).to_have_text("Draw a stroke on the object and one on the background.")


def test_a_pixel_is_chosen_in_the_picture(visit: Callable[..., Visit]) -> None:
    here = visit(height=1400)
    here.open("/training?step=glass")
    page = here.settle()
    picker = page.locator(".picker")
    expect(picker.locator(".news")).to_have_text("Row 18, column 5", timeout=60_000)
    told = page.get_by_text("Truth:")
    expect(told).to_contain_text("ring")
    truth = picker.locator(".tile").nth(1)
    box = truth.bounding_box()
    assert box
    truth.click(position={"x": box["width"] - 3, "y": box["height"] - 3})
    expect(picker.locator(".news")).to_have_text("Row 63, column 63")
    expect(told).to_contain_text("background")
    picker.locator(".tiles").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("slider", name="Row")).to_have_value("62")
    expect(page.get_by_role("slider", name="Column")).to_have_value("55")
    assert here.complaints == []
