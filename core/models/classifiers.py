"""AlexNet, VGG16 and GoogLeNet, each with its fully connected head, at full width and slim.

The full-width networks are torchvision's, layer for layer and key for key: ``load_state_dict`` takes the official
checkpoints (GoogLeNet's through :func:`without_auxiliary`), and torchvision itself is not needed to build them.
The slim ones keep the topology, the strides and the fully connected head, with fewer channels and BatchNorm.

Every network speaks the protocol of :class:`core.convolutionalize.Classifier`: ``features``, ``window``, ``pooling``
and ``head_layers()``. Input everywhere: normalised ``(B, 3, H, W)``, native size 224; output: ``(B, classes)`` scores
before the softmax.

Papers and what differs from them:

- AlexNet: Krizhevsky, Sutskever, Hinton 2012, in the form of Krizhevsky, "One weird trick", 2014, as torchvision has
  it: 64/192/384/256/256 channels, no groups, no local response normalisation, pooling rounds down.
- VGG16: Simonyan, Zisserman 2015, configuration D. No difference.
- GoogLeNet: Szegedy et al. 2015, as torchvision has it: BatchNorm after every convolution, no local response
  normalisation, the "5x5" branch is 3x3, and the two auxiliary heads, which only training uses, are left out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

Pooling = Literal["flatten", "average"]


def _conv_relu(inputs: int, outputs: int, kernel: int, stride: int, padding: int, batch_norm: bool) -> list[nn.Module]:
    """Convolution, BatchNorm if wanted, ReLU. A bias right before BatchNorm is kept: VGG16-BN's checkpoints have it."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride, padding)]
    if batch_norm:
        layers.append(nn.BatchNorm2d(outputs))
    layers.append(nn.ReLU(inplace=True))
    return layers


def _initialise(module: nn.Module) -> None:
    """He's initialisation, with which VGG16 trains without its paper's stagewise start."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 0.01)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


class FlattenClassifier(nn.Module):
    """Features, a map of ``window x window`` cells in a row, three fully connected layers: AlexNet and VGG16.

    For other input sizes torchvision averages the map to ``window x window`` cells first; at the native size that
    average is the identity, and :func:`core.convolutionalize.rigid_scores` shows the network without it.
    """

    pooling: Pooling = "flatten"
    features: nn.Sequential
    classifier: nn.Sequential

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window
        self.avgpool = nn.AdaptiveAvgPool2d(window)

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the flattening, in order."""
        return list(self.classifier)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))  # (B, C, window, window)
        scores: Tensor = self.classifier(torch.flatten(x, 1))  # (B, classes)
        return scores


class AlexNet(FlattenClassifier):
    """Five convolutions, three fully connected layers. 61,100,840 parameters at full width and 1000 classes.

    Args:
        channels: of conv1 to conv5.
        hidden: values in fc6 and fc7.
        batch_norm: after each convolution (not in the paper; the slim network trains from scratch with it).
        dropout: before fc6 and fc7.
    """

    def __init__(
        self,
        classes: int = 1000,
        channels: Sequence[int] = (64, 192, 384, 256, 256),
        hidden: int = 4096,
        batch_norm: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(window=6)
        c1, c2, c3, c4, c5 = channels
        self.features = nn.Sequential(
            *_conv_relu(3, c1, 11, 4, 2, batch_norm),  # (B, c1, 55, 55)
            nn.MaxPool2d(3, 2),
            *_conv_relu(c1, c2, 5, 1, 2, batch_norm),  # (B, c2, 27, 27)
            nn.MaxPool2d(3, 2),
            *_conv_relu(c2, c3, 3, 1, 1, batch_norm),  # (B, c3, 13, 13)
            *_conv_relu(c3, c4, 3, 1, 1, batch_norm),
            *_conv_relu(c4, c5, 3, 1, 1, batch_norm),
            nn.MaxPool2d(3, 2),  # (B, c5, 6, 6)
        )
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(c5 * 6 * 6, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, classes),
        )
        _initialise(self)


