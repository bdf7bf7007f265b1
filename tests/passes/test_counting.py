"""Nuclei of pictures of any size: scale, tiles, and what is laid on a larger picture."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.engine import inference
from core.engine.inference import LoadedModel
from core.maths import nuclei
from core.maths.metrics import outline
from core.models.registry import build, spec
from core.passes import counting
from core.passes.segmentation import segment
from core.passes.tiling import Tiling, one_pass
from core.pictures import images
from core.pictures.images import SAMPLES, Picture
from core.viz import instances
from tests.maths.test_nuclei import discs

ENTRY = spec(counting.NETWORK)
TRUE = [sample for sample in SAMPLES if sample.instances]


def picture(pixels: np.ndarray) -> Picture:
    return images.decode(images.encode_png(pixels))


class Bright(torch.nn.Module):
    """As unpadded as a U-Net, but it looks at the pixel alone: dark, middle, bright."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        grey = x.mean(1)[:, 92:-92, 92:-92]
        return 20 * torch.stack([-grey - 0.33, 0.33 - grey.abs(), grey - 0.33], 1)


@pytest.fixture(scope="module")
def bright() -> LoadedModel:
    inference.wait_until_ready()
    return LoadedModel(ENTRY, Bright().eval(), 0.0)


def glowing(labels: np.ndarray) -> np.ndarray:
    grey = np.array([2, 128, 250], np.uint8)[nuclei.rims_and_cores(labels)]
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("size", "given_size"),
    [((256, 256), (256, 256)), ((100, 80), (100, 80)), ((540, 256), (540, 256)), ((1024, 512), (512, 256)),
     ((300, 600), (256, 512)), ((1024, 128), (1024, 128)), ((300, 300), (256, 256))],
)  # fmt: skip
def test_large_pictures_are_reduced_and_small_ones_left(size: tuple[int, int], given_size: tuple[int, int]) -> None:
    assert counting.reduced_size(ENTRY, *size) == given_size
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)
    seen = counting.given(ENTRY, pixels)
    assert seen.shape == (given_size[1], given_size[0], 3)
    if size == given_size:
        assert np.array_equal(seen, nuclei.stretched(pixels))


@given(st.integers(1, 1100), st.integers(1, 1100))
def test_one_tile_where_the_picture_fits_and_no_gaps_elsewhere(height: int, width: int) -> None:
    tile, stride = counting.tile_for(height, width)
    tiling = Tiling(height, width, tile, stride)  # refuses gaps
    assert stride % 16 == 0
    assert tile <= 572
    if max(height, width) <= tiling.output:
        assert len(tiling) == 1


def test_tiles_give_the_answer_of_one_pass() -> None:
    torch.manual_seed(0)
    network = build(counting.NETWORK).eval().requires_grad_(False)
    model = LoadedModel(ENTRY, network, 0.0)
    pixels = np.random.default_rng(1).integers(0, 255, (256, 410, 3)).astype(np.uint8)
    tiled = inference.run(counting.probabilities, model, pixels).value
    whole = inference.run(lambda: one_pass(network, model.prepare(pixels)).softmax(1)).value
    assert tiled.shape == whole.shape == (1, 3, 256, 410)
    assert torch.allclose(tiled, whole, atol=1e-5)


@pytest.mark.parametrize("factor", [1, 3])
def test_discs_are_counted_at_any_size(bright: LoadedModel, factor: int) -> None:
    labels = discs((256, 300), (50, 50, 20), (50, 92, 20), (150, 200, 14), (0, 290, 12))
    pixels = np.asarray(Image.fromarray(glowing(labels)).resize((300 * factor, 256 * factor), Image.Resampling.NEAREST))
    found = counting.count(bright, picture(pixels))
    assert found.number == 4
    assert found.input_size == (300, 256)
    truth = np.kron(labels, np.ones((factor, factor), np.int32))
    assert nuclei.agreement(truth, found.labels, 0.9) == (4, 4, 4)
    whole = segment(bright, picture(pixels))
    assert np.array_equal(whole.ids, found.labels > 0)
    assert whole.nuclei is not None
    assert np.array_equal(whole.nuclei, found.labels)


