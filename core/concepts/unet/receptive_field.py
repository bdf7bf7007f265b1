"""What every cell of every map of a U-shaped network sees of its input, exactly, borders and skip connections included.

:func:`core.maths.arithmetic.receptive_field` is right in the middle of a map and for a plain chain. Here each cell has
its own interval: zeros around a map are nobody's pixels, a 2x2 up-convolution makes two neighbours see the same cell,
and a skip connection adds what it brings. Rows and columns are independent of each other, so all is done along one
axis.

Of the map from the way down and the up-convolved one, the larger is cropped to the smaller: without padding that is the
former, all around; on the shared encoder, whose sides go from n + 1 to 2 n + 1, the latter loses its last cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.errors import N_, SegScopeError
from core.maths import arithmetic
from core.maths.arithmetic import Layer


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
        left: where cell 0 begins on the input, in pixels, if a cell is as wide as the jump: its middle, at
            ``left + jump / 2``, is where the cell stands. Below 0 where that is nearer to the border than half a jump.
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
        core.maths.arithmetic.SizeError: a layer does not fit.
    """
    edge = (real or side) - 1
    pixels = tuple(range(side))
    known = {"input": Reach(pixels, pixels, 0.0, 1)}
    for node in nodes:
        below = known[node.below]
        first, last, left, jump = below
        if node.skip:
            skip, jump = known[node.skip], below.jump // 2
            size = min(2 * len(below.first), len(skip.first))
            cut, offset = (2 * len(below.first) - size) // 2, (len(skip.first) - size) // 2
            first = tuple(min(below.first[(c + cut) // 2], skip.first[c + offset]) for c in range(size))
            last = tuple(max(below.last[(c + cut) // 2], skip.last[c + offset]) for c in range(size))
            left = skip.left + offset * jump
        for layer in node.layers:
            size = layer.output_size(len(first))
            span, end = layer.effective_kernel - 1, len(first) - 1
            starts = [c * layer.stride - layer.padding for c in range(size)]
            first, last = (
                tuple(first[max(start, 0)] for start in starts),
                tuple(last[min(start + span, end)] for start in starts),
            )
            left += ((span + 1 - layer.stride) / 2 - layer.padding) * jump  # the middle of what cell 0 reads
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


def mobilenetv2() -> list[Node]:
    """The U on the shared encoder at output stride 32: its blocks at strides 2 to 32, two convolutions, the path up.

    Only a block's depthwise 3x3 convolution looks at neighbours; what the 1x1 convolutions and the sum around a block
    read lies in its middle.

    Raises:
        FieldError: the encoder's strides are not those of a U.
    """
    groups: list[list[Layer]] = []
    for layer in arithmetic.mobilenetv2(32):
        if layer.stride == 2:
            groups.append([])
        groups[-1].append(layer)
    if len(groups) != len(DOWN):
        raise FieldError(N_("This encoder does not halve its maps five times."))
    groups[-1] += [Layer(f"conv{i}", 3, 1, 1) for i in (1, 2)]
    down = [Node(name, below, tuple(group)) for name, below, group in zip(DOWN, ("input", *DOWN), groups, strict=False)]
    return [*down, *_climb(1)]
