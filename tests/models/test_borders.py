"""Why one pass differs from windows that are cut out: nothing but the zeros around a window."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.engine import inference
from core.models.efficientnet import SameConv2d
from core.passes.heatmaps import NATIVE, View
from core.pictures import images

SIDE, CORNER = 288, 32


def test_zeros_around_a_window_are_the_whole_difference() -> None:
    """One pass, in which every padded layer sees zeros outside one window, gives that window's own answer."""
    model = inference.load("efficientnet-lite0")
    network = model.module
    x = model.prepare(View("square", SIDE).render(images.sample("kitten").pixels))
    end = CORNER + NATIVE

    def alone(_layer: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        (seen,) = inputs
        stride = SIDE // seen.shape[-1]
        part = slice(CORNER // stride, end // stride)
        out = torch.zeros_like(seen)
        out[..., part, part] = seen[..., part, part]
        return (out,)

    def scores() -> Tensor:
        features = network.features(x)[..., CORNER // 32 : end // 32, CORNER // 32 : end // 32]
        return network.classifier(features.mean((2, 3)))[0]

    with torch.inference_mode():
        window = network(x[..., CORNER:end, CORNER:end])[0]
        free = scores()
        padded = [m for m in network.modules() if isinstance(m, SameConv2d) and m.kernel_size[0] > 1]
        handles = [m.register_forward_pre_hook(alone) for m in padded]
        try:
            walled = scores()
        finally:
            for handle in handles:
                handle.remove()
    spread = float(window.std())
    assert float((free - window).abs().max()) > 0.1 * spread  # there is something to explain
    assert float((walled - window).abs().max()) < 1e-4 * spread  # and this explains it
