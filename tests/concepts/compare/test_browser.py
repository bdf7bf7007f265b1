"""What a person does where all networks meet: look, pin, swipe, guess, bring a reference; with mouse and keys."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from core.concepts.compare import votes
from core.concepts.compare.screen.live import FIRST_PAIR
from core.engine import inference
from core.models import segmenters
from core.models.registry import spec
from core.passes.segmentation import segment
from core.pictures import images
from core.pictures.labels import VOC
from core.pictures.reference import bundled
from core.viz.overlays import class_colours
from tests.conftest import running
from tests.support.visits import Visit, ready, says
from tests.support.weights_server import serving, theirs

NAMES = segmenters.networks()
SLOW = 240_000
"""Milliseconds for all networks on a machine that has other things to do."""


def filled(page: Page) -> Page:
    """Wait until all masks and their votes are there."""
    expect(page.locator(".differ canvas").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Time again")).to_be_visible(timeout=SLOW)
    return ready(page)


def test_masks_fill_in_and_every_pixel_tells_its_classes(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = filled(tab.open("/compare?img=cat&pin=400.500"))
    expect(page.locator("figure[data-net]")).to_have_count(len(NAMES) + 1)  # the reference is the first
    sent = tab.sent
    name = NAMES[-1]
    ids = segment(inference.load(name), images.sample("cat")).ids
    height, width = ids.shape
    x, y = 801 * width // 2000, 1001 * height // 2000
    expect(page.locator(f'figure[data-net="{name}"] .class')).to_have_text(VOC[ids[y, x]])
    stage = page.locator(f'figure[data-net="{name}"] .stage')
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.1)
    expect(page.locator(f'figure[data-net="{name}"] .class')).to_have_text(
        VOC[ids[int(0.1 * height), int(0.2 * width)]]
    )
    swipe = page.locator(".swipe")
    swipe.focus()
    divider = page.locator(".divider")
    divider.focus()
    page.keyboard.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "2")
    page.locator('.switch [data-kind="entropy"]').click()
    expect(page.locator(".differ .class")).to_contain_text("bits")
    assert tab.sent == sent  # until here nothing was settled
    page.locator(".left-net").select_option(NAMES[1])
    page.wait_for_url(f"**a={NAMES[1]}**")
    ready(page)
    says(page, "pin=400.500")  # a second choice leaves the first
    swipe.focus()
    page.keyboard.press("ArrowRight")
    says(page, "pin=400.500", no=True)


def test_a_choice_does_not_undo_the_one_before(visit: Callable[..., Visit]) -> None:
    page = filled(visit().open("/compare?img=cat"))
    assert [page.locator(side).input_value() for side in (".left-net", ".right-net")] == list(FIRST_PAIR)
    page.locator(".swipe").click(position={"x": 60, "y": 40})
    says(page, "pin=")
    pin = re.search(r"pin=[\d.]+", page.url)
    assert pin
    cross = page.locator(".swipe .cross").first.get_attribute("style")
    for side in (".left-net", ".right-net"):
        page.locator(side).select_option(NAMES[1])
        page.wait_for_url(f"**{'a' if side == '.left-net' else 'b'}={NAMES[1]}**")
        ready(page)
        says(page, pin[0])
        assert page.locator(".swipe .cross").first.get_attribute("style") == cross
    assert page.locator(".left-net").input_value() == NAMES[1]


def test_a_sample_has_its_reference_without_an_upload(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = filled(tab.open("/compare?img=dog&a=reference&pin=500.400"))
    tile = page.locator('figure[data-net="reference"]')
    expect(tile.locator("b")).to_have_text("Reference, drawn by hand")
    expect(tile.locator(".class")).to_have_text("dog")
    expect(page.locator(".left-net")).to_have_value("reference")
    painted = tile.locator("canvas.fill").evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height), seen = {};
          for (let i = 0; i < data.length; i += 4) {
            const key = data[i + 3] ? [...data.slice(i, i + 3)].join() : "";
            seen[key] = (seen[key] ?? 0) + 4 / data.length;
          }
          return seen;
        }"""
    )
    truth = bundled(images.sample("dog"))
    assert truth is not None
    shares = {",".join(map(str, class_colours()[i])): float((truth.ids == i).mean()) for i in (VOC.index("dog"), 255)}
    for colour, share in shares.items():
        assert painted[colour] == pytest.approx(share, abs=0.01)
    lines = tile.locator("canvas.edge").evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return [...new Set(Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3] && 1 + data[4 * i]))];
        }"""
    )
    assert sorted(lines) == [0, 1, 256]  # nothing, dark outside, white inside
    page.keyboard.press("KeyN")
    expect(page.get_by_text("drawn by hand for SegScope")).to_be_visible()
    expect(page.get_by_role("region", name="How well each network agrees with the reference")).to_be_visible()
    expect(page.get_by_role("button", name="Forget the reference")).to_have_count(0)


def test_guess_hides_the_masks_and_names_the_answer(visit: Callable[..., Visit]) -> None:
    page = filled(visit().open("/compare?img=cat"))
    masks = [segment(inference.load(name), images.sample("cat")).ids for name in NAMES]
    truth = bundled(images.sample("cat"))
    assert truth is not None
    agrees = [votes.score(truth.ids, mask).miou for mask in masks]
    for values, button in ((agrees, "Guess first"), (votes.dissent(masks), "Another question")):
        page.get_by_role("button", name=button).click()
        expect(page.locator(".side.a")).to_be_hidden()
        expect(page.locator(".options button")).to_have_count(len(NAMES))
        page.keyboard.press("Enter")  # the first network has the focus
        expect(page.locator(".verdict")).to_contain_text(spec(NAMES[int(np.argmax(values))]).title)
    expect(page.locator(".side.a")).to_be_visible()


def test_a_wrong_reference_is_a_sentence_and_a_drawn_one_is_scored(visit: Callable[..., Visit]) -> None:
    page = filled(visit().open("/compare?img=cat&step=all"))
    picture = images.sample("cat")
    upload = page.locator('[class*="st-key-compare-reference-file"] input[type=file]')
    photo = io.BytesIO()
    Image.fromarray(picture.pixels).save(photo, "PNG")
    upload.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": photo.getvalue()})
    expect(page.get_by_text("This PNG holds colours, like a photo")).to_be_visible()
    page.get_by_text("drawn here").click()
    stage = page.locator(".pen .stage")
    stage.focus()
    for key in ("Enter", *["ArrowRight"] * 5, "Enter", *["ArrowDown"] * 5, "Enter"):
        page.keyboard.press(key)
    page.locator('.pen [data-act="use"]').click()
    expect(page.locator('figure[data-net="reference"] b')).to_have_text("Your reference")
    expect(page.get_by_text("This PNG holds colours, like a photo")).to_have_count(0)
    page.get_by_role("button", name="Forget the reference").click()
    expect(page.locator('figure[data-net="reference"] b')).to_have_text("Reference, drawn by hand")


@pytest.mark.parametrize("locale", ["ko-KR"])
def test_phones_show_everything_in_one_column(visit: Callable[..., Visit], locale: str) -> None:
    page = visit(width=390, height=844, locale=locale, color_scheme="dark", has_touch=True).open("/compare?img=cat")
    for part in (".swipe", ".tally", ".grid figure", ".left-net"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


ADDED = "lraspp-mobilenetv3"
FILE = "lraspp_mobilenet_v3_large-d234d4ea.pth"
ELSEWHERE = """\
import os
import urllib.request

