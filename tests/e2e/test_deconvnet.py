"""The page about DeconvNet in a browser: the unpooling player, the resolution meter, the hourglass."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core import images, kernels, resolution, unpooling
from core.hourglass import NETWORK, square
from core.models import weights
from core.models.classifiers import SLIM_VGG16
from core.resolution import Dot
from tests.e2e.visits import Visit, ready, says

Visits = Callable[..., Visit]
needs_weights = pytest.mark.skipif(not weights.present(NETWORK), reason="no weights of DeconvNet are bundled")


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
    assert tab.sent == sent


def test_the_meter_reads_what_core_computes(visit: Visits) -> None:
    tab = visit()
    page = tab.open("/deconvnet?img=dog&dot=60.70.9.200")
    meter = page.locator(".meter[data-ready]")
    expect(meter).to_be_visible()
    grey = unpooling.brightness(square(images.sample("dog")))

    def agrees(dot: Dot) -> None:
        expect(meter.locator("output.side")).to_have_text(f"{dot.side} × {dot.side} pixels")
        readings = resolution.read(grey, dot)
        for depth, reading in enumerate(readings[1:], 1):
            card = meter.locator(f'figure[data-depth="{depth}"] figcaption')
            known = f"cells that know it: {reading.changed}" if reading.changed else "no cell knows it"
            expect(card).to_contain_text(known)
            expect(card).to_contain_text("mask: shown" if reading.voted else "mask: lost")
            expect(card).to_contain_text(f"{math.floor(100 * reading.cover + 0.5)}% of a cell")
            best, anywhere = resolution.smallest(depth)
            expect(card).to_contain_text(f"{best} pixels, anywhere: {anywhere}")

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


@needs_weights
def test_hourglass_steps_in_the_browser(visit: Visits) -> None:
    tab = visit(reduced_motion="reduce")
    page = tab.open("/deconvnet")
    house = page.locator(".glass-house[data-ready]")
    expect(house).to_be_visible()
    assert tab.received < 600_000
    expect(house.locator(".boxes button")).to_have_count(15)
    expect(house.locator(".count")).to_have_text("1 of 10")
    sent = tab.sent
    house.locator(".walk").focus()
    filled = """panel => {
      const map = panel.querySelector('.whole canvas');
      const context = new OffscreenCanvas(map.width, map.height).getContext('2d', { willReadFrequently: true });
      context.drawImage(map, 0, 0);
      const { data } = context.getImageData(0, 0, map.width, map.height);
      return [map.width, data.filter((_, i) => i % 4 === 3 && data[i]).length];
    }"""
    page.keyboard.press("Home")
    expect(house.locator(".count")).to_have_text("0 of 10")
    for step in range(1, 11):
        page.keyboard.press("ArrowRight")
        expect(house.locator(".count")).to_have_text(f"{step} of 10")
        side = 7 * 2 ** ((step + 1) // 2)
        assert house.locator('[data-panel="unpooled"]').evaluate(filled) == [side, side**2 // 4], "three quarters empty"
        assert house.locator('[data-panel="dense"]').evaluate(filled) == [side, side**2]
        expect(house.locator("figure.active")).to_have_attribute("data-panel", "unpooled" if step % 2 else "dense")
        expect(house.locator(".now")).to_contain_text(f"{side} × {side}")
        expect(house.locator(".ties path.on")).to_have_count(1)
    page.keyboard.press("Home")
    house.locator('[data-panel="before"] .lens').hover()
    expect(house.locator(".readout")).to_contain_text("Window in row")
    house.locator(".boxes button").nth(2).click()
    expect(house.locator(".now")).to_contain_text("56 × 56 to 112 × 112")
    expect(house.locator('.browser[data-stage="down-2"] .thumbs button')).to_have_count(SLIM_VGG16[1])
    house.locator(".thumbs button").nth(3).click()
    expect(house.locator(".said")).to_contain_text("Channel")
    house.locator('[data-panel="before"] select').select_option(index=1)
    page.keyboard.press("End")
    assert tab.sent == sent


@pytest.mark.parametrize(("scheme", "locale"), [("dark", "ko-KR"), ("light", "en-US")])
def test_phones_show_everything_in_one_column(visit: Visits, scheme: str, locale: str) -> None:
    page = visit(width=390, height=844, locale=locale, color_scheme=scheme, has_touch=True).open("/deconvnet")
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
