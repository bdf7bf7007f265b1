"""One pinned pixel through every page that has one: thousandths of the photo, wherever a page cuts or scales it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.concepts.deconvnet.screen import story
from core.concepts.unet.screen import results
from core.passes.heatmaps import View
from core.passes.precomputed import FIRST_VIEW
from core.pictures import images
from core.ui import state
from core.ui.kit.score_explorer import photo_on
from tests.ui.test_pages import opened

PIN = (420, 380)
"""On the cat, and inside its central square."""


def payload(test: AppTest, has: str) -> dict[str, Any]:
    """What the page sends to the component whose data has the key ``has``."""
    assert not test.exception
    sent = [json.loads(node.proto.bytes) for node in test.get("bidi_component") if node.proto.bytes]
    found: dict[str, Any] = next(data for data in sent if has in data)
    return found


def close(x: float, y: float, width: float, height: float, pin: tuple[int, int], within: float = 0.002) -> None:
    assert (x / width, y / height) == pytest.approx([v / 1000 for v in pin], abs=within)


@given(st.integers(16, 1000), st.integers(16, 1000), st.integers(-300, 300), st.integers(-300, 300), st.data())
def test_a_pixel_survives_the_way_to_the_address_and_back(
    width: int, height: int, left: int, top: int, data: st.DataObject
) -> None:
    pixel = left + data.draw(st.integers(0, width - 1)), top + data.draw(st.integers(0, height - 1))
    pin = state.to_pin(pixel, (left, top, width, height))
    assert all(0 <= v < state.THOUSAND for v in pin)
    assert state.to_pixel(pin, (left, top, width, height)) == pixel


@given(st.integers(16, 9000), st.integers(0, state.THOUSAND), st.integers(-10_000, 10_000))
def test_a_pin_is_always_on_the_photo(side: int, v: int, beside: int) -> None:
    x, y = state.to_pixel((v, v), (0, 0, side, side))
    assert 0 <= x == y < side
    assert all(0 <= c <= state.THOUSAND for c in state.to_pin((beside, -beside), (5, 7, side, side)))
    assert state.to_shares((v, v))[0] * side == pytest.approx(x + 0.5, abs=0.5 + 1e-9)


def test_a_pixel_beside_the_photo_is_pinned_at_its_rim() -> None:
    assert state.to_pin((-1, 40), (5, 7, 20, 20)) == (0, 1000)


@given(st.sampled_from([(640, 427), (427, 640), (1000, 200), (33, 77)]), st.sampled_from(["square", "whole"]))
def test_a_view_knows_where_the_photo_lies_on_it(size: tuple[int, int], crop: Any) -> None:
    picture = images.Picture(np.zeros((size[1], size[0], 3), np.uint8), "", "", size)
    view = View(crop, 448)
    width, height = view.input_size(*size)
    left, top, right, bottom = view.box(*size)
    photo = photo_on(picture, view)
    first = state.to_pin((0, 0), photo)
    last = state.to_pin((width - 1, height - 1), photo)
    for found, edge in ((first, (left, top)), (last, (right, bottom))):
        assert found == pytest.approx([1000 * v / s for v, s in zip(edge, size, strict=True)], abs=4)


@pytest.mark.parametrize("network", ["unet-em", results.NUCLEI, "unet-mobilenetv2"])
def test_the_u_knows_where_the_photo_lies_on_its_input(network: str) -> None:
    way: Any = SimpleNamespace(origin=(34, -66) if network == "unet-em" else None, place=(92, 92, 388, 388))
    if network == results.NUCLEI:
        way.origin = (-92, -92)
    picture = images.Picture(np.zeros((440, 640, 3), np.uint8), "", "", (640, 440))
    seen = results.Seen(network, "", np.zeros((1, 1), np.uint8), (1, 1), 1, SimpleNamespace(way=way), way)  # type: ignore[arg-type]
    assert seen.photo(picture) == ((-34, 66, 640, 440) if network == "unet-em" else way.place)


@pytest.mark.usefixtures("torch_loaded")
class TestPages:
    """Each page opened by a link with a pin."""

    @pytest.mark.parametrize("network", ["unet-mobilenetv2", "unet-nuclei"])
    def test_unet(self, network: str) -> None:
        sent = payload(opened("unet", img="cat", net=network, pin="420.380"), "gains")
        left, top, width, height = sent["place"]  # of both the answer is for the whole photo
        x, y = (v + 0.5 for v in sent["pin"])
        close(x - left, y - top, width, height, PIN)

    def test_localization(self) -> None:
        sent = payload(opened("localization", img="cat", pin="420.380"), "sides")
        close(sent["pin"][0] + 0.5, sent["pin"][1] + 0.5, *sent["size"], PIN)

    @pytest.mark.parametrize("page", ["pspnet", "deeplab"])
    def test_parts(self, page: str) -> None:
        assert payload(opened(page, img="cat", pin="420.380"), "bars")["pin"] == list(PIN)

    @pytest.mark.parametrize("crop", ["whole", "square"])
    def test_fcn(self, crop: Any) -> None:
        sent = payload(opened("fcn", img="cat", crop=crop, pin="420.380"), "bestIds")
        picture = images.sample("cat")
        view = View(crop, FIRST_VIEW.side)
        assert sent["pin"] == list(state.to_pixel(PIN, photo_on(picture, view)))
        height, width = picture.pixels.shape[:2]
        left, top, right, bottom = view.box(width, height)
        x = (left + (sent["pin"][0] + 0.5) / sent["width"] * (right - left)) / width
        y = (top + (sent["pin"][1] + 0.5) / sent["height"] * (bottom - top)) / height
        close(x, y, 1, 1, PIN)

    def test_fcn_begins_at_the_hottest_cell_without_a_pin(self) -> None:
        assert payload(opened("fcn", img="cat"), "bestIds")["pin"] is None

    def test_deconvnet(self) -> None:
        sent = payload(opened("deconvnet", img="cat", pin="420.380"), "dot")
        picture, dot = images.sample("cat"), sent["dot"]
        left, top, width, height = story.photo_on(picture)
        middle = [dot[axis] + dot["side"] / 2 for axis in ("column", "row")]
        close(middle[0] - left, middle[1] - top, width, height, PIN, within=0.004)
        moved = payload(opened("deconvnet", img="cat", pin="420.380", dot="5.6.7.8"), "dot")["dot"]
        assert moved == {"row": 5, "column": 6, "side": 7, "value": 8}, "a dot that was moved stays"

    def test_compare(self) -> None:
        sent = payload(opened("compare", img="cat", pin="420.380"), "masks")
        close(sent["setting"]["pin"][0] + 0.5, sent["setting"]["pin"][1] + 0.5, sent["width"], sent["height"], PIN)

    @pytest.mark.parametrize("odd", ["1001.5", "-1.-1", "5", "x.y", "1.2.3"])
    def test_an_odd_pin_counts_as_none(self, odd: str) -> None:
        assert payload(opened("fcn", img="cat", pin=odd), "bestIds")["pin"] is None

    def test_it_lives_in_the_session_in_the_same_unit(self) -> None:
        test = opened("unet", img="cat", net="unet-mobilenetv2", pin="420.380")
        assert test.session_state[f"{test.session_state['url_page']}/pin"] == PIN
        next(b for b in test.button if b.key == "reset").click().run()
        assert payload(test, "gains")["pin"] is None
        assert "pin" not in test.query_params
