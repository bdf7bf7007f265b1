"""One coarse answer enlarged in three ways: interpolation against PyTorch, unpooling against plain loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.concepts.deconvnet import enlarging, hourglass
from core.engine import inference
from core.models import weights
from core.pictures import images, labels
from tests.support.bundles import random_weights


@pytest.mark.parametrize(("key", "name"), [("dog", "dog"), ("cat", "cat")])
def test_the_trained_network_names_what_is_there(key: str, name: str) -> None:
    try:
        model = inference.load(enlarging.COARSE)
    except weights.WeightsError:
        pytest.skip("no weights of FCN-32s are bundled")
    found = enlarging.enlargements(model, hourglass.given(model.spec, images.sample(key)))
    assert labels.VOC[found.target] == name
    assert found.coarse.max() > 0.5


@pytest.fixture(scope="module")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[inference.LoadedModel]:
    with random_weights("fcn32s", tmp_path_factory.mktemp("weights")):
        yield inference.load("fcn32s")


@pytest.mark.parametrize("whole", [True, False])
def test_three_ways_enlarge_the_same_numbers(coarse: inference.LoadedModel, whole: bool) -> None:
    picture = images.sample("dog")
    pixels = hourglass.given(coarse.spec, picture) if whole else hourglass.square(picture)
    height, width = pixels.shape[:2]
    found = enlarging.enlargements(coarse, pixels)
    network: Any = coarse.module
    size = tuple(32 * -(-(side - 1) // 32) + 1 for side in (height, width))  # 32 n + 1
    with torch.inference_mode():
        x = F.pad(coarse.prepare(pixels), (0, size[1] - width, 0, size[0] - height))
        cells = network.decoder(network.encoder.forward_features(x))
        assert np.array_equal(found.ids, network(coarse.prepare(pixels)).argmax(1)[0])
    assert found.target == enlarging.strongest_class(found.ids)
    values = cells.softmax(1)[0, found.target]
    assert np.array_equal(found.coarse, values)
    assert values.shape == tuple((side - 1) // 32 + 1 for side in size)
    large = F.interpolate(values[None, None], size, mode="bilinear", align_corners=True)[0, 0, :height, :width]
    np.testing.assert_allclose(found.bilinear, large, atol=1e-6)
    np.testing.assert_array_equal(found.bilinear[::32, ::32], found.coarse[: -(-height // 32), : -(-width // 32)])
    grey = np.rint(pixels.astype(float) @ (0.299, 0.587, 0.114))
    cornered, switched = np.zeros((height, width)), np.zeros((height, width))
    for (r, c), value in np.ndenumerate(found.coarse):
        block = grey[32 * r : 32 * r + 32, 32 * c : 32 * c + 32]
        if not block.size:
            continue  # its cell stands where the picture was extended
        cornered[32 * r, 32 * c] = value
        places = np.argwhere(found.switched[32 * r : 32 * r + 32, 32 * c : 32 * c + 32])
        assert len(places) == 1
        y, x_ = places[0]
        assert block[y, x_] == block.max(), "at the brightest pixel of its square"
        switched[32 * r + y, 32 * c + x_] = value
    assert np.allclose(found.cornered, cornered)
    assert np.allclose(found.switched, switched)


def test_strongest_class_is_not_the_background() -> None:
    assert enlarging.strongest_class(np.array([[0, 0, 0], [8, 8, 12]], np.uint8)) == 8
    assert enlarging.strongest_class(np.zeros((2, 2), np.uint8)) == 0
