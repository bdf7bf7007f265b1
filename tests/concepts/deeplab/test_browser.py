"""The page about atrous convolution and DeepLab in a browser: taps, gridding, switches, the divider."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from core.concepts.deeplab import atrous, trimap
from core.concepts.deeplab.screen.atrous import SIDE
from core.engine import inference
from core.maths import geometry
from core.models import kernels
from core.models.registry import spec
from core.passes import without_parts
from core.passes.segmentation import size_for
from core.pictures import images
from core.pictures.reference import bundled
from tests.support.visits import Visit, ready, says

SLOW = 60_000


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def drag(page: Page, selector: str, value: int) -> None:
    """Move a range as a hand does: input events on the way, a change at the end."""
    page.locator(selector).evaluate(
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input'));"
        " node.dispatchEvent(new Event('change')); }",
        value,
    )


def point(page: Page, selector: str, x: float, y: float) -> None:
    """Move the pointer to a place of an element, in shares of its sides; at a rounded corner too."""
    page.locator(selector).evaluate(
        "(node, [x, y]) => { const box = node.getBoundingClientRect();"
        " const at = { clientX: box.left + x * box.width, clientY: box.top + y * box.height, bubbles: true };"
        " node.dispatchEvent(new PointerEvent('pointermove', at)); }",
        [x, y],
    )


def test_player_shows_pytorchs_sums_and_sends_nothing(visit: Callable[..., Visit]) -> None:
    tab = visit(reduced_motion="reduce")
    page = tab.open("/deeplab?rate=3&img=kitten")
    expect(page.locator("svg.from .cell.value")).to_have_count(SIDE**2)
    ready(page)
    sent = tab.sent
    page.locator('.atrous [data-act="last"]').click()
    shown = [number(text) for text in page.locator("svg.to .cell text").all_text_contents()]
    x = kernels.digits(images.sample("kitten").pixels, SIDE)
    weights = kernels.named("edge", 3).numerators
    theirs = torch.nn.functional.conv2d(
        torch.tensor(x)[None, None].double(), torch.tensor(weights)[None, None].double(), padding=3, dilation=3
    )
    assert shown == theirs.flatten().tolist()
    page.locator("svg.to .cell").first.hover()
    expect(page.locator(".atrous .sum")).to_contain_text("4 of 9 taps meet the map.")
    expect(page.locator("svg.from .lit")).to_have_count(4)
    page.locator("svg.to .cell").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".atrous .sum")).to_contain_text("row 2, column 1")
    assert tab.sent == sent


def test_tap_map_counts_and_remembers_its_rate(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/deeplab?step=taps")
    headline = page.locator(".taps .headline")
    expect(headline).to_contain_text("93.9%")
    page.locator('.taps [data-rate="12"]').click()
    share = round(100 * atrous.shares(65, 12)[9], 1)
    expect(headline).to_contain_text(f"Rate 12: {share}%")
    ready(page)
    says(page, "at=12")
    sent = tab.sent
    page.locator(".taps input").evaluate("(n) => { n.value = 40; n.dispatchEvent(new Event('input')); }")
    expect(headline).to_contain_text("Rate 40: 0%")
    page.locator(".taps .stage").hover(position={"x": 3, "y": 3})
    expect(page.locator(".taps .spot")).to_contain_text("Row 1, column 1: 4 of 9 taps")
    assert tab.sent == sent


def test_gridding_replay_counts_the_ways(visit: Callable[..., Visit]) -> None:
    page = visit().open("/deeplab?stack=1-2-3&step=grid")
    for rates, code in (((1, 2, 3), "1-2-3"), ((2, 2, 2), "2-2-2")):
        page.locator(f'.reach [data-code="{code}"]').click()
        ways = atrous.paths(rates)
        expected = [str(n) if n else "" for n in np.multiply.outer(ways, ways).ravel()]
        expect(page.locator(".reach .cell text")).to_have_text(expected)
    expect(page.locator(".reach .sum")).to_contain_text("29%")
    page.locator('.reach [data-act="first"]').click()
    expect(page.locator(".reach .cell text", has_text=re.compile(r"\d"))).to_have_count(1)


def test_a_switch_changes_the_answer_and_the_address(visit: Callable[..., Visit]) -> None:
    page = visit().open("/deeplab?img=cat&pin=300.500&step=aspp")
    seen = without_parts.look(inference.load("deeplabv3"), images.sample("cat"))
    everything = without_parts.deeplab(seen)
    expect(page.locator(".parts .switch")).to_have_count(5, timeout=SLOW)
    expect(page.get_by_text("Multiply the three rates by")).to_be_visible(timeout=SLOW)
    shown = page.locator(".parts .bars li:nth-child(2) b").nth(1).text_content() or ""
    assert float(shown.removesuffix("%")) == pytest.approx(100 * everything.at(0.3, 0.5).max(), abs=0.06)
    page.locator(".parts .switch").nth(4).click()
    expect(page.locator(".parts .switch").nth(4)).to_have_attribute("aria-checked", "false", timeout=SLOW)
    ready(page)
    says(page, "on=1.1.1.1.0")
    without = without_parts.deeplab(seen, (True, True, True, True, False))
    expect(page.get_by_text(f"{without_parts.changed(everything, without):.1%} of the pixels")).to_be_visible()
    expect(page.locator(".parts .maps canvas")).to_have_count(35)
    page.locator(".parts .row").nth(2).locator("canvas").first.hover(position={"x": 2, "y": 2})
    expect(page.locator(".parts .readout")).to_contain_text("Row 1, column 1")
    expect(page.locator(".parts .places .lit")).to_have_count(4)
    page.locator(".parts .photo").click(position={"x": 20, "y": 20})
    page.wait_for_url(re.compile(r"pin=(?!300)"))


def test_cells_stand_at_pixels_and_own_the_nearest_ones(visit: Callable[..., Visit]) -> None:
    page = visit().open("/deeplab?img=cat&step=aspp")
    expect(page.locator(".parts .maps canvas")).to_have_count(35, timeout=SLOW)
    ready(page)
    picture = images.sample("cat")
    width, height = size_for(spec("deeplabv3"), *picture.pixels.shape[1::-1])
    down, across = geometry.edges(height, 16), geometry.edges(width, 16)
    page.locator(".parts .row .switch").first.focus()  # the 1 x 1 branch: each cell by itself
    for x, y in ((0, 0), (7, 7), (10, 40), (100, 160), (233, 318), (width - 1, height - 1)):
        point(page, ".parts .photo", (x + 0.5) / width, (y + 0.5) / height)
        row, column = geometry.cell_at(y, 16), geometry.cell_at(x, 16)
        expect(page.locator(".parts .readout")).to_contain_text(f"Row {row + 1}, column {column + 1}:")
        lit = page.locator(".parts .places rect.lit")
        expect(lit).to_have_count(1)
        found = [lit.get_attribute(name) for name in ("x", "y", "width", "height")]
        corners = across[column], down[row], across[column + 1], down[row + 1]
        assert found == [
            *map(str, corners[:2]), str(corners[2] - corners[0]), str(corners[3] - corners[1])
        ]  # fmt: skip
        dot = page.locator(".parts .places circle")
        place = geometry.place(column, 16), geometry.place(row, 16)
        if place[0] < width and place[1] < height:
            assert [dot.get_attribute(name) for name in ("cx", "cy")] == [f"{at + 0.5}" for at in place]
        else:
            expect(dot).to_have_count(0)


def test_divider_scores_are_the_trimaps(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/deeplab?img=dog&step=outlines")
    picture = images.sample("dog")
    ids = {
        n: without_parts.deeplab(without_parts.look(inference.load(n), picture)).ids
        for n in ("deeplabv3", "deeplabv3plus")
    }
    reference = bundled(picture)
    assert reference is not None
    left, right = (trimap.trimap_iou(reference.ids, ids[name]) for name in ("deeplabv3", "deeplabv3plus"))
    expect(page.locator(".divider .scores span")).to_have_count(2, timeout=SLOW)
    ready(page)
    sent = tab.sent
    for width in (1, 7, 20):
        drag(page, ".divider input.width", width)
        shown = page.locator(".divider .scores .left").text_content() or ""
        found = re.search(r"([\d.]+)% within (\d+) px", shown)
        assert found, shown
        assert float(found[1]) == pytest.approx(100 * left[width - 1], abs=0.06)
        assert int(found[2]) == width
    expect(page.locator(".divider .scores .right")).to_contain_text(re.compile(rf"{100 * right[19]:.1f}% within 20 px"))
    stage = page.locator(".divider .stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40, steps=4)
    page.mouse.up()
    assert 240 <= int(page.locator(".divider input.split").input_value()) <= 260
    assert tab.sent == sent
    page.locator(".divider select.left").select_option("bare")
    page.wait_for_url(re.compile("left=bare"))


@pytest.mark.parametrize(("scheme", "locale"), [("dark", "ko-KR")])
def test_phones_show_everything_in_one_column(visit: Callable[..., Visit], scheme: str, locale: str) -> None:
    tab = visit(width=390, height=844, locale=locale, color_scheme=scheme, has_touch=True)
    page = tab.open("/deeplab?step=all")
    expect(page.locator(".divider .scores span")).to_have_count(2, timeout=SLOW)
    tops = []
    for part in ("svg.from", "svg.to", ".loupe", ".taps .stage", ".reach .grid", ".parts .photo", ".divider .stage"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    assert tab.received < 600_000


@pytest.mark.parametrize("query", ["on=9.9&pin=evil&rate=-3&stack=7-7&at=99&left=%00&times=5", "on=0.0.0.0.0"])
def test_odd_addresses_show_a_picture(visit: Callable[..., Visit], query: str) -> None:
    page = visit().open(f"/deeplab?step=all&{query}")
    expect(page.locator(".divider .scores span")).to_have_count(2, timeout=SLOW)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
