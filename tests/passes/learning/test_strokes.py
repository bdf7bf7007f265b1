"""A head from strokes: what is under them, what it learns, how good that is on the samples, and what is refused."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from core.passes.learning import simulated, strokes
from core.passes.learning.strokes import COLOURS, NOTHING, STRIDES, Maps, Stroke, StrokesError
from core.pictures import images, reference
from tests.support.paths import DATA

KEPT: dict[str, Any] = json.loads((DATA / "strokes.json").read_text(encoding="utf-8"))
"""Strokes as a hand draws them on each sample that has a reference: lines of a few points along the object and around
it, six at most."""


@cache
def maps_of(key: str) -> Maps:
    return strokes.maps(images.sample(key))


def truth_of(key: str) -> np.ndarray:
    found = reference.bundled(images.sample(key))
    assert found is not None
    main = 1 + int(np.bincount(found.ids.ravel(), minlength=256)[1:255].argmax())
    return np.where(found.ids == 255, 255, found.ids == main).astype(np.uint8)


def line(label: int, *points: tuple[float, float], radius: float = 6) -> Stroke:
    return Stroke(label, radius, points)


def small(seed: int = 0, rows: int = 9, columns: int = 13) -> Maps:
    """Maps of a picture of 45 x 30 pixels, extended to 48 x 32: the left half differs from the right one."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, columns, 3)).astype(np.float16)
    values[:, columns // 2 :, 0] += 6
    layers = dict.fromkeys(STRIDES, values) | {COLOURS: values[..., 1:]}
    return Maps(layers, (45, 30), (48.0, 32.0), 0.0)


class TestDrawing:
    def test_later_strokes_cover_earlier_ones_and_an_eraser_takes_away(self) -> None:
        under = strokes.painted(
            [line(1, (10, 10), (30, 10)), line(2, (20, 10), radius=2), line(NOTHING, (30, 10))], (45, 30)
        )
        assert under.shape == (30, 45)
        assert (under[10, 12], under[10, 20], under[10, 30], under[25, 5]) == (1, 2, NOTHING, NOTHING)

    def test_a_brush_is_as_wide_as_it_says(self) -> None:
        for radius in (1, 2.5, 6, 9.6):
            dot = strokes.painted([line(1, (50, 40), radius=radius)], (100, 80)) == 1
            long = strokes.painted([line(1, (20, 40), (80, 40), radius=radius)], (100, 80)) == 1
            assert 2 * radius - 2 <= dot.any(1).sum() <= 2 * radius
            assert (long.any(1) == dot.any(1)).all(), "no wider along a line"
        assert (strokes.painted([line(1, (45, 30), radius=0.5)], (45, 30)) == 1).sum() == 1, "in the corner too"

    def test_what_a_browser_sends_is_read(self) -> None:
        sent = [
            {"label": 1, "radius": 8, "points": [[1, 2], [3.5, 4]]},
            {"label": 255, "radius": 1, "points": [[0, 0]]},
        ]
        assert strokes.read(sent, (45, 30)) == (
            Stroke(1, 8.0, ((1.0, 2.0), (3.5, 4.0))),
            Stroke(255, 1.0, ((0.0, 0.0),)),
        )

    @pytest.mark.parametrize(
        "sent",
        [
            None,
            "strokes",
            [3],
            [{}],
            [{"label": 6, "radius": 8, "points": [[1, 2]]}],
            [{"label": True, "radius": 8, "points": [[1, 2]]}],
            [{"label": 1, "radius": float("nan"), "points": [[1, 2]]}],
            [{"label": 1, "radius": 900, "points": [[1, 2]]}],
            [{"label": 1, "radius": 8, "points": []}],
            [{"label": 1, "radius": 8, "points": [[1, 2, 3]]}],
            [{"label": 1, "radius": 8, "points": [[1, "2"]]}],
            [{"label": 1, "radius": 8, "points": [[46, 2]]}],
            [{"label": 1, "radius": 8, "points": [[1, 2]] * 3000}],
        ],
    )
    def test_what_makes_no_sense_is_a_sentence(self, sent: Any) -> None:
        with pytest.raises(StrokesError, match="draw them again"):
            strokes.read(sent, (45, 30))

    def test_ten_thousand_strokes_are_a_sentence(self) -> None:
        with pytest.raises(StrokesError, match="10000 strokes: draw at most 200"):
            strokes.read([{"label": 1, "radius": 8, "points": [[1, 2]]}] * 10_000, (45, 30))


class TestHead:
    def test_two_strokes_tell_the_halves_apart(self) -> None:
        found = small()
        head = strokes.learn(found, [line(0, (5, 5), (5, 25)), line(1, (40, 5), (40, 25))], (2,))
        said = strokes.mask(head, found)
        assert said.shape == (30, 45)
        assert said[:, :20].mean() < 0.05 < 0.95 < said[:, 27:].mean()
        assert head.labels == (0, 1)
        assert head.weights.shape == (2, 4)

    def test_several_classes(self) -> None:
        found = small()
        known = [line(0, (5, 5), (5, 25)), line(2, (40, 5)), line(4, (40, 25))]
        head = strokes.learn(found, known, (2, 4))
        assert head.labels == (0, 2, 4)
        assert set(np.unique(strokes.mask(head, found))) <= {0, 2, 4}
        assert np.abs(strokes.shares(head, found).sum(0) - 1).max() < 1e-5

    def test_a_cell_stands_where_the_encoder_has_it(self) -> None:
        """The enlarged scores are PyTorch's, with aligned corners on the extended picture."""
        found = small()
        head = strokes.learn(found, [line(0, (5, 5)), line(1, (40, 5))], (2,))
        scores = torch.tensor(found.layers[2].astype(np.float32)) @ torch.tensor(head.weights[:, :-1].T).float()
        scores = (scores + torch.tensor(head.weights[:, -1]).float()).permute(2, 0, 1)[None]
        theirs = torch.nn.functional.interpolate(scores, (33, 49), mode="bilinear", align_corners=True)
        theirs = theirs[0, :, :30, :45].softmax(0).numpy()
        assert np.abs(strokes.shares(head, found) - theirs).max() < 0.02

    def test_one_kind_alone_is_a_sentence(self) -> None:
        for known in ([], [line(1, (5, 5))], [line(1, (5, 5)), line(1, (20, 5))]):
            with pytest.raises(StrokesError, match="one on the background"):
                strokes.learn(small(), known, (2,))

    def test_no_map_is_a_sentence(self) -> None:
        with pytest.raises(StrokesError, match="switch one on"):
            strokes.learn(small(), [line(0, (5, 5)), line(1, (40, 5))], ())

    def test_a_stroke_of_one_pixel_teaches(self) -> None:
        head = strokes.learn(small(), [line(0, (5, 5), radius=0.5), line(1, (42, 6), radius=0.5)], (2,))
        assert head.examples == (1, 1)

    def test_a_picture_of_one_colour_has_an_answer(self) -> None:
        grey = images.decode(images.encode_png(np.full((64, 96, 3), 128, np.uint8)), "grey")
        found = strokes.maps(grey)
        head = strokes.learn(found, [line(0, (10, 10)), line(1, (80, 50))], STRIDES)
        assert np.isfinite(strokes.shares(head, found)).all()


@pytest.mark.usefixtures("torch_loaded")
class TestSamples:
    def test_six_strokes_cut_the_samples_out(self) -> None:
        """Mean IoU 0.88 or more on eight photos with hand-drawn references, six strokes at most on each."""
        got, three, colours = [], [], []
        for key, sent in KEPT.items():
            found, truth = maps_of(key), truth_of(key)
            known = strokes.read(sent, found.size)
            assert len(known) <= 6
            got.append(simulated.score(strokes.mask(strokes.learn(found, known, STRIDES), found), truth))
            three.append(simulated.score(strokes.mask(strokes.learn(found, known[:3], STRIDES), found), truth))
            colours.append(simulated.score(strokes.mask(strokes.learn(found, known, (COLOURS,)), found), truth))
        assert len(got) == 8
        assert np.mean(got) >= 0.88
        assert np.mean(three) >= 0.8
        assert np.mean(colours) < np.mean(got) - 0.15, "that is why features are learned"

    def test_maps_have_unit_variance_and_one_size(self) -> None:
        found = maps_of("cat")
        shapes = {layer.shape[:2] for layer in found.layers.values()}
        assert len(shapes) == 1
        assert [found.layers[s].shape[2] for s in (COLOURS, *STRIDES)] == [3, 16, 24, 32, 416]
        for layer in found.layers.values():
            assert layer.astype(np.float32).std() == pytest.approx(1, abs=0.01)
        assert found.of(STRIDES).nbytes < 30_000_000


def test_a_simulated_stroke_stays_inside() -> None:
    where = np.zeros((40, 60), bool)
    where[5:30, 10:50] = True
    stroke = simulated.stroke_through(where, 1, 3)
    assert stroke is not None
    under = strokes.painted([stroke], (60, 40)) == 1
    assert (under & ~where).sum() == 0
    assert under.sum() > 150
    assert simulated.stroke_through(np.zeros((4, 4), bool), 1, 3) is None


def test_the_main_object_is_the_largest_class() -> None:
    ids = np.zeros((4, 6), np.uint8)
    ids[0, :2], ids[1], ids[2, :3] = 3, 8, 255
    found = simulated.main_object(ids)
    assert found is not None
    assert np.unique(found, return_counts=True)[1].tolist() == [15, 6, 3]
    assert (found[1] == 1).all()
    assert simulated.main_object(np.where(ids == 255, ids, 0).astype(np.uint8)) is None