_open = urllib.request.urlopen
urllib.request.urlopen = lambda url, **options: _open(
    url.replace("https://download.pytorch.org/models", os.environ["TEST_MODELS"]), **options
)
"""
"""Python runs this at its start: PyTorch's server is one of this machine's."""


def test_a_network_of_torchvisions_is_offered_fetched_stopped_refused_and_compared(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    content, hub = io.BytesIO(), tmp_path / "hub" / "checkpoints"
    torch.save(theirs(ADDED).state_dict(), content)
    (tmp_path / "sitecustomize.py").write_text(ELSEWHERE)
    places = {"TORCH_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    with (
        serving({FILE: content.getvalue()}) as files,
        running(tmp_path / "log.txt", TEST_MODELS=files.address, **places) as address,
    ):
        tab = visit()
        tab.server = address
        page = tab.open("/compare?img=cat&step=all")
        masks = page.locator('figure[data-net]:not([data-net="reference"])')
        expect(masks).to_have_count(len(NAMES))
        page.get_by_role("button", name="Add LR-ASPP on MobileNetV3 · 12 MB").click()
        says(page, f"with={ADDED}")
        expect(page.get_by_text("are 12 MB and not on this machine yet")).to_be_visible(timeout=SLOW)

        files.go_on.clear()
        page.get_by_role("button", name="Fetch 12 MB").click()
        expect(page.get_by_text("6 of 12 MB")).to_be_visible(timeout=SLOW)
        page.locator(f".st-key-stop-{ADDED} button").click()
        files.go_on.set()
        expect(page.get_by_role("button", name="Fetch 12 MB")).to_be_visible(timeout=SLOW)
        assert not list(hub.iterdir())

        page.get_by_role("button", name="Fetch 12 MB").click()  # whole, but its digits are not those of the name
        expect(page.get_by_text("arrived damaged: try again. The networks above need no download.")).to_be_visible(
            timeout=SLOW
        )
        assert not list(hub.iterdir())

        (hub / FILE).write_bytes(content.getvalue())  # as if another program had fetched it
        page = tab.open(f"/compare?img=cat&with={ADDED}&b={ADDED}&step=all")
        expect(masks).to_have_count(len(NAMES) + 1, timeout=SLOW)
        filled(page)
        expect(page.locator(f'figure[data-net="{ADDED}"] figcaption b')).to_have_text("LR-ASPP on MobileNetV3")
        expect(page.locator(f'figure[data-net="{ADDED}"] .class')).not_to_be_empty()
        expect(page.get_by_role("button", name="Fetch 12 MB")).to_have_count(0)
        expect(page.get_by_text("Torchvision’s weights, trained on COCO:")).to_be_visible(timeout=SLOW)
        expect(page.locator(".right-net")).to_have_value(ADDED)
        page.locator(".left-net").select_option(ADDED)
        says(page, f"a={ADDED}")
        tab.settle()
