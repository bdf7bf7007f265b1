"""Elastic deformation: smooth, of the stated size, and the same for picture and mask."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training.elastic import displacements, warp


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_displacements_at_the_nodes_have_the_stated_standard_deviation():
    generator = seeded()
    fields = torch.stack([displacements(9, 9, generator) for _ in range(2000)])
    nodes = fields[..., ::4, ::4]  # (2000, 2, 3, 3): align_corners puts the nodes on pixels 0, 4 and 8
    assert (nodes.std(0) - 10).abs().max() < 0.7
    assert nodes.mean(0).abs().max() < 1


def test_displacements_are_smooth():
    """Neighbouring pixels of a 200-pixel tile look at neighbouring places: no tear."""
    field = displacements(200, 200, seeded())
    assert field.diff(dim=1).abs().max() < 1
    assert field.diff(dim=2).abs().max() < 1


def test_a_seed_gives_the_same_field_again():
    assert torch.equal(displacements(20, 30, seeded(3)), displacements(20, 30, seeded(3)))
    assert not torch.equal(displacements(20, 30, seeded(3)), displacements(20, 30, seeded(4)))


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 99))
def test_no_displacement_changes_nothing(height, width, seed):
    x = torch.rand(2, height, width, generator=seeded(seed), dtype=torch.float64)
    assert torch.allclose(warp(x, torch.zeros(2, height, width, dtype=torch.float64)), x, atol=1e-9)


def test_whole_displacements_move_pixels_right_and_down():
    x = torch.arange(30.0).view(1, 5, 6)
    field = torch.zeros(2, 5, 6)
    field[0], field[1] = 2, 1  # look two to the right, one down
    moved = warp(x, field, "nearest")
    assert torch.equal(moved[:, :4, :4], x[:, 1:, 2:])
    assert torch.equal(moved[:, :4, 4], x[:, 1:, 4]), "mirrored: one past the last column is the one before it"
    assert torch.allclose(warp(x, field)[:, :4, :4], x[:, 1:, 2:], atol=1e-4)


def test_half_a_pixel_is_the_mean_of_two():
    x = torch.tensor([[[0.0, 4.0, 8.0, 2.0]] * 3])
    field = torch.zeros(2, 3, 4)
    field[0] = 0.5
    assert torch.allclose(warp(x, field)[0, 1, :3], torch.tensor([2.0, 6.0, 5.0]), atol=1e-5)


def test_labels_stay_labels():
    labels = torch.randint(0, 2, (1, 40, 40), generator=seeded()).float() * 255
    warped = warp(labels, displacements(40, 40, seeded()), "nearest")
    assert set(warped.unique().tolist()) <= {0.0, 255.0}
    assert not torch.equal(warped, labels)


def test_picture_and_mask_move_together():
    mask = torch.zeros(1, 64, 64)
    mask[:, 20:40, 10:50] = 1
    field = displacements(64, 64, seeded(1), sigma=4)
    soft, hard = warp(mask, field), warp(mask, field, "nearest")
    assert (hard[soft > 0.76] == 1).all(), "the nearest of four pixels has a share of at least a quarter"
    assert (hard[soft < 0.24] == 0).all()
    assert 0 < hard.sum() < 64 * 64
