"""GoogLeNet as published: Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, figure 3 and table 1.

Its details are those of the authors' network as Caffe replicated it (BVLC GoogLeNet), whose weights are bundled: true
5x5 convolutions, local response normalisation, no batch normalisation, pooling that rounds up. What differs: the two
auxiliary classifiers, which serve training only, are left out.

Input: RGB from 0 to 255 minus (123, 117, 104), ``(B, 3, H, W)``, native size 224; output: ``(B, 1000)`` scores before
the softmax. Caffe reads pictures as BGR: the conversion (:mod:`core.training.convert`) turns the input channels of the
first convolution round once, so that this network takes RGB like every other one.

Speaks the protocol of :class:`core.models.convolutionalize.Classifier`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.errors import N_
from core.models.classifiers import ClassifierError, Pooling

INCEPTIONS: dict[str, tuple[int, ...]] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Maps in each module, the columns of table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool projection."""


class LocalResponseNorm(nn.Module):
    """Each value over a power of what its neighbours among the maps have at the same place.

    ``y_c = x_c (1 + alpha / 5 * sum_{|d| <= 2} x_{c+d}^2) ^ -beta``, alpha 1e-4, beta 0.75, channels outside counting
    as 0: section 3.3 of Krizhevsky et al., NIPS 2012, with Caffe's division by the number of neighbours. Equal to
    ``torch.nn.LocalResponseNorm(5)`` up to rounding, and four times as fast on a CPU.
    """

    alpha, beta, size = 1e-4, 0.75, 5

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        squares = x.square()
        total = squares.clone()
        for away in range(1, self.size // 2 + 1):
            total[:, away:] += squares[:, :-away]
            total[:, :-away] += squares[:, away:]
        return x * total.mul_(self.alpha / self.size).add_(1).pow_(-self.beta)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution padded to keep the size (at stride 1), and ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2), nn.ReLU(inplace=True))


def _halve() -> nn.MaxPool2d:
    """Caffe's pooling: 3x3, stride 2, no padding; a last window that hangs over the edge counts."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class Inception(nn.Module):
    """Four views of the same map side by side: 1x1; 1x1 then 3x3; 1x1 then 5x5; pooling then 1x1. Figure 2 (b).

    Args:
        widths: a line of :data:`INCEPTIONS`.
    """

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        one, three_in, three, five_in, five, pool = widths
        self.one = _conv(inputs, one, 1)
        self.three = nn.Sequential(_conv(inputs, three_in, 1), _conv(three_in, three, 3))
        self.five = nn.Sequential(_conv(inputs, five_in, 1), _conv(five_in, five, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), _conv(inputs, pool, 1))
        self.outputs = one + three + five + pool

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)  # (B, outputs, h, w)


class GoogLeNet(nn.Module):
    """Nine inception modules, an average over 7x7 places, one linear layer. 6,998,552 parameters with 1000 classes.

    The average has stride 1, as in table 1: at 224 pixels the map has 7x7 places and one vector comes out. A larger
    map has several windows, and their vectors do not fit the linear layer (torchvision's GoogLeNet averages over the
    whole map instead and takes any size).

    Args:
        divisor: every width but that of the classes is divided by it, for tests.
    """

    pooling: Pooling = "windows"
    window = 7
    sides = range(223, 255)
    """Heights and widths in pixels that leave 7 cells: the stem's convolution halves and rounds up, four poolings halve
    and round down."""

    def __init__(self, classes: int = 1000, divisor: int = 1) -> None:
        super().__init__()
        stem, third = 64 // divisor, 192 // divisor
        layers: list[tuple[str, nn.Module]] = [
            ("conv1", _conv(3, stem, 7, 2)),  # (B, 64, 112, 112)
            ("pool1", _halve()),  # (B, 64, 56, 56)
            ("norm1", LocalResponseNorm()),
            ("conv2_reduce", _conv(stem, stem, 1)),
            ("conv2", _conv(stem, third, 3)),  # (B, 192, 56, 56)
            ("norm2", LocalResponseNorm()),
            ("pool2", _halve()),  # (B, 192, 28, 28)
        ]
        channels = third
        for name, widths in INCEPTIONS.items():
            module = Inception(channels, [width // divisor for width in widths])
            layers.append((f"inception_{name}", module))
            channels = module.outputs
            if name in ("3b", "4e"):
                layers.append((f"pool{name[0]}", _halve()))  # (B, 480, 14, 14), (B, 832, 7, 7)
        self.features = nn.Sequential(OrderedDict(layers))  # (B, 1024, 7, 7)
        self.avgpool = nn.AvgPool2d(self.window, stride=1)
        self.dropout = nn.Dropout(0.4)
        self.classifier = nn.Linear(channels, classes)

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the average, in order."""
        return [self.dropout, self.classifier]

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W)``, both sides in :attr:`sides` -> ``(B, classes)`` scores.

        Raises:
            ClassifierError: the map would have no window or several.
        """
        if any(side not in self.sides for side in x.shape[-2:]):
            raise ClassifierError(
                N_("GoogLeNet takes sides of {least} to {most} pixels, not {width} x {height}: resize the picture."),
                least=self.sides[0],
                most=self.sides[-1],
                width=x.shape[-1],
                height=x.shape[-2],
            )
        x = self.features(x)  # (B, 1024, 7, 7)
        x = self.avgpool(x)  # (B, 1024, 1, 1)
        scores: Tensor = self.classifier(self.dropout(torch.flatten(x, 1)))  # (B, classes)
        return scores


def googlenet(classes: int = 1000) -> GoogLeNet:
    """The published network, its kernels laid out with the channels last, as its maps are then: its thirteen poolings
    take half of the time otherwise."""
    return GoogLeNet(classes).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
