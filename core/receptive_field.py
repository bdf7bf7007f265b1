"""What every cell of every map of a U-shaped network sees of its input, exactly, borders and skip connections included.

:func:`core.arithmetic.receptive_field` is right in the middle of a map and for a plain chain. Here each cell has its
own interval: zeros around a map are nobody's pixels, a 2x2 up-convolution makes two neighbours see the same cell, and
a skip connection adds what it brings. Rows and columns are independent of each other, so all is done along one axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.arithmetic import Layer
from core.errors import N_, SegScopeError


class FieldError(SegScopeError):
    """A network whose layers are not laid out as a U."""


class Node(NamedTuple):
    """A stage of the network along one axis.

    Attributes:
        name: of the stage.
        below: the stage that it reads, or ``"input"``.
        layers: what it does, in order.
        skip: the stage whose map is laid beside the up-convolved map of ``below``; empty on the way down.
    """

    name: str
    below: str
    layers: tuple[Layer, ...]
    skip: str = ""


class Reach(NamedTuple):
    """The cells of a stage along one axis.

    Attributes:
        first, last: input pixels that each cell sees, both inclusive.
        left: where cell 0 lies on the input, in pixels.
        jump: pixels from one cell to the next.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    left: float
    jump: int


def reaches(nodes: Sequence[Node], side: int, real: int = 0) -> dict[str, Reach]:
    """What the cells of every stage see.

    Args:
        nodes: the network, every stage after those that it reads.
        side: pixels of the input.
        real: pixels of the picture in it, if it was filled up behind to ``side``; what was filled in repeats, or
            follows, the last pixel of the picture.

    Raises:
        core.arithmetic.SizeError: a layer does not fit.
    """
    edge = (real or side) - 1
    pixels = tuple(range(side))
    known = {"input": Reach(pixels, pixels, 0.0, 1)}
    for node in nodes:
        below = known[node.below]
        first, last, left, jump = below
        if node.skip:
            skip, jump = known[node.skip], below.jump // 2
            size, offset = 2 * len(below.first), (len(skip.first) - 2 * len(below.first)) // 2
            first = tuple(min(below.first[c // 2], skip.first[c + offset]) for c in range(size))
            last = tuple(max(below.last[c // 2], skip.last[c + offset]) for c in range(size))
            left = skip.left + offset * jump
        for layer in node.layers:
            size = layer.output_size(len(first))
            span, end = layer.effective_kernel - 1, len(first) - 1
            starts = [c * layer.stride - layer.padding for c in range(size)]
            first, last = (
                tuple(first[max(start, 0)] for start in starts),
                tuple(last[min(start + span, end)] for start in starts),
            )
            if layer.stride == 1:
                left += (span / 2 - layer.padding) * jump
            jump *= layer.stride
        known[node.name] = Reach(first, last, left, jump)
    del known["input"]
    return {
        name: reach._replace(
            first=tuple(min(v, edge) for v in reach.first), last=tuple(min(v, edge) for v in reach.last)
        )
        for name, reach in known.items()
    }


DOWN = ("down1", "down2", "down3", "down4", "bottom")
UP = ("up4", "up3", "up2", "up1")


def _climb(padding: int) -> list[Node]:
    pair = tuple(Layer(f"conv{i}", 3, 1, padding) for i in (1, 2))
    return [
        Node(name, below, pair, skip)
        for name, below, skip in zip(UP, ("bottom", *UP), ("down4", "down3", "down2", "down1"), strict=False)
    ]


def plain(padded: bool) -> list[Node]:
    """The paper's U: two 3x3 convolutions in every stage, max pooling before all but the first."""
    pair = tuple(Layer(f"conv{i}", 3, 1, int(padded)) for i in (1, 2))
    pool = Layer("pool", 2, 2)
    down = [
        Node(name, below, pair if below == "input" else (pool, *pair))
        for name, below in zip(DOWN, ("input", *DOWN), strict=False)
    ]
    return [*down, *_climb(int(padded))]


def lite0() -> list[Node]:
    """The U on EfficientNet-Lite0: its stages at strides 2 to 32, and the same path up."""
    from core.models.efficientnet import STAGES

    groups: list[list[Layer]] = [[_same("stem", 3, 2)]]
    for index, stage in enumerate(STAGES):
        if stage.stride == 2:
            groups.append([])
        for repeat in range(stage.repeats):
            groups[-1].append(_same(f"stage {index + 1}", stage.kernel, stage.stride if repeat == 0 else 1))
    if len(groups) != len(DOWN):
        raise FieldError(N_("This encoder does not halve its maps five times."))
    down = [Node(name, below, tuple(group)) for name, below, group in zip(DOWN, ("input", *DOWN), groups, strict=False)]
    return [*down, *_climb(1)]


def _same(name: str, kernel: int, stride: int) -> Layer:
    """TensorFlow's padding on even sides: the odd cell goes behind."""
    total = kernel - stride
    return Layer(name, kernel, stride, total // 2, padding_after=total - total // 2)
