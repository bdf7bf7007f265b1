"""FCN with its additions switched off, against PyTorch's own forward pass and brute force over pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.concepts.fcn import additions
from core.engine import inference
from core.maths import metrics
from core.models import fcn
from core.passes import segmentation
from core.pictures import images, reference


@pytest.fixture(scope="module")
def found() -> list[additions.Mask]:
    return additions.masks([inference.load(name) for name in additions.NETWORKS], images.sample("kitten"))


def test_every_network_with_every_combination(found: list[additions.Mask]) -> None:
    assert [(mask.network, mask.on) for mask in found] == [
        ("fcn32s", ()),
        ("fcn16s", (False,)),
        ("fcn16s", (True,)),
        ("fcn8s", (False, False)),
        ("fcn8s", (False, True)),
        ("fcn8s", (True, False)),
        ("fcn8s", (True, True)),
    ]


@pytest.mark.parametrize("name", additions.NETWORKS)
def test_with_everything_on_it_is_the_untouched_network(name: str, found: list[additions.Mask]) -> None:
    (mask,) = (m for m in found if m.network == name and all(m.on))
    theirs = segmentation.segment(inference.load(name), images.sample("kitten")).ids
    assert (mask.ids == theirs).mean() > 0.9999, "one encoder for all three, and its own"
    assert mask.changed == 0


@pytest.mark.parametrize(("name", "stride"), [("fcn32s", 32), ("fcn16s", 16), ("fcn8s", 8)])
def test_cells_of_the_sum(name: str, stride: int, found: list[additions.Mask]) -> None:
    """A photo of 321 x 428 is extended to 32 n + 1: 321 x 449."""
    for mask in found:
        if mask.network == name:
            assert mask.cells == (320 // stride + 1, 448 // stride + 1)


def test_switched_off_is_a_layer_of_zeros() -> None:
    network = fcn.fcn8s(5).eval()
    for layer in network.decoder.skip_scores:
        nn.init.normal_(layer.weight)
    nn.init.normal_(network.decoder.score.weight)
    with torch.inference_mode():
        pyramid = network.encoder.forward_features(torch.rand(1, 3, 65, 97))
        ours = additions.scores(network, pyramid, (False, True))
        nn.init.zeros_(network.decoder.skip_scores[0].weight)
        torch.testing.assert_close(ours, network.decoder(pyramid), rtol=0, atol=0)
        torch.testing.assert_close(additions.scores(network, pyramid, (True, True)), ours, rtol=0, atol=0)


def test_figures_are_counted_pixel_by_pixel(found: list[additions.Mask]) -> None:
    truth = reference.bundled(images.sample("kitten"))
    assert truth is not None
    whole = next(m for m in found if m.network == "fcn8s" and all(m.on))
    for mask in found:
        if mask.network == "fcn8s":
            assert mask.changed == pytest.approx(float(np.mean(mask.ids != whole.ids)))
        sure = truth.ids != metrics.VOID
        each = []
        for label in set(np.unique(truth.ids[sure])) | set(np.unique(mask.ids[sure])):
            mine, theirs = mask.ids[sure] == label, truth.ids[sure] == label
            each.append((mine & theirs).sum() / (mine | theirs).sum())
        assert mask.miou == pytest.approx(float(np.mean(each)))
        assert mask.boundary == pytest.approx(metrics.boundary_score(truth.ids, mask.ids))