class VGG16(FlattenClassifier):
    """Thirteen 3x3 convolutions in five blocks, three fully connected layers. 138,357,544 parameters at full width.

    Args:
        channels: of the five blocks, which have 2, 2, 3, 3 and 3 convolutions.
        hidden: values in fc6 and fc7.
        batch_norm: after each convolution (not in the paper).
        dropout: after fc6 and fc7.
    """

    def __init__(
        self,
        classes: int = 1000,
        channels: Sequence[int] = (64, 128, 256, 512, 512),
        hidden: int = 4096,
        batch_norm: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(window=7)
        layers: list[nn.Module] = []
        inputs = 3
        for outputs, convolutions in zip(channels, (2, 2, 3, 3, 3), strict=True):
            for _ in range(convolutions):
                layers += _conv_relu(inputs, outputs, 3, 1, 1, batch_norm)
                inputs = outputs
            layers.append(nn.MaxPool2d(2, 2))  # (B, outputs, 112 / 56 / 28 / 14 / 7, same)
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(inputs * 7 * 7, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        _initialise(self)


class BasicConv2d(nn.Module):
    """Convolution without bias, BatchNorm, ReLU: GoogLeNet's unit."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu_(self.bn(self.conv(x)))
        return x


class Inception(nn.Module):
    """Four views of the same map, side by side: 1x1; 1x1 then 3x3; 1x1 then "5x5" (3x3 here); pooling then 1x1.

    Args:
        widths: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool projection, the columns of the paper's table 1.
    """

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        one, three_in, three, five_in, five, pool = widths
        self.branch1 = BasicConv2d(inputs, one, 1)
        self.branch2 = nn.Sequential(BasicConv2d(inputs, three_in, 1), BasicConv2d(three_in, three, 3, padding=1))
        self.branch3 = nn.Sequential(BasicConv2d(inputs, five_in, 1), BasicConv2d(five_in, five, 3, padding=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(inputs, pool, 1))
        self.outputs = one + three + five + pool

    def forward(self, x: Tensor) -> Tensor:
        branches = [self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)]
        return torch.cat(branches, 1)  # (B, outputs, h, w)


class ShiftInput(nn.Module):
    """From ImageNet's normalisation to the ``(x - 0.5) / 0.5`` with which GoogLeNet's official weights were trained."""

    def forward(self, x: Tensor) -> Tensor:
        mean, std = x.new_tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).view(2, 3, 1, 1)
        shifted: Tensor = x * (std / 0.5) + (mean - 0.5) / 0.5
        return shifted


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
"""Table 1 of Szegedy et al. 2015."""


class GoogLeNet(nn.Module):
    """Nine inception modules, a global average, one linear layer. 6,624,904 parameters at full width, 1000 classes.

    Args:
        divisor: every width of the paper's table 1 is divided by it; 1 is full width.
        shift_input: apply :class:`ShiftInput` first: for the official weights on input with ImageNet's normalisation.
            Without it those weights want pixels as ``(x - 0.5) / 0.5``.
        dropout: before the linear layer (torchvision 0.2; the paper 0.4).
    """

    pooling: Pooling = "average"
    window = 7

    def __init__(self, classes: int = 1000, divisor: int = 1, shift_input: bool = False, dropout: float = 0.2) -> None:
        super().__init__()
        stem, third = 64 // divisor, 192 // divisor
        self.shift_input = shift_input
        self.conv1 = BasicConv2d(3, stem, 7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = BasicConv2d(stem, stem, 1)
        self.conv3 = BasicConv2d(stem, third, 3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, 2, ceil_mode=True)  # (B, 192, 28, 28)
        channels = third
        for name, widths in INCEPTIONS.items():
            module = Inception(channels, [width // divisor for width in widths])
            self.add_module(f"inception{name}", module)
            channels = module.outputs
            if name == "3b":
                self.maxpool3 = nn.MaxPool2d(3, 2, ceil_mode=True)  # (B, 480, 14, 14)
            elif name == "4e":
                self.maxpool4 = nn.MaxPool2d(2, 2, ceil_mode=True)  # (B, 832, 7, 7)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(channels, classes)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(layer.weight, 0, 0.01, -2, 2)

    @property
    def features(self) -> nn.Sequential:
        """Everything in front of the global average, in order: a view that shares modules and mode."""
        layers = [(name, layer) for name, layer in self.named_children() if name not in ("avgpool", "dropout", "fc")]
        if self.shift_input:
            layers.insert(0, ("shift", ShiftInput()))
        view = nn.Sequential(OrderedDict(layers))
        view.training = self.training  # a new Sequential would claim to be training, and its user would believe it
        return view

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the global average, in order."""
        return [self.dropout, self.fc]

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))  # (B, C, 1, 1)
        scores: Tensor = self.fc(self.dropout(torch.flatten(x, 1)))  # (B, classes)
        return scores


def without_auxiliary(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """An official checkpoint without GoogLeNet's two auxiliary heads; others pass unchanged."""
    return {key: value for key, value in state.items() if not key.startswith(("aux1.", "aux2."))}


def alexnet(classes: int = 1000) -> AlexNet:
    """torchvision's AlexNet: its keys, its logits."""
    return AlexNet(classes)


def vgg16(classes: int = 1000) -> VGG16:
    """torchvision's VGG16: its keys, its logits."""
    return VGG16(classes)


def googlenet(classes: int = 1000, shift_input: bool = False) -> GoogLeNet:
    """torchvision's GoogLeNet without auxiliary heads: its keys and logits; ``shift_input`` is its transform_input."""
    return GoogLeNet(classes, shift_input=shift_input)


def alexnet_slim(classes: int = 21) -> AlexNet:
    """AlexNet with half the channels, 384 values in fc6 and fc7, BatchNorm."""
    return AlexNet(classes, channels=(32, 96, 192, 128, 128), hidden=384, batch_norm=True)


SLIM_VGG16 = (8, 16, 48, 96, 144)
"""Channels of the five blocks of the slim VGG16, and of the slim DeconvNet that mirrors it: an eighth of the paper's in
the blocks with the most pixels, a good quarter in the last."""


def vgg16_slim(classes: int = 21) -> VGG16:
    """VGG16 with the channels of :data:`SLIM_VGG16`, 256 values in fc6 and fc7, BatchNorm."""
    return VGG16(classes, channels=SLIM_VGG16, hidden=256, batch_norm=True)


def googlenet_slim(classes: int = 21) -> GoogLeNet:
    """GoogLeNet with half the channels."""
    return GoogLeNet(classes, divisor=2)
