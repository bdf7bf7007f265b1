"""From a classifier to a network that answers at every position, without changing a single weight.

A fully connected layer on a ``C x k x k`` feature map computes ``y_o = sum_{c,u,v} W[o, (c, u, v)] f[c, u, v]``: one
weight for every value *at every place*. Read the row ``W[o]`` as a kernel of shape ``C x k x k`` and the same sum is
one output of a convolution. On a larger map the kernel simply has more places to stand, so that one vector of scores
becomes a grid of them. Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015,
section 3.1 and figure 2.

Only the *first* fully connected layer becomes a ``k x k`` convolution; those behind it see one position and become
1x1. Networks that end in an average (GoogLeNet, EfficientNet) get the average over the same window at every place, and
their one linear layer becomes 1x1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import N_, SegScopeError


class SurgeryError(SegScopeError):
    """A classifier whose head cannot be read as convolutions."""


class Classifier(Protocol):
    """What a network offers to be converted."""

    features: nn.Module
    """``(B, 3, H, W) -> (B, C, h, w)``, any size that the layers allow."""
    window: int
    """Cells per side of the feature map at the native input size: 6 for AlexNet, 7 for the others."""
    pooling: Literal["flatten", "average", "windows"]
    """How the map becomes a vector: all its values in a row (AlexNet, VGG16), their mean over all positions
    (EfficientNet), or the means over every window of ``window x window`` positions in a row (GoogLeNet)."""

    def head_layers(self) -> Sequence[nn.Module]:
        """The layers behind the pooling, in order: ``Linear``, activations, ``Dropout``."""
        ...


def linear_to_conv(linear: nn.Linear, size: int = 1) -> nn.Conv2d:
    """The convolution with ``linear``'s own weights, folded to ``size x size``.

    Args:
        linear: layer on a vector that was flattened from ``(C, size, size)`` (channel first, as ``torch.flatten``).
        size: side of that map; 1 for a layer that follows another fully connected layer.

    Returns:
        ``Conv2d(C, out_features, size)``. Its parameters *are* the linear layer's, seen in another shape: nothing is
        copied, and no memory is used for AlexNet's 37.7 million values.
    """
    channels, rest = divmod(linear.in_features, size * size)
    if rest:
        raise SurgeryError(
            N_("{features} values cannot be folded into kernels of {size} x {size}: choose another kernel size."),
            features=linear.in_features,
            size=size,
        )
    # skip_init on the meta device: the layer is a frame for weights that exist already
    conv = nn.Conv2d(channels, linear.out_features, size, bias=linear.bias is not None, device="meta")
    conv.weight = nn.Parameter(
        linear.weight.detach().view(linear.out_features, channels, size, size), linear.weight.requires_grad
    )
    if linear.bias is not None:
        conv.bias = nn.Parameter(linear.bias.detach(), linear.bias.requires_grad)
    return conv


def fold_row(linear: nn.Linear, row: int, size: int) -> Tensor:
    """Row ``row`` of a weight matrix as the kernel it becomes: ``(C, size, size)``, the values themselves."""
    return linear.weight.detach()[row].view(-1, size, size)


def _converted(layers: Iterable[nn.Module], first_size: int) -> list[nn.Module]:
    """The head as 1x1 convolutions, its first linear layer as ``first_size x first_size``."""
    out: list[nn.Module] = []
    size = first_size
    for layer in layers:
        if isinstance(layer, nn.Linear):
            out.append(linear_to_conv(layer, size))
            size = 1
        elif isinstance(layer, (nn.ReLU, nn.ReLU6, nn.Dropout, nn.Identity)):
            out.append(layer)  # acts on every value alike, so it needs no change
        else:
            raise SurgeryError(
                N_("A head with a layer of type {layer} cannot be converted: only linear layers can."),
                layer=type(layer).__name__,
            )
    return out


class FullyConvolutional(nn.Module):
    """A classifier read as convolutions: ``(B, 3, H, W) -> (B, classes, rows, columns)`` of scores.

    Shares all parameters and the mode of the classifier it is made from. At the native size the grid is 1x1 and
    equals the classifier's scores.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.features = classifier.features
        if classifier.pooling == "flatten":
            self.head = nn.Sequential(*_converted(classifier.head_layers(), first_size=classifier.window))
        else:
            self.head = nn.Sequential(
                nn.AvgPool2d(classifier.window, stride=1), *_converted(classifier.head_layers(), first_size=1)
            )
        self.train(classifier.features.training)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)  # (B, C, h, w)
        if min(x.shape[-2:]) < 1:
            raise SurgeryError(N_("The picture is too small for this network: enlarge the input."))
        return self.head(x)  # (B, classes, h - k + 1, w - k + 1)


def first_linear(classifier: Classifier) -> nn.Linear:
    """The first fully connected layer: fc6 of AlexNet and VGG16, the only one of GoogLeNet and EfficientNet."""
    for layer in classifier.head_layers():
        if isinstance(layer, nn.Linear):
            return layer
    raise SurgeryError(N_("This network has no fully connected layer to convert."))


def _vector(classifier: Classifier, f: Tensor) -> Tensor:
    """The map as the fully connected part is handed it: ``(B, C, h, w) -> (B, values)``."""
    if classifier.pooling == "average":
        return f.mean((2, 3))  # (B, C)
    if classifier.pooling == "windows":
        f = functional.avg_pool2d(f, classifier.window, stride=1)  # (B, C, h - k + 1, w - k + 1)
    return torch.flatten(f, 1)


class Outcome(NamedTuple):
    """What a classifier does with an input of another size.

    Attributes:
        map_size: (rows, columns) of its last feature map.
        values: numbers that the first fully connected layer is handed.
        wanted: numbers that it was built for.
        error: PyTorch's own words when they differ, otherwise ``None``.
    """

    map_size: tuple[int, int]
    values: int
    wanted: int
    error: str | None


def rigid_outcome(name: str, height: int, width: int) -> Outcome:
    """Feed ``height x width`` pixels to network ``name`` of the registry as its paper built it, and report.

    The feature map's shape is computed on PyTorch's ``meta`` device, whose tensors have shapes and no values, so that
    no weights are needed. The error is what the real ``Linear`` says to a row of that length: its weights are one
    number, repeated without using memory, because PyTorch compares the lengths before it multiplies anything.
    """
    from core.models.registry import build

    with torch.inference_mode():
        with torch.device("meta"):
            classifier: Classifier = build(name).eval()  # type: ignore[assignment]
            f = classifier.features(torch.zeros(1, 3, height, width))  # (1, C, h, w)
            values = _vector(classifier, f).shape[1]
        linear = first_linear(classifier)
        error = None
        if values != linear.in_features:
            try:
                functional.linear(torch.zeros(1, values), torch.zeros(1).expand(linear.weight.shape))
            except RuntimeError as caught:
                error = str(caught).splitlines()[0]
    return Outcome((f.shape[2], f.shape[3]), values, linear.in_features, error)
