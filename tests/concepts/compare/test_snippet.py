"""The code to copy runs as it stands and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

from core.concepts.compare import snippet, votes
from core.engine import inference
from core.models import pretrained, segmenters
from core.passes.segmentation import segment
from core.pictures import images
from tests.support.weights_server import instead_of_torchvision


@pytest.mark.parametrize("key", ["cat"])
def test_snippet_prints_what_is_shown(key: str) -> None:
    picture, names = images.sample(key), segmenters.networks()
    sample = next(s for s in images.SAMPLES if s.key == key)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippet.comparison(names, picture, str(sample.path)), "snippet", "exec"), {})
    *lines, last = out.getvalue().splitlines()
    masks = [segment(inference.load(name), picture).ids for name in names]
    apart = votes.dissent(masks)
    assert [line.split()[0] for line in lines] == list(names)
    for line, mask, far in zip(lines, masks, apart, strict=True):
        things, differs = map(float, line.split()[1:])
        assert things == pytest.approx((mask > 0).mean(), abs=2e-3)
        assert differs == pytest.approx(far, abs=2e-3)
    assert float(last) == pytest.approx(votes.agreement(masks), abs=2e-3)


def test_networks_with_another_scale_print_what_is_shown(tmp_path: Path) -> None:
    picture, names = images.sample("cat"), ("deeplabv3-released", "lraspp-mobilenetv3")
    out, path = io.StringIO(), next(str(s.path) for s in images.SAMPLES if s.key == "cat")
    with instead_of_torchvision(names[1], tmp_path):
        pretrained.start(names[1]).join(60)
        with contextlib.redirect_stdout(out):
            exec(compile(snippet.comparison(names, picture, path), "snippet", "exec"), {})
        masks = [segment(inference.load(name), picture).ids for name in names]
    *lines, last = out.getvalue().splitlines()
    assert [float(line.split()[1]) for line in lines] == pytest.approx([(m > 0).mean() for m in masks], abs=2e-3)
    assert float(last) == pytest.approx(votes.agreement(masks), abs=2e-3)


def test_large_photos_are_reduced_as_the_app_does() -> None:
    large = images.Picture(np.zeros((500, 1024, 3), np.uint8), "", "large.jpg", (4096, 2000))
    assert "thumbnail((1024, 1024)" in snippet.comparison(segmenters.networks(), large, "large.jpg")
    cat = images.sample("cat")
    assert "thumbnail" not in snippet.comparison(segmenters.networks(), cat, "cat.jpg")
