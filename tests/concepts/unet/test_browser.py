"""What a person does on the page about U-Net: open boxes, pin a pixel, fade connections, guess, step tiles."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from core.concepts.unet import skips
from core.concepts.unet.screen.results import STRONGEST
from core.engine import inference
from core.pictures import images
from core.pictures.reference import bundled
from core.ui import state
from core.viz import instances
from tests.support.visits import Visit, ready, says

NETWORK = "unet-mobilenetv2"
PATH = f"/unet?net={NETWORK}&img=cat"


@pytest.fixture(scope="module")
def down() -> skips.Down:
    """What the page must show."""
    return skips.descend(inference.load(NETWORK), images.sample("cat"))


@pytest.fixture(scope="module")
def truth(down: skips.Down) -> np.ndarray:
    """The sample's own reference mask, where the network answers."""
    reference = bundled(images.sample("cat"))
    assert reference is not None
    return skips.reference_on(down, reference.ids)


def _percent(ids: np.ndarray, truth: np.ndarray) -> tuple[str, str]:
    score = skips.score(ids, truth)
    return f"{100 * score.miou:.1f}%", f"{100 * score.boundary:.1f}%"


def test_it_opens_with_nuclei_found_and_counted(visit: Callable[..., Visit]) -> None:
    picture = images.sample("nuclei")
    up = skips.ascend(skips.descend(inference.load("unet-nuclei"), picture))
    assert up.nuclei is not None
    page = visit().open("/unet")
    expect(page.get_by_text("people marked 24")).to_contain_text(f"Found {up.nuclei.max()} nuclei", timeout=60_000)
    expect(page.locator(".out figcaption")).to_contain_text(f"{up.nuclei.max()} nuclei")
    expect(page.locator(".out canvas.mask")).to_have_attribute("data-gains", "100.100.100.100")
    expect(page.locator(".in .place")).to_be_visible()
    lines = """canvas => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((_, i) => i % 4 === 3).reduce((sums, a) => ({ ...sums, [a]: (sums[a] ?? 0) + 1 }), {});
    }"""
    opacities = page.locator(".out canvas.mask").evaluate(lines)
    paint = instances.painted(up.nuclei)
    assert opacities["0"] == (paint == 0).sum()
    assert opacities[str(instances.LINE)] == (paint > instances.COLOURS).sum()
    page.get_by_role("button", name="All skips off").click()
    expect(page.locator(".out canvas.mask")).to_have_attribute("data-gains", "0.0.0.0")
    cut = skips.ascend(skips.descend(inference.load("unet-nuclei"), picture), (0.0,) * 4).nuclei
    assert cut is not None
    expect(page.get_by_text("people marked 24")).to_contain_text(f"Found {cut.max()} nuclei")


def test_boxes_open_without_a_rerun_and_a_pinned_pixel_tells_traced_values(
    visit: Callable[..., Visit], down: skips.Down
) -> None:
    tab = visit()
    whole = (0, 0, down.pixels.shape[1], down.pixels.shape[0])
    page = tab.open(PATH + "&step=depths&box=down2&pin={}.{}".format(*state.to_pin((100, 60), whole)))
    assert tab.received < 600_000
    expect(page.locator(".box")).to_have_count(9)
    expect(page.locator('.box[aria-pressed="true"]')).to_have_attribute("data-stage", "down2")
    stage = down.stages[1]
    row, column = 60 // 4, 100 // 4  # the cells that stand at these pixels
    expect(page.locator(".thumbs button")).to_have_count(len(stage.maps))
    page.locator('.thumbs button[data-channel="7"]').click()
    expect(page.locator(".over canvas")).to_have_attribute("data-channel", "7")
    said = page.locator(".said")
    expect(said).to_contain_text(f"Channel 7, row {row + 1}, column {column + 1}")
    found = re.search(r": ([−\d.e]+)\. Mean", said.text_content() or "")
    assert found
    span = float(stage.maps[7].max() - stage.maps[7].min())
    assert float(found[1].replace("−", "-")) == pytest.approx(float(stage.maps[7][row, column]), abs=span / 255 + 0.01)
    rows, columns = (axis["down2"] for axis in down.reaches())
    square = [columns.first[column], rows.first[row], columns.last[column] + 1, rows.last[row] + 1]
    expect(page.locator(".pinned")).to_have_attribute("data-seen", ",".join(map(str, square)))
    sent = tab.sent
    page.locator('.choices button[data-code="variance"]').click()
    page.locator('.thumbs button[data-channel="3"]').press("End")
    expect(page.locator('.thumbs button[aria-selected="true"]')).to_be_focused()
    page.locator(".in .photo").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".pinned")).to_contain_text("x 101, y 60")
    assert tab.sent == sent
    says(page, "pin={}.{}".format(*state.to_pin((101, 60), whole)))  # as a click would have pinned it


