"""The snippet of the page about localisation runs and prints the box on screen."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from core.concepts.localization import (
    heat_sources,
    snippet,
    window_sweep,
)
from core.engine import inference
from core.maths.boxes import formats, regions
from core.pictures import images


@pytest.mark.parametrize(
    ("heat", "key", "label", "level"), [("fcn", "dog", 12, 128), ("mask", "dog", 12, 1), ("cam", "kitten", 8, 90)]
)
def test_it_prints_the_box_on_screen(heat: str, key: str, label: int, level: int) -> None:
    picture, about = images.sample(key), -1
    pixels = window_sweep.render(picture.pixels)
    if heat == "cam":
        ids = heat_sources.imagenet_ids(label)
        shown, about = heat_sources.activation(inference.load("efficientnet-lite0"), pixels, ids)
    elif heat == "mask":
        shown = np.where(window_sweep.dense(inference.load("fcn8s"), pixels) == label, 255, 0).astype(np.uint8)
    else:
        shown = heat_sources.probabilities(inference.load("fcn8s"), pixels)[label]
    path = str(next(s.path for s in images.SAMPLES if s.key == key))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippet.box(picture, path, label, level, heat, about), "snippet", "exec"), {})
    largest = regions(shown, level)[0]
    first, second = out.getvalue().splitlines()
    assert first == " ".join(map(str, (largest.area, *largest.box)))
    assert eval(second) == formats(largest.box, pixels.shape[1], pixels.shape[0])
