"""AlexNet and VGG16, each with its fully connected head, at full width and slim.

The full-width networks are torchvision's, layer for layer and key for key: ``load_state_dict`` takes the official
checkpoints, and torchvision itself is not needed to build them.
The slim ones keep the topology, the strides and the fully connected head, with fewer channels and BatchNorm.

Every network speaks the protocol of :class:`core.models.convolutionalize.Classifier`: ``features``, ``window``,
``pooling`` and ``head_layers()``. Input everywhere: normalised ``(B, 3, H, W)``, native size 224; output: ``(B,
classes)`` scores before the softmax.

Papers and what differs from them:

- AlexNet: Krizhevsky, Sutskever, Hinton 2012, in the form of Krizhevsky, "One weird trick", 2014, as torchvision has
  it: 64/192/384/256/256 channels, no groups, no local response normalisation, pooling rounds down.
- VGG16: Simonyan, Zisserman 2015, configuration D. No difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from core.errors import N_, SegScopeError

Pooling = Literal["flatten", "average", "windows"]


class ClassifierError(SegScopeError):
    """A picture of a size that a classifier cannot take."""


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
    average is the identity, and :func:`core.models.convolutionalize.rigid_outcome` tells what happens without it.

    Args:
        window: cells per side of the map at the native size.
        least: pixels per side from which on the map has a cell.
    """

    pooling: Pooling = "flatten"
    features: nn.Sequential
    classifier: nn.Sequential

    def __init__(self, window: int, least: int) -> None:
        super().__init__()
        self.window, self.least = window, least
        self.avgpool = nn.AdaptiveAvgPool2d(window)

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the flattening, in order."""
        return list(self.classifier)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W)`` normalised -> ``(B, classes)`` scores.

        Raises:
            ClassifierError: the picture is so small that the poolings leave nothing of it.
        """
        if min(x.shape[-2:]) < self.least:
            raise ClassifierError(
                N_("This network takes sides of {least} pixels or more, not {width} x {height}: enlarge the picture."),
                least=self.least,
                width=x.shape[-1],
                height=x.shape[-2],
            )
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
        super().__init__(window=6, least=63)
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
        super().__init__(window=7, least=32)
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


def alexnet(classes: int = 1000) -> AlexNet:
    """torchvision's AlexNet: its keys, its logits."""
    return AlexNet(classes)


def vgg16(classes: int = 1000) -> VGG16:
    """torchvision's VGG16: its keys, its logits."""
    return VGG16(classes)


def alexnet_slim(classes: int = 21) -> AlexNet:
    """AlexNet with half the channels, 384 values in fc6 and fc7, BatchNorm."""
    return AlexNet(classes, channels=(32, 96, 192, 128, 128), hidden=384, batch_norm=True)


SLIM_VGG16 = (8, 16, 48, 96, 144)
"""Channels of the five blocks of the slim VGG16, and of the slim DeconvNet that mirrors it: an eighth of the paper's in
the blocks with the most pixels, a good quarter in the last."""


def vgg16_slim(classes: int = 21) -> VGG16:
    """VGG16 with the channels of :data:`SLIM_VGG16`, 256 values in fc6 and fc7, BatchNorm."""
    return VGG16(classes, channels=SLIM_VGG16, hidden=256, batch_norm=True)