@given(arrays(np.int32, (5, 7), elements=st.integers(0, 3)), arrays(np.bool_, (20, 21)))
def test_no_nucleus_is_lost_when_it_is_laid_on_a_finer_mask(labels: np.ndarray, mask: np.ndarray) -> None:
    fine = counting.enlarged(labels, mask)
    assert fine.shape == mask.shape
    assert set(np.unique(fine)) - {0} == set(np.unique(labels)) - {0}
    outside = fine[~mask]
    kept = set(np.unique(np.where(mask, np.kron(labels, np.ones((4, 3), np.int32)), 0)))
    assert not set(np.unique(outside)) & (kept - {0}), "only a nucleus that the mask does not hold lies beside it"


# ---------------------------------------------------------------------------------------------- what people have marked


def test_three_kinds_are_among_the_samples() -> None:
    assert [sample.key for sample in TRUE] == ["nuclei", "nuclei-tissue", "nuclei-grey"]


@pytest.mark.parametrize("sample", TRUE, ids=lambda sample: sample.key)
def test_true_nuclei_lie_on_their_picture(sample: images.Sample) -> None:
    seen = images.sample(sample.key)
    true = counting.truth(seen)
    assert true is not None
    assert true.shape == seen.pixels.shape[:2]
    count = int(true.max())
    assert 20 <= count <= 80
    assert set(np.unique(true)) == set(range(count + 1))
    grey, inside = seen.pixels.mean(axis=2), true > 0
    brighter = grey[inside].mean() > grey[~inside].mean()
    assert brighter == (sample.key == "nuclei"), "nuclei glow in the first and are stained or dark in the others"
    assert counting.compared(seen, true) == (count, count, count)


def test_nobody_has_marked_nuclei_in_other_pictures() -> None:
    assert counting.truth(images.sample("cat")) is None
    assert counting.compared(images.sample("cat"), np.zeros((300, 451), np.int32)) is None


# -------------------------------------------------------------------------------------------------------------- colours


@given(arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4)))
def test_neighbours_have_different_colours(labels: np.ndarray) -> None:
    colours = instances.coloured(labels)
    assert np.array_equal(colours > 0, labels > 0)
    for label in np.unique(labels):
        assert len(np.unique(colours[labels == label])) == 1
    places = np.argwhere(labels > 0)
    for a, b in combinations(map(tuple, places), 2):
        near = max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= instances.NEIGHBOURS
        if near and labels[a] != labels[b]:
            assert colours[a] != colours[b]


def test_more_neighbours_than_colours_still_get_one_each() -> None:
    labels = np.arange(1, 10, dtype=np.int32).reshape(3, 3)
    assert set(np.unique(instances.coloured(labels))) == set(range(1, instances.COLOURS + 1))


def test_outlines_are_opaque_and_the_inside_is_faint() -> None:
    labels = discs((40, 60), (15, 15, 8), (15, 32, 8), (30, 50, 6))
    paint, (colours, opacities) = instances.painted(labels), instances.palette()
    lines = np.zeros(labels.shape, bool)
    for label in (1, 2, 3):
        lines |= outline(labels == label)
    assert np.array_equal(paint > instances.COLOURS, lines)
    pixels = np.full((40, 60, 3), 200, np.uint8)
    over = instances.instances_over(pixels, labels)
    assert np.array_equal(over[labels == 0], pixels[labels == 0])
    assert np.array_equal(over[lines], colours[paint[lines]])
    inside = (labels > 0) & ~lines
    share = opacities[paint[inside]][:, None] / 255
    assert np.abs(over[inside] - (200 * (1 - share) + colours[paint[inside]] * share)).max() <= 0.5
