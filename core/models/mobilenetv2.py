"""MobileNetV2: the encoder that the compared segmentation networks share, already taught to segment.

Source: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (CVPR 2018),
table 2 and section 6.3, with the weights that the DeepLab authors released for it: ImageNet, MS-COCO and PASCAL VOC
2012 trainaug. Batch normalisation is folded into the convolutions, which therefore have biases. 1,795,936 parameters.

Four things decide whether published weights give published answers, and all four are settled here:

* **Input.** ``(pixel - 128) / 128`` per channel, RGB.
* **Padding** is as wide as the atrous rate, on all four sides.
* **Sides are 32 n + 1 pixels.** Then every stride meets an odd side, cell ``i`` of a map stands *at* pixel
  ``i x stride``, the last cell at the last pixel, and enlarging aligns the corners. :class:`core.models.shared` extends
  a picture to such a side. Another geometry costs 0.03 to 0.06 of the released network's mIoU.
* **Output stride**: a stage whose stride is taken away runs at stride 1, and every *later* layer samples with the lost
  stride as its atrous rate. The released network stands at 16. On those sides the coarse map is exactly the fine one
  read at every second place, ``fine[..., ::2, ::2]``: dilation changes how densely the network looks, not what it sees.

The last layer of a block is linear and its values are large, up to about 58. :meth:`MobileNetV2.forward_features`
hands them on in their own units: less the mean over training photos, divided by the standard deviation, channel by
channel, so that no decoder needs to learn the scale of what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.maths.arithmetic import Layer
from core.models.dilation import strides_and_rates

PYRAMID_CHANNELS = (16, 24, 32, 96, 320)
"""Of the last map at strides 2, 4, 8, 16 and 32."""
STRIDES = (2, 4, 8, 16, 32)
"""Of those maps, where the output stride is 32."""


class Stage(NamedTuple):
    """One row of the paper's table 2: ``repeats`` blocks, of which only the first has ``stride``."""

    expansion: int
    channels: int
    repeats: int
    stride: int


STEM_CHANNELS = 32
STAGES = (
    Stage(1, 16, 1, 1),
    Stage(6, 24, 2, 2),
    Stage(6, 32, 3, 2),
    Stage(6, 64, 4, 2),
    Stage(6, 96, 3, 1),
    Stage(6, 160, 3, 2),
    Stage(6, 320, 1, 1),
)
PYRAMID_STAGES = (0, 1, 2, 4, 6)
"""Indices in :data:`STAGES` of the last stage at each stride."""


def layers(blocks: int) -> Iterator[Layer]:
    """The stem and the first ``blocks`` blocks along one axis, at output stride 32; 1x1 convolutions reach nowhere."""
    yield Layer("stem", 3, 2, 1)
    strides = [stage.stride if repeat == 0 else 1 for stage in STAGES for repeat in range(stage.repeats)]
    for index, stride in enumerate(strides[:blocks], start=1):
        yield Layer(f"block {index}", 3, stride, 1)


class ConvReLU6(nn.Sequential):
    """A convolution that keeps the size (but for its stride) and ReLU6; batch normalisation is folded in."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups)
        self.act = nn.ReLU6(inplace=True)


class InvertedResidual(nn.Module):
    """Widen by 1x1, filter each channel alone, narrow by 1x1 without activation; add the input where shapes agree."""

    def __init__(self, inputs: int, stage: Stage) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.expand = ConvReLU6(inputs, wide, 1) if stage.expansion > 1 else nn.Identity()
        self.depthwise = ConvReLU6(wide, wide, 3, stage.stride, groups=wide)
        self.project = nn.Conv2d(wide, stage.channels, 1)
        self.residual = stage.stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, channels, ceil(H / stride), ceil(W / stride))."""
        y = self.depthwise(self.expand(x))  # (B, expansion x inputs, ceil(H / stride), ceil(W / stride))
        y = self.project(y)  # (B, channels, ceil(H / stride), ceil(W / stride))
        return x + y if self.residual else y


class Standard(nn.Module):
    """A map in its own units: ``(x - mean) / deviation``, channel by channel. Both are measured once, then fixed."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        return (x - self.mean[:, None, None]) / self.deviation[:, None, None]


class MobileNetV2(nn.Module):
    """The stem and the seven stages; an encoder for segmentation.

    Args:
        output_stride: 16 (as released), 8 or 32: how many input pixels lie between two cells of the last map.

    Raises:
        ValueError: for another output stride.
    """

    def __init__(self, output_stride: int = 16) -> None:
        super().__init__()
        self.stem = ConvReLU6(3, STEM_CHANNELS, 3, stride=2)
        self.stages = nn.ModuleList()
        channels = STEM_CHANNELS
        for stage in STAGES:
            blocks = []
            for repeat in range(stage.repeats):
                blocks.append(InvertedResidual(channels, stage if repeat == 0 else stage._replace(stride=1)))
                channels = stage.channels
            self.stages.append(nn.Sequential(*blocks))
        self.standards = nn.ModuleList(Standard(channels) for channels in PYRAMID_CHANNELS)
        self.set_output_stride(output_stride)

    def set_output_stride(self, output_stride: int) -> None:
        """Trade strides for atrous rates, or back, in place; the weights stay as they are.

        Raises:
            ValueError: for an output stride other than 8, 16 and 32.
        """
        plan = strides_and_rates([(stage.stride, stage.repeats) for stage in STAGES], output_stride)
        self.output_stride = output_stride
        for block, (stride, rate) in zip(self.blocks(), plan, strict=True):
            convolution = block.depthwise.conv
            convolution.stride = (stride, stride)
            convolution.dilation = convolution.padding = (rate, rate)

    def blocks(self) -> Iterator[InvertedResidual]:
        """The seventeen inverted residuals in order."""
        for module in self.stages.modules():
            if isinstance(module, InvertedResidual):
                yield module

    def forward_features(self, x: Tensor) -> list[Tensor]:
        """The pyramid of a normalised picture: the last map at each stride, each in its own units.

        Args:
            x: (B, 3, H, W), ``(pixel - 128) / 128``; sides of 32 n + 1 put the cells where they are meant to stand.

        Returns:
            Five maps with :data:`PYRAMID_CHANNELS`, at strides 2, 4, 8, 16 and 32, of which none is coarser than the
            output stride.
        """
        x = self.stem(x)  # (B, 32, H/2, W/2)
        pyramid: list[Tensor] = []
        for index, stage in enumerate(self.stages):
            x = stage(x)  # (B, channels of the stage, H/2 ... H/32, W/2 ... W/32)
            if index in PYRAMID_STAGES:
                pyramid.append(self.standards[len(pyramid)](x))
        return pyramid  # 16 at H/2, 24 at H/4, 32 at H/8, 96 at H/16, 320 at H/32

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, 320, H/os, W/os)."""
        return self.forward_features(x)[-1]  # (B, 320, H/os, W/os)
