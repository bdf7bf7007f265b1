"""The page about pyramid pooling in a browser: bins to point at, levels to switch, another scene."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from core import facts
from core.concepts.pspnet import pyramid, scenes
from core.concepts.pspnet.screen.levels import map_cells
from core.engine import inference
from core.passes import without_parts
from core.pictures import images
from core.pictures.labels import VOC
from tests.support.visits import Visit, ready, says

SLOW = 60_000


def test_a_bin_says_what_it_averages_and_what_it_adds(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/pspnet?img=cat&pin=300.500&step=pyramid")
    picture = images.sample("cat")
    seen = without_parts.look(inference.load("pspnet"), picture)
    assert map_cells(picture) == seen.encoded.cells
    bins, everything = without_parts.bins(seen), without_parts.pspnet(seen)
    label = int(everything.at(0.3, 0.5).argmax())
    changes = bins.changes(0.3, 0.5, label)
    expect(page.locator(".parts .maps canvas")).to_have_count(28, timeout=SLOW)
    ready(page)
    sent = tab.sent
    rows, columns = seen.encoded.cells
    for level, side in enumerate(pyramid.LEVELS):
        canvas = page.locator(".parts .row").nth(level).locator("canvas").first
        box = canvas.bounding_box()
        assert box is not None
        canvas.hover(position={"x": box["width"] - 3, "y": box["height"] - 3})
        expect(page.locator(".parts .places .bin")).to_have_count(side**2)
        readout = page.locator(".parts .readout")
        expect(readout).to_contain_text(f"Bin in row {side}, column {side}")
        (top, bottom), (left, right) = pyramid.edges(rows, side)[-1], pyramid.edges(columns, side)[-1]
        expect(readout).to_contain_text(f"the mean of {bottom - top} × {right - left} cells")
        expect(readout).to_contain_text(VOC[label])
        shown = re.search(r"changes by ([+−\d.]+) points", readout.text_content() or "")
        assert shown
        assert float(shown[1].replace("−", "-")) == pytest.approx(100 * changes[level][-1, -1], abs=0.11)
    page.locator(".parts .photo").hover(position={"x": 5, "y": 5})
    expect(page.locator(".parts .readout")).to_contain_text("Bin in row 1, column 1")
    assert tab.sent == sent


def test_a_level_that_is_off_changes_mask_and_bars(visit: Callable[..., Visit]) -> None:
    page = visit().open("/pspnet?img=dog&step=pyramid")
    seen = without_parts.look(inference.load("pspnet"), images.sample("dog"))
    everything = without_parts.pspnet(seen)
    expect(page.locator(".parts .switch")).to_have_count(4, timeout=SLOW)
    on = [True] * 4
    for level in (3, 0):
        on[level] = False
        page.locator(".parts .switch").nth(level).click()
        expect(page.locator(".parts .switch").nth(level)).to_have_attribute("aria-checked", "false", timeout=SLOW)
        ready(page)
        now = without_parts.pspnet(seen, tuple(on))
        expect(page.get_by_text(f"{without_parts.changed(everything, now):.1%} of the pixels")).to_be_visible()
        shown = page.locator(".parts .bars li:nth-child(2) b").nth(1).text_content() or ""
        values = now.at(0.5, 0.5)
        order = np.argsort(-np.maximum(everything.at(0.5, 0.5), values), kind="stable")
        assert float(shown.removesuffix("%")) == pytest.approx(100 * values[order[0]], abs=0.06)
    says(page, "on=0.1.1.0")
    page.get_by_text("Reset", exact=True).click()
    expect(page.locator(".parts")).to_have_count(0, timeout=SLOW)
    ready(page)
    says(page, "on=", no=True)
    page.keyboard.press("KeyN")  # a reset leads back to the first step
    expect(page.locator('.parts .switch[aria-checked="true"]')).to_have_count(4, timeout=SLOW)


def test_the_other_scene_is_the_computed_one(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/pspnet?img=dog&scene=coffee&step=scene")
    model, picture = inference.load("pspnet"), images.sample("dog")
    here = without_parts.pspnet(without_parts.look(model, picture))
    mask, _ = scenes.object_at(here.ids, 0.5, 0.5)
    at = scenes.inside(mask, 0.5, 0.5)
    moved = scenes.pasted(picture, mask, images.sample("coffee"))
    there = without_parts.pspnet(without_parts.look(model, moved))
    off = (False,) * 4
    four = [here, there, *(without_parts.pspnet(without_parts.look(model, p), off) for p in (picture, moved))]
    best = int(np.max([answer.at(*at) for answer in four], axis=0).argmax())
    table = page.locator("table", has_text="at the ringed pixel")
    expect(table.locator("thead th").nth(1)).to_have_text(VOC[best], timeout=SLOW)
    for line, answer in enumerate((here, there)):
        expect(table.locator("tbody tr").nth(line).locator("td").nth(1)).to_have_text(f"{answer.at(*at)[best]:.1%}")
    page = tab.open("/pspnet?img=dog&step=exact")
    for fact in (facts.PSPNET_BASELINE, facts.PSPNET_GLOBAL, facts.PSPNET_PYRAMID):
        expect(page.locator("td", has_text=fact.text)).to_be_visible()


def test_phones_show_everything_in_one_column(visit: Callable[..., Visit]) -> None:
    tab = visit(width=390, height=844, locale="ko-KR", color_scheme="dark", has_touch=True)
    page = tab.open("/pspnet?on=1.x&scene=nowhere&pin=5&step=all")
    expect(page.locator(".parts .maps canvas")).to_have_count(28, timeout=SLOW)
    ready(page)
    box = page.locator(".parts .photo").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    assert tab.received < 600_000
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
