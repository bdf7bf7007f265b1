"""What the disturbances do, against counting and Pillow."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths.metrics import VOID
from core.passes.stress import kinds
from core.pictures import images

PHOTO = kinds.working(images.sample("kitten").pixels)


def test_the_working_scale_is_that_of_the_networks_on_the_shared_encoder() -> None:
    assert min(PHOTO.shape[:2]) == 321


@pytest.mark.parametrize("name", kinds.KINDS)
def test_none_is_none_and_every_strength_gives_a_photo_of_the_same_shape(name: str) -> None:
    kind = kinds.KINDS[name]
    assert kinds.disturbed(PHOTO, name, 0) is PHOTO
    ids = np.zeros(PHOTO.shape[:2], np.uint8)
    assert kinds.expected(ids, name, 0) is ids
    before, far = PHOTO.copy(), 0.0
    for strength in kind.grid(4)[1:]:
        now = kinds.disturbed(PHOTO, name, strength)
        assert now.shape == PHOTO.shape
        assert now.dtype == np.uint8
        assert (now != PHOTO).any()
        assert kinds.expected(ids, name, strength).shape == ids.shape
        far = max(far, float(np.abs(now.astype(int) - PHOTO).mean()))
    assert far > 3
    np.testing.assert_array_equal(PHOTO, before)


@pytest.mark.parametrize("name", ["noise", "blur", "grey", "contrast", "patch", "scale", "jpeg"])
def test_a_stronger_setting_changes_more(name: str) -> None:
    far = [np.abs(kinds.disturbed(PHOTO, name, s).astype(int) - PHOTO).mean() for s in kinds.KINDS[name].grid(5)]
    assert far == sorted(far)


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_grid_is_made_of_settings_of_the_slider(name: str) -> None:
    kind = kinds.KINDS[name]
    for points in (7, 9):
        grid = kind.grid(points)
        assert grid[0] == 0
        assert len(set(grid)) == points
        assert all(0 <= s <= kind.high and (s - kind.low) % kind.step == 0 for s in grid), grid


def test_grey_has_three_equal_channels_and_rec_601s_luma() -> None:
    grey = kinds.disturbed(PHOTO, "grey", 100)
    assert (grey[..., 0] == grey[..., 1]).all()
    luma = PHOTO.astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(grey[..., 0] - luma).max() <= 1


def test_the_hue_turns_red_into_green_and_back() -> None:
    red = np.full((4, 4, 3), (200, 0, 0), np.uint8)
    green = kinds.disturbed(red, "hue", 120)  # a turn has 256 steps here, so a third of it is off by a third of one
    assert np.abs(green.astype(int) - (0, 200, 0)).max() <= 6
    assert np.abs(kinds.disturbed(red, "hue", -120).astype(int) - (0, 0, 200)).max() <= 6


@pytest.mark.parametrize(("name", "strength"), [("scale", 50), ("rotation", 30), ("rotation", -90)])
def test_the_answer_moves_with_the_photo(name: str, strength: int) -> None:
    """A white square and its mask stay on one another, and what leaves nothing behind is void."""
    photo, ids = np.zeros((101, 151, 3), np.uint8), np.zeros((101, 151), np.uint8)
    photo[30:70, 50:110], ids[30:70, 50:110] = 255, 8
    now, where = kinds.disturbed(photo, name, strength), kinds.expected(ids, name, strength)
    bright = now.min(2) > 128
    counted = where != VOID
    assert ((bright & counted) == ((where == 8) & counted))[counted].mean() > 0.97
    assert (where == VOID).any()
    assert (now[where == VOID] == kinds.GREY).mean() > 0.9


def test_the_square_lies_where_it_is_asked_to() -> None:
    left, top, right, bottom = kinds.patch_box((100, 200), 40, (0.25, 0.5))
    assert (left, top, right, bottom) == (30, 30, 70, 70)
    assert kinds.patch_box((100, 200), 40, (0.0, 0.99)) == (0, 79, 20, 100)
    now = kinds.disturbed(PHOTO, "patch", 40, (0.5, 0.5))
    assert (now[160, PHOTO.shape[1] // 2] == kinds.GREY).all()


def test_several_together_are_one_after_the_other() -> None:
    ids = np.ones(PHOTO.shape[:2], np.uint8)
    one, where = kinds.together(PHOTO, ids, {"rotation": 20, "brightness": 10})
    two = kinds.disturbed(kinds.disturbed(PHOTO, "brightness", 10), "rotation", 20)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(where, kinds.expected(ids, "rotation", 20))
    same, none = kinds.together(PHOTO, None, {})
    assert same is PHOTO
    assert not none.any()


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(kinds.StressError, match="No disturbance is called fog"):
        kinds.disturbed(PHOTO, "fog", 1)
    with pytest.raises(kinds.StressError, match="noise goes from 0 to 120, not 121"):
        kinds.disturbed(PHOTO, "noise", 121)
