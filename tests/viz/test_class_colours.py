"""The colours of the classes over photos: they show on any ground, and what is met together looks different."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from core.pictures.labels import VOC, voc_palette
from core.pictures.samples import SAMPLES, Sample
from core.viz.overlays import class_colours
from tests.support.colour_vision import VISIONS, difference, lab

SCENES = (
    ("person", "dog", "cat", "sofa", "chair", "dining table", "potted plant", "bottle", "TV monitor"),
    ("person", "car", "bus", "motorbike", "bicycle", "train", "dog"),
    ("person", "dog", "horse", "cow", "sheep", "bird", "car"),
    ("person", "boat", "bird", "aeroplane"),
    ("cat", "dog", "horse"),
)
"""What is seen together: in a room, in a street, in a field, at the water; and what networks take for one another."""
MET = sorted({pair for scene in SCENES for pair in combinations(sorted(VOC.index(name) for name in scene), 2)})
OTHERS = [pair for pair in combinations(range(1, len(VOC)), 2) if pair not in MET]
GROUNDS = {"black": 0, "grey": 128, "white": 255}
OPACITY = 0.45
"""The thinnest tint that is used anywhere: that of the command line's overlays."""


def _apart(pairs: list[tuple[int, int]], vision: str) -> dict[tuple[str, str], float]:
    seen = lab(class_colours(), vision)
    first, second = np.array(pairs).T
    distance = difference(seen[first], seen[second])
    return {(VOC[a], VOC[b]): float(d) for (a, b), d in zip(pairs, distance, strict=True)}


def test_ciede2000_is_that_of_its_published_pairs() -> None:
    """From table 1 of Sharma et al., among them those that turn at 0 and 180 degrees."""
    table = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ]
    for one, other, expected in table:
        assert float(difference(np.array(one), np.array(other))) == pytest.approx(expected, abs=1e-4)


def test_a_vision_keeps_greys_and_loses_a_direction() -> None:
    greys = np.repeat(np.arange(0, 256, 15)[:, None], 3, axis=1)
    for vision in VISIONS:
        assert np.abs(lab(greys, vision)[:, 1:]).max() < 1
    red, green = np.array([200, 60, 40]), np.array([110, 110, 20])
    apart = {vision: float(difference(lab(red, vision), lab(green, vision))) for vision in VISIONS}
    assert apart["normal"] > 30 > 2 * apart["deutan"]


def test_background_has_no_colour_and_no_two_classes_have_the_same() -> None:
    colours = class_colours()
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    assert not colours.flags.writeable
    assert not colours[0].any()
    assert len(np.unique(colours[1:21], axis=0)) == 20
    assert colours[255].min() > 220  # void: nearly white


@pytest.mark.parametrize(("vision", "least"), [("normal", 19), ("protan", 7), ("deutan", 5), ("tritan", 8)])
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_class_shows_on_every_ground(ground: str, vision: str, least: float) -> None:
    """A thin tint differs from the bare ground; 10 is seen at a glance."""
    bare = np.full(3, GROUNDS[ground])
    tinted = class_colours()[1:21] * OPACITY + bare * (1 - OPACITY)
    apart = difference(lab(tinted, vision), lab(bare, vision))
    assert {VOC[1 + i]: round(float(d), 1) for i, d in enumerate(apart) if d < least} == {}


@pytest.mark.parametrize(("vision", "least"), [("normal", 20), ("protan", 7), ("deutan", 9), ("tritan", 15)])
@pytest.mark.parametrize("entry", [entry for entry in SAMPLES if entry.labels == "voc-21"], ids=lambda entry: entry.key)
def test_a_class_shows_on_its_objects_in_the_samples(entry: Sample, vision: str, least: float) -> None:
    """On half of their pixels at least: a brown tint on a brown table is no mask."""
    ids, pixels = np.asarray(Image.open(entry.mask)), np.asarray(Image.open(entry.path).convert("RGB"))
    found = [int(i) for i in np.unique(ids) if 0 < i < len(VOC)]
    assert found
    for i in found:
        bare = pixels[ids == i]
        bare = bare[:: max(1, len(bare) // 2000)]
        tinted = class_colours()[i] * OPACITY + bare * (1 - OPACITY)
        apart = difference(lab(tinted, vision), lab(bare, vision))
        assert np.median(apart) >= least, VOC[i]


@pytest.mark.parametrize(("vision", "least"), [("normal", 26), ("protan", 12), ("deutan", 12), ("tritan", 10)])
def test_classes_that_are_met_together_differ_for_every_reader(vision: str, least: float) -> None:
    assert {pair: round(d, 1) for pair, d in _apart(MET, vision).items() if d < least} == {}


@pytest.mark.parametrize(("vision", "least"), [("normal", 10), ("protan", 2), ("deutan", 2), ("tritan", 4)])
def test_no_two_classes_look_the_same(vision: str, least: float) -> None:
    assert {pair: round(d, 1) for pair, d in _apart(OTHERS, vision).items() if d < least} == {}


def test_vocs_own_palette_would_not_do() -> None:
    """Why files and photos have different colours."""
    cat = voc_palette()[VOC.index("cat")]
    black = np.zeros(3)
    assert float(difference(lab(cat * OPACITY), lab(black))) < 19  # what every class here reaches on every ground
