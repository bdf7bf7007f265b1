"""The page about DeconvNet in a browser: the unpooling player, the resolution meter, the hourglass."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.concepts.deconvnet import resolution, unpooling
from core.concepts.deconvnet.hourglass import NETWORKS, SHARED, square
from core.concepts.deconvnet.resolution import Dot
from core.models import kernels, weights
from core.models.classifiers import SLIM_VGG16
from core.models.mobilenetv2 import PYRAMID_CHANNELS
from core.pictures import images
from tests.support.visits import Visit, ready, says

Visits = Callable[..., Visit]


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def shown(page: Page, name: str) -> list[float]:
    return [number(text) for text in page.locator(f".unpool svg.{name} .board text").all_text_contents()]


def player_of(page: Page) -> Locator:
    """The unpooling player, once it is drawn."""
    player = page.locator(".unpool")
    expect(player.locator("svg.dense .cell").first).to_be_visible()
    return player


def dense(player: Locator, i: int) -> Locator:
    return player.locator(f'svg.dense .cell[data-i="{i}"]')


@pytest.mark.parametrize("remember", [True, False])
def test_player_shows_the_computed_numbers_and_sends_nothing(visit: Visits, remember: bool) -> None:
    tab = visit()
    page = tab.open("/deconvnet?n=6&w=random" + ("" if remember else "&sw=off"))
    player = player_of(page)
    expect(player.locator(".count")).to_have_text("54 of 54")
    x = np.array(shown(page, "map")).reshape(6, 6).astype(int)
    kernel = kernels.named("random", 3, 1)
    way = unpooling.there_and_back(x, kernel.numerators, remember)
    assert shown(page, "pooled") == way.pooled.ravel().tolist()
    assert shown(page, "unpooled") == way.unpooled.ravel().tolist()
    np.testing.assert_allclose(shown(page, "dense"), way.dense.ravel() / kernel.denominator, atol=0.00501)
    sent = tab.sent
    for i in (0, 14, 35):
        dense(player, i).hover()
        total = number(player.locator(".sum .total").text_content() or "")
        assert total == pytest.approx(way.dense.flat[i] / kernel.denominator, abs=5e-5)
        factors = [
            number(a) * number(b)
            for a, b in zip(
                player.locator(".sum .weight").all_text_contents(),
                player.locator(".sum .value").all_text_contents(),
                strict=True,
            )
        ]
        assert sum(factors) == pytest.approx(total, abs=1e-9)
    page.mouse.move(2, 2)  # what is pointed at goes before what the clock shows
    player.focus()
    page.keyboard.press("Home")
    expect(player.locator(".count")).to_have_text("0 of 54")
    assert set(player.locator("svg.pooled text").all_text_contents()) == {""}
    page.keyboard.press("ArrowRight")
    expect(player.locator(".count")).to_have_text("1 of 54")
    expect(player.locator("svg.pooled text").first).to_have_text(str(way.pooled[0, 0]))
    expect(player.locator("svg.map .cell.spot")).to_have_count(1)
    page.keyboard.press("Space")
    expect(player.locator('[data-act="play"]')).to_contain_text("Pause")
    page.keyboard.press("End")
    expect(player.locator(".count")).to_have_text("54 of 54")
    assert tab.sent == sent


def test_an_edit_moves_the_switch_and_the_address(visit: Visits) -> None:
    page = visit().open("/deconvnet")
    player = player_of(page)
    before = shown(page, "map")
    loser = next(i for i in (0, 1, 4, 5) if shown(page, "unpooled")[i] == 0)
    player.locator("svg.map .cell").nth(loser).click()
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    expect(player.locator("svg.unpooled .cell").nth(loser)).to_have_text("99")
    ready(page)
    x = np.array(before)
    x[loser] = 99
    way = unpooling.there_and_back(x.reshape(4, 4).astype(int), kernels.named("bilinear", 3).numerators)
    assert shown(page, "unpooled") == way.unpooled.ravel().tolist()
    says(page, "map=own")
    address = page.url[page.url.index("/deconvnet") :]
    again = visit().open(address)
    player_of(again)
    assert shown(again, "map") == x.tolist()
    again.get_by_role("button", name="Reset").click()
    ready(again)
    expect(again.locator(".unpool svg.map .cell").nth(loser)).to_have_text(f"{before[loser]:g}")
    says(again, "x=", no=True)


def test_predict_where_the_values_return(visit: Visits) -> None:
    tab = visit()
    page = tab.open("/deconvnet")
    player = player_of(page)
    filled = [i for i, value in enumerate(shown(page, "unpooled")) if value]
    sent = tab.sent
    player.locator(".ask").click()
    assert set(player.locator("svg.unpooled .board text").all_text_contents()) == {""}
    for i in filled:
        player.locator("svg.unpooled .cell").nth(i).click()
    player.locator(".reveal").click()
    expect(player.locator(".verdict")).to_have_text(f"Exactly: all {len(filled)} places.")
    player.locator(".ask").click()
    player.locator(".ask").click()
    player.locator(".reveal").click()
    expect(player.locator(".verdict")).to_have_text(f"0 of {len(filled)} found, 0 too many.")
    page.wait_for_timeout(500)
    assert tab.sent - sent == 2, "the two guesses, for the count of the visit"


def test_the_meter_reads_what_core_computes(visit: Visits) -> None:
    tab = visit()
    page = tab.open("/deconvnet?step=meter&img=dog&dot=60.70.9.200")
    meter = page.locator(".meter[data-ready]")
    expect(meter).to_be_visible()
    grey = unpooling.brightness(square(images.sample("dog")))

    def agrees(dot: Dot) -> None:
        expect(meter.locator("output.side")).to_have_text(f"{dot.side} × {dot.side} pixels")
        readings = resolution.read(grey, dot)
        for depth, reading in enumerate(readings[1:], 1):
            card = meter.locator(f'figure[data-depth="{depth}"] figcaption')
            known = f"cells that differ by the dot: {reading.changed}" if reading.changed else "no cell differs"
            expect(card).to_contain_text(known)
            expect(card).to_contain_text("mask: shown" if reading.voted else "mask: lost")
            expect(card).to_contain_text(f"{math.floor(100 * reading.cover + 0.5)}% of a cell")
            best, anywhere = resolution.smallest(depth)
            expect(card).to_contain_text(f"{best} pixels in the best place, {anywhere} pixels in any")

    agrees(Dot(60, 70, 9, 200))
    meter.locator(".stage").focus()
    sent = tab.sent
    page.keyboard.down("ArrowRight")
    page.keyboard.down("Shift")
    page.keyboard.down("ArrowDown")
    agrees(Dot(68, 71, 9, 200))
    assert tab.sent == sent, "a moving dot stays in the browser"
    for key in ("ArrowDown", "Shift", "ArrowRight"):
        page.keyboard.up(key)
    ready(page)
    says(page, "dot=68.71.9.200")
    meter.locator("input.shade").fill("0")
    agrees(Dot(68, 71, 9, 0))


SHARED_SIZES = [(11, 15), (21, 29), (41, 57), (81, 113), (161, 225)]
"""Of the kitten's maps, 321 x 428 pixels extended to 32 n + 1, coarsest first."""


