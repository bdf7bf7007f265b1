"""The classifiers: rows of :mod:`core.models.table`. Does not import torch."""

from __future__ import annotations

from core.errors import N_
from core.models.entry import IMAGENET, ModelSpec, Preprocessing

_ALEXNET = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks (NIPS 2012)"
_VGG = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015)"
_GOOGLENET = "Szegedy et al.: Going Deeper with Convolutions (CVPR 2015)"
_EFFICIENTNET = "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019)"

CLASSIFIERS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0",
        paper=_EFFICIENTNET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.efficientnet:efficientnet_lite0",
        weights="package",
        departures=(
            N_("The authors' Lite variant: no squeeze-and-excitation, ReLU6 instead of Swish."),
            N_("No stochastic depth."),
        ),
    ),
    ModelSpec(
        name="googlenet",
        title="GoogLeNet",
        paper=_GOOGLENET,
        kind="classifier",
        labels="imagenet-1k",
        builder="core.models.googlenet:googlenet",
        preprocessing=Preprocessing((123.0, 117.0, 104.0), (1.0,) * 3),  # Caffe's: the mean goes, the scale stays
        released="BVLC (S. Guadarrama)",
        departures=(
            N_("Built without the two auxiliary classifiers, which serve training only."),
            N_("Trained by BVLC without the paper's changes of a picture's scale, proportions and lighting."),
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
            N_("One tower of 64, 192, 384, 256 and 256 maps without groups, as torchvision builds it."),
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
        name="alexnet-slim",
        title=N_("AlexNet, slim"),
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
        title=N_("VGG16, slim"),
        paper=_VGG,
        kind="classifier",
        labels="voc-21",
        builder="core.models.classifiers:vgg16_slim",
        departures=(
            N_("8 to 144 maps instead of 64 to 512, and 256 instead of 4096 values in the fully connected layers."),
            N_("Batch normalisation."),
        ),
    ),
)
"""Those of ImageNet's thousand classes, then the slim ones of VOC's twenty."""
