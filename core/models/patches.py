"""Patch classifiers: what stands at the middle of a window, said from that window alone.

Before fully convolutional networks, a pixel's class was asked of a classifier that saw the patch around it (Ciresan et
al., "Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images", NIPS 2012, the sliding window of
U-Net's introduction). A larger patch gives more context, and needs more pooling, which blurs places.

Here are four that differ in the size of their window only: EfficientNet-Lite0, cut off after 4, 5, 7 or 9 of its
blocks, of which the later ones have learned on photos with masks, and a head of two 1x1 convolutions. An output cell
depends on a window of 35, 67, 115 or 211 pixels and on nothing else; read at every place at once, as
:class:`PatchNet` does, that is the sliding window at the network's stride, without its price.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from core.maths.arithmetic import Field, Layer, receptive_field
from core.models.efficientnet import STAGES, EfficientNetLite0
from core.models.shared import VOC_CLASSES, ConvNormReLU

HIDDEN = 128


class Cut(NamedTuple):
    """Where the encoder ends: after ``blocks`` inverted bottlenecks, with ``channels`` at ``stride``."""

    blocks: int
    channels: int
    stride: int


CUTS = {35: Cut(4, 40, 8), 67: Cut(5, 40, 8), 115: Cut(7, 80, 16), 211: Cut(9, 112, 16)}
"""By the side of the window in pixels, :func:`window`."""


def layers(blocks: int) -> Iterator[Layer]:
    """The encoder's first layers along one axis; TensorFlow's padding puts the odd cell behind."""
    yield Layer("stem", 3, 2, 0, padding_after=1)
    shapes = ((stage, repeat) for stage in STAGES for repeat in range(stage.repeats))
    for index, (stage, repeat) in enumerate(islice(shapes, blocks), start=1):
        stride = stage.stride if repeat == 0 else 1
        total = stage.kernel - stride
        yield Layer(f"block {index}", stage.kernel, stride, total // 2, padding_after=total - total // 2)


def window(cut: Cut) -> Field:
    """What one output cell of the encoder sees: size, stride and start, in pixels."""
    return receptive_field(layers(cut.blocks))


class PatchNet(nn.Module):
    """The encoder's first blocks and a head.

    Args:
        cut: where the encoder ends.
        classes: of the answer.
    """

    def __init__(self, cut: Cut, classes: int = VOC_CLASSES) -> None:
        super().__init__()
        whole = EfficientNetLite0(32)
        self.cut, self.stem = cut, whole.stem
        self.blocks = nn.Sequential(*islice(whole.blocks(), cut.blocks))
        self.head = nn.Sequential(ConvNormReLU(cut.channels, HIDDEN, 1), nn.Conv2d(HIDDEN, classes, 1))
        field = window(cut)
        self.shift = field.start + field.size // 2 - (cut.stride // 2 - 1)
        """Pixels by which the windows' centres lie too far to the right and below."""

    @property
    def centre(self) -> int:
        """Row, or column, of the pixel in the middle of the first cell's window; the next are ``stride`` further."""
        return self.cut.stride // 2 - 1

    def moved(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) with sides filled up to multiples of the stride, and moved right and down.

        So the middle of a cell's window becomes the middle of its square of the picture. Beyond the picture is the
        mean colour.
        """
        height, width = x.shape[-2:]
        rows, columns = (-(-side // self.cut.stride) * self.cut.stride - side for side in (height, width))
        padding = (self.shift, columns - self.shift, self.shift, rows - self.shift)
        return F.pad(x, padding)  # (B, 3, stride x ceil(H / stride), stride x ceil(W / stride))

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, channels, ceil(H / stride), ceil(W / stride))."""
        x = self.stem(self.moved(x))  # (B, 32, ceil(H / 2), ceil(W / 2))
        seen: Tensor = self.blocks(x)  # (B, channels, ceil(H / stride), ceil(W / stride))
        return seen

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, classes, ceil(H / stride), ceil(W / stride)) scores, one window for each cell."""
        scores: Tensor = self.head(self.features(x))  # (B, classes, ceil(H / stride), ceil(W / stride))
        return scores


def patch_net(size: int) -> PatchNet:
    """The patch classifier with windows of ``size`` pixels, one of :data:`CUTS`."""
    return PatchNet(CUTS[size])
