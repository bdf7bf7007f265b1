"""What a person does on the page about localisation: look through windows, play, draw a box, drag the threshold."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.concepts.localization import heat_sources, window_sweep
from core.engine import inference
from core.maths.boxes import Box, formats, iou, regions
from core.pictures import images
from core.pictures.labels import VOC
from core.ui import state
from tests.support.visits import Visit, ready, says

PATH = "/localization?img=dog"
DOG = VOC.index("dog")


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """The sample at the networks' scale."""
    return window_sweep.render(images.sample("dog").pixels)


def show(page: Page, selector: str) -> None:
    expect(page.locator(selector)).to_be_visible(timeout=60_000)
    ready(page)
    page.locator(selector).evaluate("node => node.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(100)


def slide(page: Page, selector: str, value: int) -> None:
    """Move a range slider as a drag does, without letting it go."""
    page.locator(selector).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def test_a_pixel_is_named_from_its_window_and_the_game_asks_for_it(
    visit: Callable[..., Visit], pixels: np.ndarray
) -> None:
    tab = visit()
    page = tab.open(PATH + "&step=window")
    stage, said = page.locator(".probe .stage"), page.locator(".probe .said")
    show(page, ".probe .stage")
    assert tab.received < 600_000
    show(page, ".probe .stage")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"])
    expect(page.locator(".probe")).to_have_attribute("data-pin", re.compile(r"\d"))
    ready(page)
    x, y = map(int, (page.locator(".probe").get_attribute("data-pin") or "").split(","))
    assert abs(x - 0.4 * pixels.shape[1]) <= 2
    assert abs(y - 0.3 * pixels.shape[0]) <= 2
    there = state.to_pin((x, y), (0, 0, pixels.shape[1], pixels.shape[0]))
    says(page, f"pin={there[0]}.{there[1]}")
    models = {size: inference.load(f"patch-{size}") for size in window_sweep.WINDOWS}
    table = window_sweep.sweep(models, pixels, x, y)
    sent = tab.sent
    for at in (0, 4, len(window_sweep.SIDES) - 1):
        slide(page, ".probe input", at)
        expect(said).to_contain_text(f"Pixel ({x}, {y}), {window_sweep.SIDES[at]} pixels visible.")
        told = re.findall(r"window (\d+): ([^;]+?) (\d+)%", said.text_content() or "")
        assert [int(size) for size, _, _ in told] == list(window_sweep.WINDOWS)
        for network, (_, name, percent) in enumerate(told):
            assert int(percent) == pytest.approx(100 * table[network, at].max(), abs=0.8)
            assert table[network, at, VOC.index(name)] == pytest.approx(table[network, at].max(), abs=1 / 255)
    page.mouse.move(box["x"] + 5, box["y"] + 5, steps=5)
    page.wait_for_timeout(300)
    assert tab.sent == sent  # neither hovering nor dragging asks the server
    page.locator(".probe .play").click()  # the game hides the answers until a guess
    options = page.locator(".probe .options button")
    expect(options).to_have_count(5)
    expect(page.locator(".probe .plots")).to_be_hidden()
    slide(page, ".probe input", 3)
    options.nth(0).click()
    expect(page.locator(".probe .verdict")).to_contain_text(re.compile(r"(Right w|W)ith 35 pixels"))
    expect(page.locator(".probe .plots")).to_be_visible()


def test_own_box_threshold_iou_and_formats(visit: Callable[..., Visit], pixels: np.ndarray) -> None:
    tab = visit()
    page = tab.open(PATH + "&step=box")
    show(page, ".finder .stage")
    finder, stage = page.locator(".finder"), page.locator(".finder .stage")
    expect(page.locator(".finder .tables")).to_be_hidden()  # the own box comes first
    area = stage.bounding_box()
    assert area is not None
    sent = tab.sent
    page.mouse.move(area["x"] + 0.1 * area["width"], area["y"] + 0.1 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.8 * area["width"], area["y"] + 0.9 * area["height"], steps=4)
    page.mouse.up()
    cells = page.locator(".finder .scores tr").last.locator("td")
    mine = Box(*map(int, (cells.nth(1).text_content() or "").split(", ")))
    for place, share, side in zip(
        mine, (0.1, 0.1, 0.8, 0.9), (*pixels.shape[1::-1], *pixels.shape[1::-1]), strict=True
    ):
        assert abs(place - share * side) <= 2
    heat = heat_sources.probabilities(inference.load("fcn8s"), pixels)[DOG]
    sample = next(s for s in images.SAMPLES if s.key == "dog")
    height, width = pixels.shape[:2]
    given = heat_sources.reference_box(sample, DOG, images.sample("dog").original_size, (width, height))
    assert given is not None
    found = []
    for level in (40, 128, 240):
        slide(page, '.finder input[type="range"]', level)
        box = regions(heat, level)[0].box
        expect(finder).to_have_attribute("data-box", re.compile("^" + ",".join(map(str, box))))
        row = page.locator(".finder .scores tr", has_text="FCN-8s: probability").locator("td").all_text_contents()
        assert row[2:] == [f"{iou(box, mine):.3f}", f"{iou(box, given):.3f}"]
        found.append(box)
    assert len(set(found)) > 1  # the threshold moves the box
    ways = formats(found[-1], width, height)
    for name, values in ways.items():
        line = page.locator(".finder .formats tr", has_text=re.compile(f"^{name}\\[")).locator("td").nth(1)
        written = [float(v) for v in (line.text_content() or "").strip("[]").split(",")]
        assert written == pytest.approx(values, abs=5e-5)
    assert tab.sent == sent
    page.locator('.finder input[type="checkbox"]').check()
    everything = regions(heat, 240)
    xyxy = page.locator(".finder .formats button").first.get_attribute("data-copy")
    assert xyxy == "[" + ", ".join(f"[{', '.join(map(str, r.box))}]" for r in everything) + "]"
    page.locator('.finder .sources button[data-code="mask"]').click()
    ready(page)
    says(page, "heat=mask")
    ids = window_sweep.dense(inference.load("fcn8s"), pixels)
    box = regions(np.where(ids == DOG, 255, 0).astype(np.uint8), 128)[0].box
    expect(finder).to_have_attribute("data-box", re.compile("^" + ",".join(map(str, box))))


def test_a_phone_shows_everything_in_one_column(visit: Callable[..., Visit]) -> None:
    page = visit(width=390, height=844, locale="ko-KR").open(PATH + "&layer=16&step=all")
    show(page, ".finder .skip")
    page.locator(".finder .skip").click()
    expect(page.locator(".trade .maps figure").first).to_be_visible()
    expect(page.locator(".trade svg")).to_be_hidden()  # a guess comes first
    expect(page.locator(".trade .maps")).not_to_contain_text("%")  # and masks do not tell what they scored
    page.get_by_test_id("stButtonGroup").get_by_text("바로 보기").last.click()
    for selector in (".probe .plots", ".trade svg", ".finder .scores", ".finder .formats"):
        expect(page.locator(selector)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for selector in (".probe", ".trade", ".finder"):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
