"""From a picture to a class for each of its pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn

from core.engine.inference import LoadedModel
from core.models.registry import spec
from core.models.unet import MARGIN
from core.passes.segmentation import SHORT_SIDE, SegmentationError, input_size, segment, size_for
from core.pictures import images


class Bright(nn.Module):
    """Class 3 where the picture is brighter than the middle, class 0 elsewhere; notes the sizes that it is given."""

    def __init__(self, margin: int = 0) -> None:
        super().__init__()
        self.margin, self.sizes = margin, list[tuple[int, ...]]()

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(tuple(x.shape))
        grey = x.mean(1)[:, self.margin : x.shape[2] - self.margin, self.margin : x.shape[3] - self.margin]
        zero = torch.zeros_like(grey)
        return torch.stack([zero, zero - 9, zero - 9, grey], 1)


def _halves(width: int, height: int) -> images.Picture:
    """Left half black, right half white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, width // 2 :] = 255
    return images.decode(images.encode_png(pixels))


@pytest.mark.parametrize("size", [(640, 480), (100, 300), (256, 256), (1024, 1024)])
def test_outline_lies_where_it_is_in_the_picture(size: tuple[int, int]) -> None:
    network = Bright()
    found = segment(LoadedModel(spec("unet"), network, 0.0), _halves(*size))
    assert found.ids.shape == (size[1], size[0])
    assert found.ids.dtype == np.uint8
    assert network.sizes == [(1, 3, *reversed(input_size(*size, spec("unet").short_side)))]
    edge = size[0] // 2
    slack = max(1, round(size[0] / found.input_size[0] / 2))
    assert (found.ids[:, : edge - slack] == 0).all()
    assert (found.ids[:, edge + slack :] == 3).all()
    shares = found.shares()
    assert set(shares) == {0, 3}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[0] == pytest.approx(0.5, abs=0.02)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_network_with_one_square_in_its_middle_sees_the_whole_photo(width: int, height: int) -> None:
    entry = spec("deconvnet")
    across, down = size_for(entry, width, height)
    assert max(across, down) == entry.input_side
    assert min(across, down) == max(1, round(min(width, height) * entry.input_side / max(width, height)))
    for other in ("unet", "fcn8s"):
        assert size_for(spec(other), width, height) == input_size(width, height, spec(other).short_side)


def test_a_micrograph_goes_tile_by_tile_at_its_own_scale() -> None:
    network = Bright(MARGIN)
    found = segment(LoadedModel(spec("unet-em"), network, 0.0), _halves(500, 420))
    assert found.input_size == (500, 420)
    assert set(network.sizes) == {(1, 1, 572, 572)}
    assert len(network.sizes) == 4
    expected = np.repeat([0, 3], 250)[None].repeat(420, 0)
    assert np.array_equal(found.ids, expected)


@pytest.mark.parametrize("name", ["unet", "unet-mobilenetv2", "deconvnet", "deconvnet-mobilenetv2"])
def test_real_networks_accept_any_shape(name: str) -> None:
    from core.models.registry import build

    torch.manual_seed(0)
    model = LoadedModel(spec(name), build(name).eval(), 0.0)
    found = segment(model, _halves(331, 207))
    assert found.ids.shape == (207, 331)
    assert found.ids.max() < 21
    assert found.seconds > 0


def test_the_best_score_at_the_pictures_size_wins() -> None:
    """The plain way: interpolate, then argmax."""
    from core.engine import inference
    from core.models.segmenters import networks

    picture = images.sample("cat")
    height, width = picture.pixels.shape[:2]
    for name in networks()[:2]:
        model = inference.load(name)
        size = input_size(width, height, model.spec.short_side)
        x = model.prepare(np.asarray(Image.fromarray(picture.pixels).resize(size, Image.Resampling.BILINEAR)))
        with torch.inference_mode():
            scores = torch.nn.functional.interpolate(model.module(x), (height, width), mode="bilinear")
        differs = segment(model, picture).ids != scores.argmax(1)[0].numpy()
        assert differs.mean() < 1e-4  # rounding where two scores are equal


def test_a_classifier_is_refused() -> None:
    with pytest.raises(SegmentationError, match="one answer for a whole picture"):
        segment(LoadedModel(spec("alexnet"), nn.Identity(), 0.0), images.sample("cat"))


@given(st.integers(16, 1024), st.integers(16, 1024))
def test_input_keeps_the_shape_and_stays_affordable(width: int, height: int) -> None:
    w, h = input_size(width, height)
    assert (w, h) == tuple(reversed(input_size(height, width)))
    assert max(w, h) <= SHORT_SIDE * 4
    scale = w / width if width < height else h / height
    assert abs(w - width * scale) <= 0.5 + 0.5 * width / height * (width > height) or max(w, h) == SHORT_SIDE * 4
    if max(width, height) <= 4 * min(width, height):
        assert min(w, h) == SHORT_SIDE
