"""Cutting out and pasting: the object's pixels stay, everything else comes from the scene."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.concepts.pspnet import scenes
from core.pictures import images


def test_the_object_is_the_class_of_the_place() -> None:
    ids = np.zeros((20, 30), np.uint8)
    ids[2:6, 2:6], ids[10:18, 12:28] = 5, 12
    mask, label = scenes.object_at(ids, 3 / 30, 3 / 20)
    assert label == 5
    assert np.array_equal(mask, ids == 5)
    mask, label = scenes.object_at(ids, 0.99, 0.01)  # background: the commonest other class
    assert label == 12
    assert np.array_equal(mask, ids == 12)
    mask, label = scenes.object_at(np.zeros_like(ids), 0.5, 0.5)
    assert label == 0
    assert mask[10, 15]
    assert 20 < mask.sum() < 100


@given(st.integers(0, 99), st.floats(0, 1), st.floats(0, 1))
def test_the_place_lies_in_the_mask(seed: int, x: float, y: float) -> None:
    mask = np.random.default_rng(seed).random((7, 11)) < 0.2
    mask[3, 4] = True
    across, down = scenes.inside(mask, x, y)
    assert mask[int(down * 7), int(across * 11)]
    if mask[min(6, int(y * 7)), min(10, int(x * 11))]:
        assert (int(down * 7), int(across * 11)) == (min(6, int(y * 7)), min(10, int(x * 11)))


@pytest.mark.parametrize("scene", ["street", "portrait"])
def test_pasted_pixels_stay_and_the_rest_is_the_scene(scene: str) -> None:
    source, other = images.sample("dog"), images.sample(scene)
    mask = np.zeros(source.pixels.shape[:2], bool)
    mask[100:400, 200:500] = True
    found = scenes.pasted(source, mask, other)
    assert found.pixels.shape == source.pixels.shape
    assert np.array_equal(found.pixels[mask], source.pixels[mask])
    far = np.ones_like(mask)
    far[80:420, 180:520] = False
    plain = scenes.pasted(source, np.zeros_like(mask), other)
    assert np.array_equal(found.pixels[far], plain.pixels[far])
    assert not np.array_equal(found.pixels[far], source.pixels[far])
    assert found.digest not in (source.digest, other.digest, plain.digest)
    assert found.digest == scenes.pasted(source, mask, other).digest


def test_an_object_that_fills_the_picture_is_too_large_for_another_scene() -> None:
    mask = np.zeros((10, 10), bool)
    mask[:5] = True
    assert not scenes.too_large(mask)
    mask[5, 0] = True
    assert scenes.too_large(mask)


def test_what_most_of_the_lost_pixels_became() -> None:
    ids = np.array([8, 8, 8, 13, 13, 13, 12, 0, 0, 8], np.uint8)
    assert scenes.turned_into(ids, 8) == (13, 0.3)
    assert scenes.turned_into(ids, 20) == (8, 0.4)
    assert scenes.turned_into(np.full(4, 8, np.uint8), 8)[1] == 0
