"""Sizes and receptive fields of convolution, pooling and transposed convolution, in exact integers.

Nothing here needs PyTorch, which is the oracle that the tests compare with. Sizes are cells along one axis.
Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, relations 1 to 15.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from core.errors import N_, SegScopeError


class SizeError(SegScopeError):
    """A combination of sizes that no layer can have; the sentence says which and why."""


@dataclass(frozen=True)
class Layer:
    """One layer as far as positions are concerned, along one axis.

    Attributes:
        name: what the layer is called on screen, for example ``conv1``.
        kernel: window length in cells, at least 1.
        stride: step of the window in cells, at least 1.
        padding: cells added on the left.
        dilation: distance between neighbouring taps (the *atrous rate*), at least 1.
        padding_after: cells added on the right; the same as ``padding`` unless given.
        ceil: whether a last, incomplete window counts (Caffe's pooling) or not (PyTorch's default).
    """

    name: str
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    padding_after: int | None = None
    ceil: bool = False

    @property
    def effective_kernel(self) -> int:
        """Span of the dilated window: ``k + (k - 1)(d - 1)`` cells."""
        return self.kernel + (self.kernel - 1) * (self.dilation - 1)

    @property
    def total_padding(self) -> int:
        """Cells added on both sides together."""
        return self.padding + (self.padding if self.padding_after is None else self.padding_after)

    def output_size(self, size: int) -> int:
        """Cells that come out for ``size`` cells in; raises where PyTorch does: the window must fit once.

        ``floor((i + p_before + p_after - k_eff) / s) + 1``. With ``ceil``, which only pooling has, the last window may
        hang over the end, but must start inside the input or its left padding, as in Caffe and PyTorch; so a window may
        be up to ``s - 1`` cells too large for the whole input. Padding of more than half the window is refused there,
        as PyTorch's pooling does.
        """
        _check_settings(self.kernel, self.stride, min(self.padding, self.padding_after or 0), self.dilation)
        if self.ceil and max(self.padding, self.padding_after or 0) * 2 > self.kernel:
            raise SizeError(
                N_("{name} pads with {padding} cells, more than half of its window of {kernel}: lower the padding."),
                name=self.name,
                padding=max(self.padding, self.padding_after or 0),
                kernel=self.kernel,
            )
        over = self.stride - 1 if self.ceil else 0
        room = size + self.total_padding - self.effective_kernel + over
        if size < 1 or room < 0:
            raise SizeError(
                N_("{name} needs an input of at least {least} cells, not {size}: enlarge the picture."),
                name=self.name,
                least=max(1, self.effective_kernel - self.total_padding - over),
                size=size,
            )
        steps = room // self.stride
        if self.ceil and steps * self.stride >= size + self.padding:
            steps -= 1
        return steps + 1


def _check_settings(kernel: int, stride: int, padding: int, dilation: int) -> None:
    """Refuse what no layer can have, whatever the size of its input."""
    if min(kernel, stride, dilation) < 1 or padding < 0:
        raise SizeError(N_("Kernel, stride and dilation are at least 1, and padding at least 0: raise them."))


class Step(NamedTuple):
    """One line of a size table: the layer, cells in, cells out."""

    layer: Layer
    size_in: int
    size_out: int


def trace_sizes(layers: Iterable[Layer], size: int) -> list[Step]:
    """The size before and after every layer, for an input of ``size`` cells."""
    steps = []
    for layer in layers:
        out = layer.output_size(size)
        steps.append(Step(layer, size, out))
        size = out
    return steps


def output_size(layers: Iterable[Layer], size: int) -> int:
    """Cells that leave the last of ``layers`` for an input of ``size`` cells."""
    for layer in layers:
        size = layer.output_size(size)
    return size


class Field(NamedTuple):
    """What one output cell sees along one axis.

    Attributes:
        size: receptive field in input cells.
        jump: input cells between the fields of neighbouring output cells (the total stride).
        start: first input cell seen by output cell 0; negative when it lies in the padding.
    """

    size: int
    jump: int
    start: int


def receptive_field(layers: Iterable[Layer]) -> Field:
    """Receptive field of a chain of layers: ``r += (k - 1) d j``, ``start -= p j``, ``j *= s``, from ``r = j = 1``."""
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += (layer.effective_kernel - 1) * jump
        start -= layer.padding * jump
        jump *= layer.stride
    return Field(size, jump, start)


def transposed_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> int:
    """Cells that leave a transposed convolution, as PyTorch counts: ``(i-1)s - 2p + d(k-1) + output_padding + 1``.

    Raises:
        SizeError: PyTorch refuses it too, or would return an empty map, as it does for some of those in two dimensions.
    """
    _check_settings(kernel, stride, min(padding, output_padding), dilation)
    if size < 1:
        raise SizeError(N_("A transposed convolution needs at least one cell: enlarge its input."))
    if output_padding >= max(stride, dilation):
        raise SizeError(N_("Output padding must be smaller than stride or dilation: lower it."))
    out = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1
    if out < 1:
        raise SizeError(N_("The padding removes the whole output: lower it or enlarge the kernel."))
    return out


def _alexnet(first_padding: int, ceil: bool) -> tuple[Layer, ...]:
    return (
        Layer("conv1", 11, 4, first_padding),
        Layer("pool1", 3, 2, ceil=ceil),
        Layer("conv2", 5, 1, 2),
        Layer("pool2", 3, 2, ceil=ceil),
        Layer("conv3", 3, 1, 1),
        Layer("conv4", 3, 1, 1),
        Layer("conv5", 3, 1, 1),
        Layer("pool5", 3, 2, ceil=ceil),
        Layer("fc6", 6),
    )


CAFFENET = _alexnet(first_padding=0, ceil=True)
"""AlexNet as Caffe ran it for the FCN paper: 227 -> 1 and, because its pooling rounds up, 500 -> 10."""

TORCHVISION_ALEXNET = _alexnet(first_padding=2, ceil=False)
"""AlexNet as torchvision defines it: 224 -> 1 and, because its pooling rounds down, 500 -> 9."""

VGG16 = (
    *(
        layer
        for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1)
        for layer in (
            *(Layer(f"conv{block}_{i}", 3, 1, 1) for i in range(1, convolutions + 1)),
            Layer(f"pool{block}", 2, 2),
        )
    ),
    Layer("fc6", 7),
)
"""VGG16 up to fc6: 224 -> 1, one more cell every 32 pixels."""

GOOGLENET = (
    Layer("conv1", 7, 2, 3),
    Layer("pool1", 3, 2, ceil=True),
    Layer("conv2", 3, 1, 1),
    Layer("pool2", 3, 2, ceil=True),
    *(Layer(f"inception 3{module}", 5, 1, 2) for module in "ab"),
    Layer("pool3", 3, 2, ceil=True),
    *(Layer(f"inception 4{module}", 5, 1, 2) for module in "abcde"),
    Layer("pool4", 3, 2, ceil=True),
    *(Layer(f"inception 5{module}", 5, 1, 2) for module in "ab"),
    Layer("average", 7),
)
"""GoogLeNet up to its average, as published: 224 -> 1, one more cell every 32 pixels. An inception module counts with
its 5x5 branch, which sees furthest; none of them changes the size."""

EFFICIENTNET_LITE0 = (
    Layer("stem", 3, 2, 0, padding_after=1),
    Layer("stage 2", 3, 2, 0, padding_after=1),
    Layer("stage 3", 5, 2, 1, padding_after=2),
    Layer("stage 4", 3, 2, 0, padding_after=1),
    Layer("stage 6", 5, 2, 1, padding_after=2),
    Layer("average", 7),
)
"""The layers of EfficientNet-Lite0 that change the size, for sides that are multiples of 32 (TensorFlow's padding)."""

_MOBILENETV2 = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
"""Maps, blocks and the stride of the first block of each stage: the paper's table 2."""


def mobilenetv2(output_stride: int = 16) -> tuple[Layer, ...]:
    """The 3x3 layers of MobileNetV2, one for each block: a stride beyond the output stride becomes an atrous rate."""
    layers, reached, rate = [Layer("stem", 3, 2, 1)], 2, 1
    for maps, blocks, wanted in _MOBILENETV2:
        for block in range(blocks):
            step = wanted if block == 0 else 1
            stride = step if reached * step <= output_stride else 1
            layers.append(Layer(f"{maps} maps, block {block + 1}", 3, stride, rate, rate))
            reached *= stride
            rate *= step // stride
    return tuple(layers)


CHAINS: dict[str, tuple[Layer, ...]] = {
    "alexnet": TORCHVISION_ALEXNET,
    "vgg16": VGG16,
    "googlenet": GOOGLENET,
    "efficientnet-lite0": EFFICIENTNET_LITE0,
}
"""From input to grid: each classifier's chain by registry name; its last layer is the window of the converted head."""


def resizing_steps(layers: Iterable[Layer], size: int) -> list[Step]:
    """The steps of :func:`trace_sizes` that change the size."""
    return [step for step in trace_sizes(layers, size) if step.size_in != step.size_out]


def grid_size(side: int, native: int = 224, stride: int = 32) -> int:
    """Cells along one axis of a converted classifier: ``floor((side - native) / stride) + 1``, 0 below ``native``."""
    return max(0, (side - native) // stride + 1)


def first_refused_side(layers: tuple[Layer, ...], native: int = 224) -> int:
    """The smallest side above ``native`` whose feature map no longer fits the fully connected layer's window."""
    side = native
    while output_size(layers, side) == 1:
        side += 1
    return side