def test_channels_are_sorted_by_what_the_mask_loses_without_them(visit: Callable[..., Visit], down: skips.Down) -> None:
    page = visit().open(PATH + "&step=depths&box=down4")
    note = page.locator(".note[role=status]")
    page.locator('.choices button[data-code="effect"]').click()
    count, everything = STRONGEST[NETWORK], len(down.stages[3].maps)
    expect(note).to_contain_text(f"the {count} strongest of {everything} channels", timeout=30_000)
    order = [int(text) for text in page.locator(".thumbs button span").all_text_contents()][:count]
    shares = skips.effects(down, images.sample("cat"), "down4", order)
    assert shares == sorted(shares, reverse=True)
    page.locator('.choices button[data-code="strength"]').click()
    expect(note).to_have_text("")


def test_faders_change_the_mask_and_come_back(visit: Callable[..., Visit], down: skips.Down, truth: np.ndarray) -> None:
    page = visit().open(PATH)
    for value in _percent(skips.mask(down), truth):
        expect(page.locator(".numbers")).to_contain_text(value)
    page.get_by_role("button", name="All skips off").click()
    expect(page.locator(".out canvas.mask")).to_have_attribute("data-gains", "0.0.0.0")
    for value in _percent(skips.mask(down, (0.0,) * 4), truth):
        expect(page.locator(".numbers")).to_contain_text(value)
    ready(page)
    says(page, "skips=0.0.0.0")
    page.get_by_role("button", name="All skips on").click()
    expect(page.locator(".out canvas.mask")).to_have_attribute("data-gains", "100.100.100.100")
    for value in _percent(skips.mask(down), truth):
        expect(page.locator(".numbers")).to_contain_text(value)


def test_a_guess_is_answered_by_what_was_measured(
    visit: Callable[..., Visit], down: skips.Down, truth: np.ndarray
) -> None:
    page = visit().open(PATH)
    worth = [w.miou for w in skips.worth(down, truth)]
    best = worth.index(max(worth))
    expect(page.locator(".skip .bar").first).to_be_hidden()
    page.locator(".guess button").nth(best).click()
    expect(page.locator(".guess p")).to_contain_text(f"Right: without depth {best + 1}")
    expect(page.locator(".skip .worth").nth(best)).to_have_text(f"worth {100 * worth[best]:.1f} points")


def test_tiles_are_stepped_one_by_one(visit: Callable[..., Visit]) -> None:
    page = visit(width=390, height=844, locale="en-US").open("/unet?net=unet-em&img=cells&step=tiles")
    tiles = page.locator(".tiles")
    expect(tiles.locator("p")).to_contain_text("Tile 1 of 4", timeout=60_000)
    for number in (2, 3, 4):
        tiles.locator(".forward").click()
        expect(tiles.locator("p")).to_contain_text(f"Tile {number} of 4")
    expect(tiles.locator(".forward")).to_be_disabled()
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
