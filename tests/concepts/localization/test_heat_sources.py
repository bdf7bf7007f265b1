"""The three heatmaps, against the networks asked directly, and the boxes that count as right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.concepts.localization import heat_sources, window_sweep
from core.engine import inference
from core.models.imagenet import class_names
from core.models.torchvision_compat import torchvision
from core.pictures import images
from core.pictures.labels import VOC


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return window_sweep.render(images.sample("kitten").pixels)


def test_probabilities_are_the_softmax(pixels: np.ndarray) -> None:
    model = inference.load("fcn8s")
    shares = heat_sources.probabilities(model, pixels)
    with torch.inference_mode():
        expected = model.module(model.prepare(pixels)).softmax(1)[0].numpy()
    assert shares.dtype == np.uint8
    assert np.abs(shares / 255 - expected).max() <= 0.5 / 255 + 1e-5


@pytest.mark.parametrize("wanted", [(), (281, 282, 285)])
def test_activation_map_is_the_weighted_sum_of_the_last_maps(pixels: np.ndarray, wanted: tuple[int, ...]) -> None:
    """Zhou et al., equation 2; and its mean is the score that the classifier itself gives."""
    model = inference.load("efficientnet-lite0")
    found = heat_sources.activation(model, pixels, wanted)
    height, width = pixels.shape[:2]
    padded = F.pad(model.prepare(pixels), (0, -width % 32, 0, -height % 32))
    with torch.inference_mode():
        scores = model.module(padded)[0]
        features = model.module.features(padded)[0].double()  # (1280, rows, columns)
    assert found.label == (max(wanted, key=lambda i: float(scores[i])) if wanted else int(scores.argmax()))
    weight, bias = (p[found.label].detach().double() for p in model.module.classifier.parameters())
    grid = sum(w * part for w, part in zip(weight, features, strict=True)) + bias
    assert float(grid.mean()) == pytest.approx(float(scores[found.label]), abs=1e-4)
    heat = F.interpolate(grid[None, None], padded.shape[-2:], mode="bilinear")[0, 0, :height, :width].clamp(min=0)
    assert np.abs(found.heat - (255 * heat / heat.max()).numpy()).max() <= 0.51
    assert found.heat.max() == 255


def test_activation_map_finds_the_kitten(pixels: np.ndarray) -> None:
    ids = heat_sources.imagenet_ids(VOC.index("cat"))
    heat = heat_sources.activation(inference.load("efficientnet-lite0"), pixels, ids).heat
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    sample = next(s for s in images.SAMPLES if s.key == "kitten")
    box = heat_sources.reference_box(sample, 8, images.sample("kitten").original_size, heat.shape[::-1])
    assert box is not None
    assert box.left <= x < box.right
    assert box.top <= y < box.bottom


def test_classes_of_imagenet() -> None:
    for label, name in enumerate(VOC):
        ids = heat_sources.imagenet_ids(label)
        assert bool(ids) == (name not in ("background", "person"))
        assert list(ids) == sorted(set(ids))
        assert all(0 <= i < 1000 for i in ids)
    assert [class_names()[i] for i in heat_sources.imagenet_ids(VOC.index("bus"))] == [
        "minibus", "school bus", "trolleybus"
    ]  # fmt: skip


def test_marked_box_is_that_of_the_largest_region() -> None:
    truth = np.zeros((20, 30), np.uint8)
    truth[2:8, 3:12], truth[10:12, 20:29], truth[0, 0] = 8, 8, 255
    mask = torch.from_numpy(truth == 8)[None]
    mask[:, :, 15:] = False
    left, top, right, bottom = torchvision.ops.masks_to_boxes(mask)[0].tolist()
    box = heat_sources.marked_box(truth, 8)
    assert box == (left, top, right + 1, bottom + 1)
    assert heat_sources.marked_box(truth, 12) is None


def test_reference_box_is_scaled_and_belongs_to_its_class() -> None:
    sample = next(s for s in images.SAMPLES if s.key == "dog")
    assert sample.box is not None
    original = images.sample("dog").original_size
    half = heat_sources.reference_box(sample, 12, original, (original[0] // 2, original[1] // 2))
    assert half is not None
    assert np.abs(np.array(half) - np.array(sample.box) / 2).max() <= 1
    assert heat_sources.reference_box(sample, 8, original, original) is None
    street = next(s for s in images.SAMPLES if s.key == "street")
    assert heat_sources.reference_box(street, 7, (100, 100), (100, 100)) is None
