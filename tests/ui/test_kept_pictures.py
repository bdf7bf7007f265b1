"""What is made of a picture is made once, and does not outlive it."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from core.pictures import images
from core.ui import kept_pictures


def _picture() -> images.Picture:
    return images.decode(images.encode_png(np.zeros((16, 16, 3), np.uint8)))


def test_made_once_for_each_picture_and_purpose() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    one, other = _picture(), _picture()
    for _ in range(3):
        assert kept_pictures.of(one, "small", lambda: make("small")) == "small"
        assert kept_pictures.of(one, ("large", 2), lambda: make("large")) == "large"
        assert kept_pictures.of(other, "small", lambda: make("other")) == "other"
    assert sorted(made) == ["large", "other", "small"]


def test_a_slider_that_is_dragged_does_not_fill_the_memory() -> None:
    picture = _picture()
    for side in range(100):
        kept_pictures.of(picture, side, lambda: b"")
    assert len(kept_pictures._made[picture]) == kept_pictures.MOST


def test_it_goes_with_the_picture() -> None:
    picture = _picture()
    value = np.zeros(3)
    gone = weakref.ref(value)
    kept_pictures.of(picture, "small", lambda value=value: value)
    del value, picture
    gc.collect()
    assert gone() is None
