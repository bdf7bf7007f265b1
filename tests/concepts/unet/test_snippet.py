"""The snippet of the page about U-Net runs and prints what the page shows."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from core.concepts.unet import skips, snippet
from core.engine import inference
from core.models import weights
from core.pictures import images


@pytest.mark.parametrize(
    ("network", "key"), [("unet", "cat"), ("unet-mobilenetv2", "dog"), ("unet-em", "cells"), ("unet-nuclei", "nuclei")]
)
def test_it_prints_what_is_shown(network: str, key: str) -> None:
    if not weights.present(network):
        pytest.skip("these weights are not bundled")
    picture, gains = images.sample(key), (0, 100, 50, 100)
    path = str(next(s.path for s in images.SAMPLES if s.key == key))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippet.faders(network, picture, path, gains), "snippet", "exec"), {})
    lines = out.getvalue().splitlines()
    if network == "unet-nuclei":
        *lines, counted = lines
    printed = [[int(n) for n in line.split()] for line in lines]
    down = skips.descend(inference.load(network), picture)
    before, after = skips.mask(down), skips.mask(down, [g / 100 for g in gains])
    counts = np.bincount(after.ravel())
    assert printed[0] == [*after.shape, int((before != after).sum())]
    assert printed[1:] == [[i, int(n)] for i, n in enumerate(counts) if n]
    if network == "unet-nuclei":
        found = skips.ascend(down, [g / 100 for g in gains]).nuclei
        assert found is not None
        assert counted == f"{found.max()} nuclei"
