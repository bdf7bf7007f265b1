"""The code under the page of DeepLab runs as it stands and prints the classes of the mask on screen."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from core.concepts.deeplab import snippet
from core.engine import inference
from core.passes import without_parts
from core.pictures import images
from core.pictures.labels import VOC


def printed(code: str) -> dict[str, float]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    lines = (line.rsplit(": ", 1) for line in out.getvalue().splitlines())
    return {name: float(share) for name, share in lines}


@pytest.mark.parametrize(
    ("name", "key", "on"),
    [
        ("deeplabv3", "cat", (True,) * 5),
        ("deeplabv3", "portrait", (True, False, True, False, True)),
        ("deeplabv3plus", "dog", (False, True, True, True, False)),
    ],
)
def test_prints_what_is_shown(name: str, key: str, on: tuple[bool, ...]) -> None:
    picture = images.sample(key)
    path = next(str(sample.path) for sample in images.SAMPLES if sample.key == key)
    ids = without_parts.deeplab(without_parts.look(inference.load(name), picture), on).ids
    shown = {VOC[i]: n / ids.size for i, n in enumerate(np.bincount(ids.ravel())) if n}
    assert printed(snippet.aspp(picture, path, name, on)) == pytest.approx(shown, abs=6e-5)


def test_large_photos_are_reduced_as_the_app_does() -> None:
    large = images.Picture(np.zeros((500, 1024, 3), np.uint8), "", "large.jpg", (4096, 2000))
    assert "thumbnail((1024, 1024)" in snippet.aspp(large, "large.jpg", "deeplabv3", (True,) * 5)
