"""What is made of a picture is made once, and does not outlive it."""

from __future__ import annotations

import gc
import sys
import threading
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


def test_visitors_of_one_sample_do_not_disturb_each_other() -> None:
    """Samples are shared: pages look in the same shelf at the same time, and fill it up."""
    picture, failures = _picture(), list[BaseException]()
    together = threading.Barrier(4)

    def visit(first: int) -> None:
        together.wait(60)
        try:
            for i in range(3000):
                what = (first + i) % (3 * kept_pictures.MOST)
                assert kept_pictures.of(picture, what, lambda what=what: what) == what  # type: ignore[misc]
        except BaseException as error:
            failures.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=visit, args=(7 * i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    finally:
        sys.setswitchinterval(before)
    assert failures == []
    assert len(kept_pictures._made[picture]) <= kept_pictures.MOST


def test_what_two_make_at_the_same_time_is_one_thing() -> None:
    picture = _picture()

    def make() -> str:
        kept_pictures.of(picture, "small", lambda: "the first")  # another thread was quicker
        return "mine"

    assert kept_pictures.of(picture, "small", make) == "the first"
    assert kept_pictures.of(picture, "small", make) == "the first"


def test_it_goes_with_the_picture() -> None:
    picture = _picture()
    value = np.zeros(3)
    gone = weakref.ref(value)
    kept_pictures.of(picture, "small", lambda value=value: value)
    del value, picture
    gc.collect()
    assert gone() is None
