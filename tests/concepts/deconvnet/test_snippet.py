"""The snippets of the page about DeconvNet run as they stand and print the numbers that are on screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.concepts.deconvnet import hourglass, snippet, unpooling
from core.concepts.deconvnet.screen.grid import FILLERS
from core.engine import inference
from core.models import kernels
from core.pictures import images
from tests.concepts.fcn.test_snippet import printed
from tests.support.bundles import random_weights


@given(st.sampled_from([4, 6]), st.integers(0, 9), st.sampled_from(FILLERS), st.booleans())
@settings(max_examples=12)
def test_the_small_map_prints_what_is_shown(side: int, seed: int, name: str, remember: bool) -> None:
    x, kernel = kernels.pattern("random", side, seed), kernels.named(name, 3, seed)
    way = unpooling.there_and_back(x, kernel.numerators, remember)
    shown: list[float] = []
    for values in (way.pooled, way.unpooled, way.dense / kernel.denominator):
        shown += [*values.shape, *values.ravel().tolist()]
    got = [float(word) for word in printed(snippet.unpooling(x, kernel, remember))]
    assert got == pytest.approx(shown, abs=5.1e-5)


@pytest.mark.parametrize("name", hourglass.NETWORKS)
def test_the_network_prints_what_is_shown(name: str, tmp_path: Path) -> None:
    sample = next(s for s in images.SAMPLES if s.key == "cat")
    with random_weights(name, tmp_path):
        glass = hourglass.look(inference.load(name), images.sample("cat"))
        words = printed(snippet.network(name, images.sample("cat"), str(sample.path)))
    shown: list[float] = []
    for level in reversed(glass.levels):
        shown += [*level.size, *level.empty]
    got = [float(word) for word in words]
    assert got[: len(shown)] == pytest.approx(shown, abs=6e-4)
    counts = np.unique(glass.ids, return_counts=True)[1]
    assert np.abs(np.subtract(got[len(shown) :], counts)).max() <= 0.001 * glass.ids.size  # rounding may turn a pixel


def test_large_photos_are_reduced_as_the_app_does() -> None:
    large = images.Picture(np.zeros((500, 1024, 3), np.uint8), "", "large.jpg", (4096, 2000))
    for name in hourglass.NETWORKS:
        assert "thumbnail((1024, 1024)" in snippet.network(name, large, "large.jpg")