@pytest.mark.parametrize("network", NETWORKS)
def test_hourglass_steps_in_the_browser(visit: Visits, network: str) -> None:
    if not weights.present(network):
        pytest.skip(f"no weights of {network} are bundled")
    sizes = SHARED_SIZES if network == SHARED else [(7 << i, 7 << i) for i in range(6)]
    steps = 2 * (len(sizes) - 1)
    tab = visit(reduced_motion="reduce")
    page = tab.open("/deconvnet?step=depth" + ("" if network == NETWORKS[0] else f"&net={network}"))
    house = page.locator(".glass-house[data-ready]")
    expect(house).to_be_visible()
    assert tab.received < 600_000
    expect(house.locator(".boxes button")).to_have_count(2 * len(sizes) + (2 if network == SHARED else 3))
    expect(house.locator(".count")).to_have_text(f"1 of {steps}")
    sent = tab.sent
    house.locator(".walk").focus()
    filled = """panel => {
      const map = panel.querySelector('.whole canvas');
      const context = new OffscreenCanvas(map.width, map.height).getContext('2d', { willReadFrequently: true });
      context.drawImage(map, 0, 0);
      const { data } = context.getImageData(0, 0, map.width, map.height);
      return [map.height, map.width, data.filter((_, i) => i % 4 === 3 && data[i]).length];
    }"""
    page.keyboard.press("Home")
    expect(house.locator(".count")).to_have_text(f"0 of {steps}")
    for step in range(1, steps + 1):
        page.keyboard.press("ArrowRight")
        expect(house.locator(".count")).to_have_text(f"{step} of {steps}")
        (low, narrow), (high, wide) = sizes[(step - 1) // 2], sizes[(step + 1) // 2]
        assert house.locator('[data-panel="unpooled"]').evaluate(filled) == [high, wide, low * narrow], "one a window"
        assert house.locator('[data-panel="dense"]').evaluate(filled) == [high, wide, high * wide]
        expect(house.locator("figure.active")).to_have_attribute("data-panel", "unpooled" if step % 2 else "dense")
        expect(house.locator(".now")).to_contain_text(f"{high} × {wide}")
        expect(house.locator(".ties path.on")).to_have_count(1)
    page.keyboard.press("Home")
    house.locator('[data-panel="before"] .lens').hover()
    expect(house.locator(".readout")).to_contain_text("Window in row")
    house.locator(".boxes button").nth(2).click()
    (low, narrow), (high, wide) = sizes[-3:-1]
    expect(house.locator(".now")).to_contain_text(f"{low} × {narrow} to {high} × {wide}")
    maps = PYRAMID_CHANNELS if network == SHARED else SLIM_VGG16
    expect(house.locator('.browser[data-stage="down-2"] .thumbs button')).to_have_count(maps[1])
    house.locator(".thumbs button").nth(3).click()
    expect(house.locator(".said")).to_contain_text("Channel")
    house.locator('[data-panel="before"] select').select_option(index=1)
    page.keyboard.press("End")
    assert tab.sent == sent


def test_last_windows_of_odd_maps_are_read_as_they_are(visit: Visits) -> None:
    """At the corner of an odd map a window holds one value, which returns to its only cell."""
    if not weights.present(SHARED):
        pytest.skip("no weights are bundled")
    page = visit(reduced_motion="reduce").open(f"/deconvnet?step=depth&net={SHARED}")
    house = page.locator(".glass-house[data-ready]")
    expect(house).to_be_visible()
    whole = house.locator('[data-panel="before"] .whole')
    box = whole.bounding_box()
    assert box is not None
    whole.click(position={"x": box["width"] - 2, "y": box["height"] - 2})
    lens = house.locator('[data-panel="before"] .lens')
    size = lens.bounding_box()
    assert size is not None
    lens.hover(position={"x": size["width"] * 13 / 14 - 2, "y": size["height"] * 13 / 14 - 2})
    (rows, columns), (high, wide) = SHARED_SIZES[:2]
    readout = house.locator(".readout")
    expect(readout).to_contain_text(f"Window in row {rows}, column {columns}")
    expect(readout).to_contain_text(f"to that cell, row {high}, column {wide}")
    found = re.search(r"of ([^ ]+), the largest is ([^ ]+),", readout.text_content() or "")
    assert found
    assert found[1] == found[2], "one value, the largest of itself"


def test_the_network_lives_in_the_address(visit: Visits) -> None:
    if not all(map(weights.present, NETWORKS)):
        pytest.skip("no weights are bundled")
    page = visit().open("/deconvnet?step=depth")
    expect(page.locator(".glass-house[data-ready]")).to_be_visible()
    slim = page.get_by_text("from scratch", exact=False).first
    slim.click()
    expect(page.locator(".glass-house .count")).to_contain_text("of 10")
    says(page, "net=deconvnet")
    expect(page.get_by_text("and nothing before", exact=False)).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    says(page, "step=", no=True)
    expect(page.locator(".unpool")).to_be_visible()
    page.get_by_role("button", name="Through a network").first.click()
    expect(page.locator(".glass-house .count")).to_contain_text("of 8")
    says(page, "net=", no=True)


@pytest.mark.parametrize(("scheme", "locale"), [("dark", "ko-KR"), ("light", "en-US")])
def test_phones_show_everything_in_one_column(visit: Visits, scheme: str, locale: str) -> None:
    page = visit(width=390, height=844, locale=locale, color_scheme=scheme, has_touch=True).open("/deconvnet?step=all")
    tops = []
    for part in (".unpool", ".unpool svg.dense", ".loupe", ".meter[data-ready]", '.meter figure[data-depth="5"]'):
        expect(page.locator(part).first).to_be_visible()
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def test_the_first_figure_stands_whole_with_its_controls(visit: Visits) -> None:
    page = visit(height=720).open("/deconvnet")
    player_of(page)
    for part in (".unpool svg.dense", '.unpool [data-act="play"]', ".unpool .ask"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, part


def test_names_lie_over_a_mask_and_not_under_the_loupe(visit: Visits) -> None:
    if not weights.present(SHARED):
        pytest.skip("no weights are bundled")
    page = visit(locale="ko-KR").open("/deconvnet?step=switches")
    expect(page.locator(".loupe .picture b").first).to_be_visible()
    assert "고양이" in page.locator(".loupe .picture b").all_text_contents()
    expect(page.locator(".loupe .glass b")).to_have_count(0)


def test_the_depth_lives_in_the_address(visit: Visits) -> None:
    if not weights.present(SHARED):
        pytest.skip("no weights are bundled")
    page = visit(reduced_motion="reduce").open("/deconvnet?step=depth&depth=4")
    expect(page.locator(".glass-house .count")).to_have_text("4 of 8")
    page.locator(".walk").focus()
    page.keyboard.press("ArrowRight")
    says(page, "depth=5")
