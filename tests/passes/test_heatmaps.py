"""Views, grids and windows; the maximum lies in the cat; what is measured is what brute force gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.engine import inference
from core.maths import arithmetic
from core.models import imagenet
from core.passes import heatmaps
from core.passes.heatmaps import NATIVE, NATIVE_VIEW, SIDES, STRIDE, ScoreGrid, View
from core.pictures import images

CAT = imagenet.resolve("cat")


@pytest.fixture(scope="module")
def lite0() -> inference.LoadedModel:
    return inference.load("efficientnet-lite0")


views = st.builds(View, st.sampled_from(["square", "whole"]), st.sampled_from(SIDES))


@given(view=views, width=st.integers(16, 1024), height=st.integers(16, 1024))
def test_views_stay_inside_the_picture_and_fit_the_stride(view: View, width: int, height: int) -> None:
    left, top, right, bottom = view.box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    w, h = view.input_size(width, height)
    assert min(w, h) == view.side
    assert w % STRIDE == h % STRIDE == 0
    assert max(w, h) <= view.side * heatmaps.WIDEST + STRIDE / 2
    scale = view.side / min(right - left, bottom - top)
    assert abs(w - (right - left) * scale) <= STRIDE / 2
    assert abs(h - (bottom - top) * scale) <= STRIDE / 2
    if view.crop == "square":
        assert w == h


@pytest.mark.parametrize(("crop", "side"), [("round", 448), ("square", 192), ("whole", 450), ("whole", 672)])
def test_odd_views_are_refused(crop: str, side: int) -> None:
    with pytest.raises(heatmaps.HeatmapError, match="multiple of 32"):
        View(crop, side)  # type: ignore[arg-type]


def test_rendering_is_pillows_and_leaves_the_photo_alone() -> None:
    picture = images.sample("kitten")
    before = picture.pixels.copy()
    out = NATIVE_VIEW.render(picture.pixels)
    assert out.shape == (NATIVE, NATIVE, 3)
    assert out.dtype == np.uint8
    assert (picture.pixels == before).all()


def random_grid(rows: int, columns: int, classes: int) -> ScoreGrid:
    scores = torch.randn(rows, columns, classes, generator=torch.Generator().manual_seed(rows))
    return ScoreGrid(scores.softmax(-1).half().numpy(), (0, 0), 0.0)


@given(rows=st.integers(1, 5), columns=st.integers(1, 5), ids=st.sets(st.integers(0, 19), min_size=1))
def test_heat_and_best_are_what_loops_give(rows: int, columns: int, ids: set[int]) -> None:
    grid = random_grid(rows, columns, 20)
    heat, (best, shares) = grid.heat(sorted(ids)), grid.best
    assert (grid.rows, grid.columns) == (rows, columns)
    for r in range(rows):
        for c in range(columns):
            cell = grid.probabilities[r, c].astype(np.float64)
            assert heat[r, c] == pytest.approx(sum(cell[i] for i in ids), abs=1e-6)
            ranked = sorted(range(20), key=lambda i: (-cell[i], i))[:5]
            assert best[r, c].tolist() == ranked
            assert shares[r, c].tolist() == [cell[i] for i in ranked]
    r, c = grid.hottest(sorted(ids))
    assert heat[r, c] == heat.max()


@pytest.mark.parametrize("view", [NATIVE_VIEW, View("square", 256), View("whole", 288)])
def test_scan_is_the_converted_network(lite0: inference.LoadedModel, view: View) -> None:
    picture = images.sample("kitten")
    grid = heatmaps.scan(lite0, picture, view)
    w, h = view.input_size(picture.pixels.shape[1], picture.pixels.shape[0])
    assert grid.input_size == (w, h)
    assert (grid.rows, grid.columns) == (arithmetic.grid_size(h), arithmetic.grid_size(w))
    assert grid.probabilities.shape[-1] == 1000
    assert np.abs(grid.probabilities.astype(np.float32).sum(-1) - 1).max() < 5e-3
    assert grid.seconds > 0
    assert ScoreGrid.window(grid.rows - 1, grid.columns - 1)[2:] == (w, h)  # the last window ends at the last pixel


@pytest.mark.parametrize("key", ["kitten", "cat"])
def test_hottest_cell_lies_in_the_cat(lite0: inference.LoadedModel, key: str) -> None:
    picture = images.sample(key)
    sample = next(s for s in images.SAMPLES if s.key == key)
    assert sample.box is not None
    view = View("whole", 448)
    grid = heatmaps.scan(lite0, picture, view)
    left, top, right, bottom = ScoreGrid.window(*grid.hottest(CAT))
    height, width = picture.pixels.shape[:2]
    x = (left + right) / 2 * width / grid.input_size[0]
    y = (top + bottom) / 2 * height / grid.input_size[1]
    assert sample.box[0] <= x < sample.box[2]
    assert sample.box[1] <= y < sample.box[3]


def test_hottest_cell_of_the_kitten_is_its_head(lite0: inference.LoadedModel) -> None:
    grid = heatmaps.scan(lite0, images.sample("kitten"), View("whole", 448))
    heat = grid.heat(CAT)
    assert heat[:4, :6].max() > 2 * heat[4:].max()  # head above left; below there is only wool and cloth


@pytest.mark.parametrize("key", ["kitten", "cat"])
def test_classifier_names_a_cat_among_its_first_five(lite0: inference.LoadedModel, key: str) -> None:
    best, _ = heatmaps.scan(lite0, images.sample(key), NATIVE_VIEW).best
    assert set(best[0, 0].tolist()) & set(CAT)


def test_differences_are_what_separate_passes_give(lite0: inference.LoadedModel) -> None:
    picture, view, cell = images.sample("kitten"), View("whole", 288), (1, 2)
    measured = heatmaps.differences(lite0, picture, view, cell)
    pixels = view.render(picture.pixels)
    left, top, right, bottom = ScoreGrid.window(*cell)
    with torch.inference_mode():
        grid = heatmaps.converted(lite0)(lite0.prepare(pixels))
        alone = lite0.module(lite0.prepare(pixels[top:bottom, left:right]))[0]
    assert measured.cell == cell
    assert measured.window == pytest.approx(float((grid[0, :, 1, 2] - alone).abs().max()), rel=1e-4)
    assert measured.spread == pytest.approx(float(alone.std()), rel=1e-4)
    assert 0 <= measured.native < 1e-4
    assert 0 <= measured.shuffled < 1e-4  # an average does not know the order
    assert measured.window > 1000 * measured.native


def test_a_flattened_map_is_not_indifferent_to_order() -> None:
    from core.models.classifiers import alexnet_slim
    from core.models.registry import spec

    torch.manual_seed(0)
    network = alexnet_slim(10).eval()
    for layer in network.head_layers():
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.normal_(layer.weight, 0, layer.in_features**-0.5)
    model = inference.LoadedModel(spec("alexnet"), network, 0.0)
    assert heatmaps.differences(model, images.sample("kitten"), View("square", 256), (0, 0)).shuffled > 1e-2


@pytest.mark.parametrize("cell", [(-1, 0), (0, 3), (3, 0)])
def test_cells_outside_the_grid_are_refused(lite0: inference.LoadedModel, cell: tuple[int, int]) -> None:
    with pytest.raises(heatmaps.HeatmapError, match="no cell"):
        heatmaps.differences(lite0, images.sample("cat"), View("square", 288), cell)
