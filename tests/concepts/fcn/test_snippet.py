"""Every snippet runs as it stands and prints the numbers that are on screen."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.concepts.fcn import snippet as snippets
from core.concepts.transposed import snippet
from core.engine import inference
from core.maths import transposed
from core.models import classifiers, imagenet, kernels
from core.models.torchvision_compat import torchvision
from core.passes import heatmaps
from core.passes.heatmaps import ScoreGrid, View
from core.pictures import images


def printed(code: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    return out.getvalue().split()


def shown(grid: ScoreGrid, ids: Sequence[int]) -> list[str]:
    row, column = grid.hottest(ids)
    numbers = [grid.rows, grid.columns, f"{grid.heat(ids).max():.3f}", row, column, *ScoreGrid.window(row, column)]
    return [str(n) for n in numbers]


def agree(code: str, grid: ScoreGrid, ids: Sequence[int]) -> None:
    got, wanted = printed(code), shown(grid, ids)
    assert abs(float(got.pop(2)) - float(wanted.pop(2))) <= 2e-3  # the page keeps probabilities in 16 bits
    assert got == wanted


@pytest.mark.parametrize(
    ("key", "view", "label"),
    [
        ("kitten", View("whole", 448), "cat"),
        ("dog", View("square", 320), "German shepherd"),
        ("street", View("whole", 288), "vehicle"),
    ],
)
@pytest.mark.parametrize("name", heatmaps.networks(offline=True))
def test_bundled_networks_print_what_is_shown(name: str, key: str, view: View, label: str) -> None:
    picture, ids = images.sample(key), imagenet.resolve(label)
    sample = next(s for s in images.SAMPLES if s.key == key)
    grid = heatmaps.scan(inference.load(name), picture, view)
    agree(snippets.heatmap(name, picture, str(sample.path), view, ids), grid, ids)


@pytest.mark.parametrize("name", ["alexnet", "vgg16"])
def test_torchvisions_networks_print_what_is_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With random weights of a sensible size in place of the download, the same in snippet and app."""
    torch.manual_seed(1)
    with torch.device("meta"):
        theirs, ours = getattr(torchvision.models, name)(weights=None), getattr(classifiers, name)()
    theirs.to_empty(device="cpu").eval()
    for module in theirs.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.normal_(module.weight, 0, (2 / module.weight[0].numel()) ** 0.5)
            torch.nn.init.zeros_(module.bias)
    ours.load_state_dict(theirs.state_dict(), assign=True)
    monkeypatch.setattr(torchvision.models, name, lambda **_: theirs)
    from core.models.registry import spec

    picture, view, ids = images.sample("cat"), View("square", 256), [0, 5, 7]
    grid = heatmaps.scan(inference.LoadedModel(spec(name), ours.eval(), 0.0), picture, view)
    code = snippets.heatmap(name, picture, str(images.SAMPLES[1].path), view, ids)
    assert images.SAMPLES[1].key == "cat"
    agree(code, grid, ids)


def test_large_photos_are_reduced_as_the_app_does() -> None:
    import numpy as np

    pixels = np.zeros((500, 1024, 3), np.uint8)
    large = images.Picture(pixels, "", "large.jpg", (4096, 2000))
    code = snippets.heatmap("efficientnet-lite0", large, "large.jpg", View("whole", 448), [1])
    assert "thumbnail((1024, 1024)" in code
    assert "thumbnail" not in snippets.heatmap(
        "efficientnet-lite0", images.sample("cat"), "cat.jpg", View("whole", 448), [1]
    )


@given(
    size=st.integers(1, 4),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    extra=st.integers(0, 2),
    dilation=st.integers(1, 2),
    name=st.sampled_from(list(kernels.KERNELS)),
)
@settings(max_examples=25)
def test_transposed_convolution_prints_what_is_shown(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int, name: str
) -> None:
    axis, _ = transposed.repaired(transposed.Axis(size, kernel, stride, padding, extra, dilation))
    x, weights = kernels.pattern("random", size, 3), kernels.named(name, kernel, 5)
    lines = " ".join(printed(snippet.transposed(axis, x, weights))).split()
    shown = transposed.paint(x, weights.values, axis, axis)
    back = axis.twin.output_size(axis.out)
    assert [int(n) for n in (*lines[:2], *lines[-2:])] == [axis.out, axis.out, back, back]
    assert [float(n) for n in lines[2:-2]] == pytest.approx(shown.ravel().tolist(), abs=5.1e-5)
