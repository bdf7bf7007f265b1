"""Figures from papers, each with its source, its data set and how far it can be trusted.

A page never types such a figure: it shows one of these, so that number and source cannot part. What SegScope measures
itself is not here; that is computed, or stands in the model card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Source:
    """A publication, as it is cited on screen."""

    authors: str
    title: str
    venue: str
    year: int

    def __str__(self) -> str:
        return f"{self.authors}, {self.title}, {self.venue} {self.year}"


@dataclass(frozen=True)
class Fact:
    """One published figure.

    Attributes:
        value: the number, in :attr:`unit`.
        unit: ``ms``, ``%``, ``cells``, ``parameters`` ...
        source: where it stands.
        where: section, table or figure.
        data: data set and split it was measured on, empty where there is none.
        trust: ``paper`` (read in the text) or ``implementation`` (read in the authors' code).
    """

    value: float
    unit: str
    source: Source
    where: str
    data: str = ""
    trust: Literal["paper", "implementation"] = "paper"

    @property
    def text(self) -> str:
        """Value and unit, without superfluous digits: ``22 ms``."""
        return f"{self.value:,g} {self.unit}" if self.unit != "%" else f"{self.value:g}%"


FCN = Source("Long, Shelhamer, Darrell", "Fully Convolutional Networks for Semantic Segmentation", "CVPR", 2015)

DECONVNET = Source("Noh, Hong, Han", "Learning Deconvolution Network for Semantic Segmentation", "ICCV", 2015)
UNET = Source(
    "Ronneberger, Fischer, Brox", "U-Net: Convolutional Networks for Biomedical Image Segmentation", "MICCAI", 2015
)
PSPNET = Source("Zhao, Shi, Qi, Wang, Jia", "Pyramid Scene Parsing Network", "CVPR", 2017)
DEEPLABV3 = Source(
    "Chen, Papandreou, Schroff, Adam", "Rethinking Atrous Convolution for Semantic Image Segmentation", "arXiv", 2017
)
DEEPLABV3PLUS = Source(
    "Chen, Zhu, Papandreou, Schroff, Adam",
    "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation",
    "ECCV",
    2018,
)


@dataclass(frozen=True)
class FirstLayer:
    """The first fully connected layer of a classifier: a map of ``channels x size x size`` in, ``outputs`` out."""

    channels: int
    size: int
    outputs: int


ALEXNET_FC6 = FirstLayer(256, 6, 4096)
"""AlexNet's fc6, the same in its paper, in Caffe and in torchvision."""

FCN_GRID_SIDE = Fact(10, "cells", FCN, "section 3.1")
"""Side of AlexNet's output grid for a 500 x 500 input, under Caffe."""
FCN_GRID_MS = Fact(22, "ms", FCN, "section 3.1")
"""One fully convolutional AlexNet pass over 500 x 500, on a GPU of 2014."""
FCN_CROP_MS = Fact(1.2, "ms", FCN, "section 3.1")
"""One 227 x 227 crop through AlexNet when crops are batched, on the same GPU."""
