"""U-Net's weights and loss, against brute force and PyTorch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.training.losses import (
    VOID,
    border_weights,
    class_weights,
    two_nearest,
    weighted_cross_entropy,
)


def nearest_by_hand(instances):
    """Squared distances to the two nearest instances, by looking at every pixel."""
    rows, columns = np.indices(instances.shape)
    all_ = []
    for label in np.unique(instances[instances > 0]):
        ys, xs = np.nonzero(instances == label)
        all_.append(((rows[..., None] - ys) ** 2 + (columns[..., None] - xs) ** 2).min(-1).astype(float))
    all_ += [np.full(instances.shape, np.inf)] * 2
    return np.sort(np.stack(all_), axis=0)[:2]


@settings(deadline=None)
@given(
    arrays.arrays(
        "int32", st.tuples(st.integers(1, 11), st.integers(1, 11)), elements=st.sampled_from([0, 0, 0, 1, 2, 3, 9])
    )
)
def test_the_two_nearest_instances_equal_brute_force(instances):
    first, second = nearest_by_hand(instances)
    ours = two_nearest(instances, reach=12)
    assert np.array_equal(ours[0], first)
    assert np.array_equal(ours[1], second)


def test_the_gap_between_two_cells_counts_as_the_formula_says():
    instances = np.zeros((9, 30), np.int32)
    instances[:, :10], instances[:, 14:] = 1, 2  # four background columns, 10 to 13
    weights = border_weights(instances)
    for column in range(10, 14):
        d1, d2 = sorted((column - 9, 14 - column))
        assert weights[4, column] == pytest.approx(10 * np.exp(-((d1 + d2) ** 2) / 50), rel=1e-6)
    assert not weights[instances > 0].any(), "inside a cell nothing is added"


def test_a_narrow_gap_counts_more_than_a_wide_one_and_one_cell_alone_has_none():
    row = np.zeros((5, 60), np.int32)
    row[:, :10], row[:, 12:30], row[:, 38:] = 1, 2, 3
    weights = border_weights(row)[2]
    assert weights[10] > weights[33] > 0
    row[row != 1] = 0
    assert not border_weights(row).any()


@given(arrays.arrays("uint8", (6, 7), elements=st.sampled_from([0, 1, 2, VOID])))
def test_class_weights_balance_the_classes(labels):
    weights = class_weights(labels, classes=3)
    assert not weights[labels == VOID].any()
    valid = labels != VOID
    if valid.any():
        assert weights[valid].mean() == pytest.approx(1, rel=1e-5)
        sums = [weights[labels == c].sum() for c in np.unique(labels[valid])]
        assert sums == pytest.approx([sums[0]] * len(sums), rel=1e-5)


@settings(deadline=None)
@given(st.integers(0, 2**31))
def test_the_loss_is_pytorchs_with_weights_of_one_and_linear_in_the_weights(seed):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, 3, (2, 4, 5), generator=generator)
    labels[0, 0, :2] = VOID
    weights = torch.rand(2, 4, 5, generator=generator, dtype=torch.float64)
    plain = weighted_cross_entropy(scores, labels, torch.ones_like(weights))
    assert torch.allclose(plain, F.cross_entropy(scores, labels, ignore_index=VOID))
    by_hand = [
        -weights[b, y, x] * scores[b, :, y, x].log_softmax(0)[labels[b, y, x]]
        for b, y, x in (labels != VOID).nonzero().tolist()
    ]
    assert torch.allclose(weighted_cross_entropy(scores, labels, weights), torch.stack(by_hand).mean())


def test_a_picture_that_is_void_everywhere_costs_nothing():
    labels = torch.full((1, 2, 2), VOID)
    assert weighted_cross_entropy(torch.randn(1, 2, 2, 2), labels, torch.ones(1, 2, 2)) == 0
