"""Masks and probabilities of networks with parts switched off, on a picture of its own size."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine import inference
from core.passes import ablation, without_parts
from core.passes.segmentation import segment
from core.pictures import images


@pytest.fixture(scope="module")
def looks() -> dict[str, without_parts.Look]:
    picture = images.sample("cat")
    return {
        name: without_parts.look(inference.load(name), picture) for name in ("deeplabv3", "deeplabv3plus", "pspnet")
    }


def whole(seen: without_parts.Look) -> without_parts.Answer:
    return without_parts.pspnet(seen) if hasattr(seen.network.decoder, "pool") else without_parts.deeplab(seen)


@pytest.mark.parametrize("name", ["deeplabv3", "deeplabv3plus", "pspnet"])
def test_everything_on_is_the_mask_of_every_other_page(looks: dict[str, without_parts.Look], name: str) -> None:
    answer = whole(looks[name])
    assert np.array_equal(answer.ids, segment(inference.load(name), images.sample("cat")).ids)
    assert answer.probabilities.shape == (21, 321, 483)
    assert np.allclose(answer.probabilities.astype(float).sum(0), 1, atol=5e-3)
    assert without_parts.changed(answer, answer) == 0


def test_probabilities_at_a_place(looks: dict[str, without_parts.Look]) -> None:
    answer = whole(looks["deeplabv3"])
    for x, y, column, row in ((0, 0, 0, 0), (0.999, 0.999, 482, 320), (0.5, 0.25, 241, 80)):
        assert np.array_equal(answer.at(x, y), answer.probabilities[:, row, column].astype(float))


def test_rates_and_strides_are_copies(looks: dict[str, without_parts.Look]) -> None:
    seen = looks["deeplabv3"]
    before = whole(seen)
    without_parts.deeplab(seen, times=3)
    fine = without_parts.look(inference.load("deeplabv3"), images.sample("cat"), 8)
    assert fine.encoded.cells == (41, 65)  # of 321 x 483 pixels, extended to 321 x 513
    assert ablation.rates(ablation.aspp_of(fine.network)) == tuple(
        2 * rate for rate in ablation.rates(ablation.aspp_of(seen.network))
    )
    assert np.array_equal(whole(seen).ids, before.ids)
    same = without_parts.look(inference.load("deeplabv3"), images.sample("cat"), 16)
    assert same.network is inference.load("deeplabv3").module


def test_changes_without_a_bin_are_the_ablated_differences(looks: dict[str, without_parts.Look]) -> None:
    seen = looks["pspnet"]
    found = without_parts.bins(seen)
    assert [v.shape for v in found.vectors] == [(80, side, side) for side in (1, 2, 3, 6)]
    everything = whole(seen)
    for x, y in ((0.3, 0.5), (0.0, 0.999)):
        label = int(everything.at(x, y).argmax())
        changes = found.changes(x, y, label)
        alone = without_parts.pspnet(seen, (False, True, True, True))  # the first level has one bin
        assert changes[0][0, 0] == pytest.approx(alone.at(x, y)[label] - everything.at(x, y)[label], abs=3e-3)
        corner = without_parts.answer(
            seen, lambda network, encoded: ablation.run_pspnet(network, encoded, without=(3, 2, 1))
        )
        assert changes[3][2, 1] == pytest.approx(corner.at(x, y)[label] - everything.at(x, y)[label], abs=3e-3)


@pytest.mark.parametrize("size", [(33, 40), (60, 1024), (1024, 90)])
def test_pictures_of_odd_shapes(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    picture = images.Picture(pixels, f"odd-{size}", "odd.png", size[::-1])
    v3, pyramid = (without_parts.look(inference.load(name), picture) for name in ("deeplabv3", "pspnet"))
    assert without_parts.deeplab(v3, (False, True, True, True, False)).ids.shape == size
    assert without_parts.pspnet(pyramid).ids.shape == size
    for x, y in ((0.0, 0.0), (0.999, 0.999)):
        assert all(np.isfinite(change).all() for change in without_parts.bins(pyramid).changes(x, y, 0))
