"""Stages, timed; their sheets hold the traced activations, exactly after quantisation; the route serves those bytes."""

from __future__ import annotations

import gc
import inspect
import io

import numpy as np
import pytest
import torch
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from torch import nn

from core.engine.tracing import Trace, TracingError
from core.models.unet import UNet
from core.passes.feature_maps import Spot, Stage, capture
from core.ui.kit import feature_sheets
from core.ui.kit.feature_sheets import Gallery, Place
from core.viz import sprites
from core.viz.gallery import BROWSE_SIDE, FIGURE_MAPS, FIGURE_SIDE, Sheets

SPOTS = [Spot("first", "contracting.0"), Spot("bottom", "bottom"), Spot("last", "expanding.3", ("up.3", "expanding.3"))]


@pytest.fixture(scope="module")
def captured() -> tuple[dict[str, Stage], dict[str, np.ndarray]]:
    torch.manual_seed(0)
    network = UNet(width=8).eval()
    x = torch.rand(1, 1, 220, 236)
    with torch.no_grad():
        value, stages = capture(network, SPOTS, lambda: network(x))
        with Trace(network, [s.output for s in SPOTS]) as trace:
            assert torch.equal(network(x), value)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())
    return {s.name: s for s in stages}, {s.name: trace[s.output][0].numpy() for s in SPOTS}


def test_stages_are_what_a_trace_gives(captured: tuple[dict[str, Stage], dict[str, np.ndarray]]) -> None:
    stages, traced = captured
    for name, maps in traced.items():
        assert np.array_equal(stages[name].maps, maps)
        assert stages[name].seconds > 0
    assert stages["first"].parameters == 8 * 9 + 8 + 8 * 8 * 9 + 8
    assert stages["last"].parameters == (16 * 8 * 4 + 8) + (16 * 8 * 9 + 8) + (8 * 8 * 9 + 8)


def test_an_unknown_layer_is_a_sentence() -> None:
    with pytest.raises(TracingError, match="nothing"):
        capture(nn.Sequential(nn.ReLU()), [Spot("x", "nothing")], lambda: None)


@pytest.mark.parametrize("name", [s.name for s in SPOTS])
def test_sheets_hold_the_activations(captured: tuple[dict[str, Stage], dict[str, np.ndarray]], name: str) -> None:
    stages, traced = captured
    sheets, maps = Sheets(stages[name]), traced[name]
    values, low, high = sprites.quantise(maps)
    for kind, most in (("figure", FIGURE_SIDE), ("browse", BROWSE_SIDE)):
        sheet, layout = getattr(sheets, kind)(), sheets.layout(kind)
        assert max(layout.height, layout.width) <= most
        assert (sheet.height, sheet.width) == (layout.height, layout.width)
        assert sheet.columns == min(layout.columns, sheet.count)
        for place, channel in enumerate(layout.channels):
            row, column = divmod(place, sheet.columns)
            part = sheet.pixels[row * sheet.height :, column * sheet.width :][: sheet.height, : sheet.width]
            half = layout.step // 2
            assert np.array_equal(part, values[channel, half :: layout.step, half :: layout.step])
    assert np.array_equal(sheets.single(3).pixels, values[3])
    assert np.array_equal(sheets.low, low)
    assert np.array_equal(sheets.high, high)
    strongest = np.abs(maps).mean(axis=(1, 2)).argsort()[::-1][:FIGURE_MAPS]
    assert sheets.layout("figure").channels.tolist() == strongest.tolist()


def get(address: str) -> Response:
    token, stage, what = address.removeprefix(feature_sheets.PREFIX[1:]).split("/")
    scope = {"type": "http", "method": "GET", "path": address, "headers": [], "query_string": b""}
    scope["path_params"] = {"token": token, "stage": stage, "what": what.removesuffix(".png")}
    return feature_sheets._serve(Request(scope))


def test_the_route_serves_what_the_description_promises(
    captured: tuple[dict[str, Stage], dict[str, np.ndarray]],
) -> None:
    gallery = Gallery(list(captured[0].values()))
    told = gallery.describe("first", Place(2, 2, 1), {"effect": np.zeros(8)})
    for kind in ("figure", "browse"):
        answer, layout = get(f"{told['address']}{kind}.png"), told[kind]
        assert answer.status_code == 200
        assert "private" in answer.headers["cache-control"]
        pixels = np.asarray(Image.open(io.BytesIO(bytes(answer.body))))
        assert pixels.shape[1] == layout["columns"] * layout["width"]
        assert pixels.shape[0] == -(-len(layout["channels"]) // layout["columns"]) * layout["height"]
    one = np.asarray(Image.open(io.BytesIO(bytes(get(f"{told['address']}5.png").body))))
    assert np.array_equal(one, sprites.quantise(captured[1]["first"])[0][5])
    assert told["orders"]["effect"] == [0] * 8
    for wrong in ("8", "99999999", "-1", "x", "٣"):
        assert get(f"{told['address']}{wrong}.png").status_code == 404
    address = told["address"]
    del gallery
    gc.collect()
    assert get(f"{address}figure.png").status_code == 404, "nobody holds it any more"


def test_the_route_is_one_of_the_servers() -> None:
    from core.server import app

    assert feature_sheets.ROUTE in app.ROUTES
    assert not inspect.iscoroutinefunction(feature_sheets._serve), "encoding must not block the event loop"
