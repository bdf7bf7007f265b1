"""What is odd about a network, each with its evidence and the page of the chapter that explains it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.engine.tracing import Hooks
from core.passes.attribution import field
from core.passes.look import own

_RELU = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Hardswish, nn.SiLU, nn.GELU)


class Finding(NamedTuple):
    """One line: what was found, and the page that explains it, or nothing."""

    text: str
    page: str = ""


def all_of(network: nn.Module, x: Tensor, scores: Tensor) -> Iterator[Finding]:
    """Everything that can be said of ``network`` after it has answered ``scores`` to ``x``. To be called through the
    engine's door."""
    yield from _numbers(network, scores)
    yield from _stride(x, scores)
    yield from _field(network, x, scores)
    yield from checkerboards(network)
    yield from dead_maps(network, x)
    yield from unseen(network)


def _numbers(network: nn.Module, scores: Tensor) -> Iterator[Finding]:
    broken = [name for name, p in network.named_parameters() if not torch.isfinite(p).all()]
    if broken:
        yield Finding(f"weights that are no numbers: {_some(broken)}")
    if not torch.isfinite(scores).all():
        share = (~torch.isfinite(scores)).any(1).float().mean().item()
        yield Finding(f"scores that are no numbers at {share:.1%} of the places")


def _stride(x: Tensor, scores: Tensor) -> Iterator[Finding]:
    down, across = (a / b for a, b in zip(x.shape[2:], scores.shape[2:], strict=True))
    if max(down, across) > 1.01:
        yield Finding(f"scores at stride {down:.3g}: an outline can be off by {down / 2:.2g} pixels", "localization")


def _field(network: nn.Module, x: Tensor, scores: Tensor) -> Iterator[Finding]:
    """The receptive field of the middle, where the network lets itself be spread out."""
    height, width = x.shape[2], x.shape[3]
    mixing = next((path for path, m in network.named_modules() if isinstance(m, nn.GroupNorm | nn.InstanceNorm2d)), "")
    if mixing:
        yield Finding(
            f"receptive field of the middle: everything, as {mixing} normalises over the whole map", "deeplab"
        )
        return
    if any(isinstance(m, nn.LayerNorm | nn.MultiheadAttention) for m in network.modules()):
        return  # what such layers subtract can cancel ways: nothing is claimed
    try:
        with torch.inference_mode(False):  # a copy that is made in it could take part in no gradient
            spread = field.spread_out(copy.deepcopy(network))
        found = field.field_of(own.Own(spread), (height, width), scores.shape[2] // 2, scores.shape[3] // 2)
    except Exception:  # somebody's code may do anything with what it is given; nothing is claimed then
        return
    left, top, right, bottom = found.box
    if found.whole:
        yield Finding(f"receptive field of the middle: all of the {width} x {height} pixels", "deeplab")
    else:
        yield Finding(
            f"receptive field of the middle: {right - left} x {bottom - top} of {width} x {height} pixels",
            "localization",
        )


def checkerboards(network: nn.Module) -> Iterator[Finding]:
    """Transposed convolutions whose kernel is no multiple of their stride: some cells get more products than others."""
    for path, layer in network.named_modules():
        if isinstance(layer, nn.ConvTranspose2d):
            for kernel, stride in zip(layer.kernel_size, layer.stride, strict=True):
                if kernel % stride:
                    yield Finding(
                        f"{path}: kernel {kernel} is no multiple of stride {stride}, checkerboard", "transposed"
                    )
                    break


def dead_maps(network: nn.Module, x: Tensor) -> Iterator[Finding]:
    """Channels behind an activation that are 0 everywhere on this picture."""
    dead: dict[str, tuple[int, int]] = {}

    def watch(path: str) -> Any:
        def hook(_module: nn.Module, _inputs: object, output: Any) -> None:
            if isinstance(output, Tensor) and output.dim() == 4:
                quiet = int((output.abs().amax((0, 2, 3)) == 0).sum())
                dead[path] = (quiet, output.shape[1])

        return hook

    with Hooks() as hooks:
        for path, layer in network.named_modules():
            if isinstance(layer, _RELU):
                hooks.after(layer, watch(path))
        own.run(network, x)
    some = {path: pair for path, pair in dead.items() if pair[0]}
    if some:
        path, (quiet, all_) = max(some.items(), key=lambda item: item[1][0] / item[1][1])
        total, maps = (sum(pair[i] for pair in dead.values()) for i in (0, 1))
        yield Finding(f"dead maps on this picture: {total} of {maps}; most at {path}, {quiet} of {all_}", "unet")


def unseen(network: nn.Module) -> Iterator[Finding]:
    """Batch normalisation that has never seen a batch, or that takes its statistics from the picture itself."""
    norms = [(path, m) for path, m in network.named_modules() if isinstance(m, nn.BatchNorm2d)]
    fresh = [p for p, m in norms if m.running_mean is not None and not m.running_mean.any() and m.track_running_stats]
    live = [path for path, m in norms if m.running_mean is None]
    if fresh:
        yield Finding(f"batch normalisation that has never seen a batch: {len(fresh)} of {len(norms)} layers")
    if live:
        yield Finding(f"batch normalisation by the picture's own statistics: {_some(live)}")


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
