"""Figures from papers, each with its source, its data set and how far it can be trusted.

A page never types such a figure: it shows one of these, so that number and source cannot part. What SegScope measures
itself is not here; that is computed, or stands in the model card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.errors import N_


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
WANG = Source(
    "Wang, Chen, Yuan, Liu, Huang, Hou, Cottrell", "Understanding Convolution for Semantic Segmentation", "WACV", 2018
)
"""Gridding and its cure."""
CAM = Source(
    "Zhou, Khosla, Lapedriza, Oliva, Torralba", "Learning Deep Features for Discriminative Localization", "CVPR", 2016
)
"""The class activation map."""
RECEPTIVE_FIELD = Source(
    "Luo, Li, Urtasun, Zemel", "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
    "NIPS", 2016,
)  # fmt: skip
"""Which pixels of a receptive field count, and how much."""
SEG_GRAD_CAM = Source(
    "Vinogradova, Dibrov, Myers",
    "Towards Interpretable Semantic Segmentation via Gradient-weighted Class Activation Mapping", "AAAI", 2020,
)  # fmt: skip
"""Grad-CAM with the score of a pixel, or of a region, of a segmenter."""
SANITY = Source("Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim", "Sanity Checks for Saliency Maps", "NeurIPS", 2018)
"""Maps of networks whose weights were randomised."""
CORRUPTIONS = Source(
    "Hendrycks, Dietterich",
    "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", "ICLR", 2019,
)  # fmt: skip
"""Disturbances in several strengths, as a measure of robustness."""
BOUNDARY = Source(
    "Csurka, Larlus, Perronnin", "What is a good evaluation measure for semantic segmentation?", "BMVC", 2013
)
"""The score of the outlines, F1 with a tolerance."""
ARITHMETIC = Source("Dumoulin, Visin", "A guide to convolution arithmetic for deep learning", "arXiv", 2016)
"""The animation of a transposed convolution, its colours and its formulas."""
MOBILENETV2 = Source(
    "Sandler, Howard, Zhu, Zhmoginov, Chen", "MobileNetV2: Inverted Residuals and Linear Bottlenecks", "CVPR", 2018
)
ENCODER_SAW = ("ImageNet", "MS-COCO", "PASCAL VOC 2012 trainaug")
"""What the shared encoder was trained on by the authors of DeepLab, who released it so."""

MOBILENETV3 = Source(
    "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam", "Searching for MobileNetV3",
    "ICCV", 2019,
)  # fmt: skip
LRASPP_WINDOW = Fact(49, "cells", MOBILENETV3, "figure 10")
"""Side of the windows over which LR-ASPP's attention averages."""

GOOGLENET = Source("Guadarrama", "BVLC GoogLeNet Model", "Caffe Model Zoo", 2014)


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
"""One fully convolutional AlexNet pass over 500 x 500, on what the paper calls a typical GPU."""
FCN_CROP_MS = Fact(1.2, "ms", FCN, "section 3.1")
"""One 227 x 227 crop through AlexNet when crops are batched, on the same GPU."""
FCN_SINGLE_MS = Fact(5.4, "ms", FCN, "section 3.1")
"""One 227 x 227 crop through AlexNet alone, on the same GPU."""
_VOC11_VAL = N_("PASCAL VOC 2011 val, mIoU, output stride 32")
FCN_CONVERTED = {
    "alexnet": Fact(39.8, "%", FCN, "table 1", _VOC11_VAL),
    "vgg16": Fact(56.0, "%", FCN, "table 1", _VOC11_VAL),
    "googlenet": Fact(42.5, "%", FCN, "table 1", _VOC11_VAL),
}
"""By registry name of the classifier: how good the network is that FCN's authors made of it."""
FCN_GOOGLENET_FIELD = Fact(907, "px", FCN, "table 1")
"""Receptive field of GoogLeNet's scores; it counts the average over 7x7 places."""

_ILSVRC12_VAL = N_("ILSVRC12’s validation pictures, centre crop")
GOOGLENET_TOP_1 = Fact(68.7, "%", GOOGLENET, "readme", _ILSVRC12_VAL, "implementation")
"""Pictures whose likeliest class is right, for the GoogLeNet whose weights are bundled."""
GOOGLENET_TOP_5 = Fact(88.9, "%", GOOGLENET, "readme", _ILSVRC12_VAL, "implementation")
"""Pictures whose right class is among the five likeliest, for the same weights."""

MASCI = Source(
    "Masci, Giusti, Ciresan, Fricout, Schmidhuber",
    "A Fast Learning Algorithm for Image Segmentation with Max-Pooling Convolutional Networks",
    "arXiv",
    2013,
)
MASCI_SPEED_UP = Fact(1500, "times", MASCI, "abstract")
"""Training on whole pictures in one pass each, against training patch by patch."""
UNET_SECONDS = Fact(1, "s", UNET, "abstract")
"""More than U-Net takes for one picture of 512 x 512 pixels, on what the paper calls a recent GPU."""

_VOC_VAL = "PASCAL VOC 2012 val"
_ADE20K_VAL = "ADE20K val, ResNet-50"

DEEPLABV3_RATES = (6, 12, 18)
"""Rates of ASPP at output stride 16 (DeepLabv3, section 3.3)."""
DEEPLABV3_FOUR_RATES = (6, 12, 18, 24)
"""The same with the fourth branch that the paper tries (DeepLabv3, table 5)."""
DEEPLAB_FILTERS = Fact(256, "filters", DEEPLABV3, "section 3.3")
"""Of each branch of ASPP and behind them."""
DEEPLABV3_CROP = Fact(513, "px", DEEPLABV3, "section 4.1")
"""Side of the crops that DeepLabv3 is trained on."""
DEEPLABV3_NINE_TAPS_MAP = Fact(65, "cells", DEEPLABV3, "figure 4")
"""Side of the map on which the paper counts the taps that fall inside."""
DEEPLABV3_ASPP = Fact(76.58, "%", DEEPLABV3, "table 5", _VOC_VAL)
"""mIoU of ASPP with three rates, without image pooling, output stride 16."""
DEEPLABV3_FOURTH_RATE = Fact(76.46, "%", DEEPLABV3, "table 5", _VOC_VAL)
"""The same with a further branch at rate 24."""
DEEPLABV3_IMAGE_POOLING = Fact(77.21, "%", DEEPLABV3, "table 5", _VOC_VAL)
"""The same as :data:`DEEPLABV3_ASPP`, with image pooling."""
DEEPLABV3_STRIDE_8 = Fact(78.51, "%", DEEPLABV3, "table 6", _VOC_VAL)
"""The same as :data:`DEEPLABV3_IMAGE_POOLING`, evaluated at output stride 8."""
DEEPLABV3PLUS_STRIDE_16 = Fact(78.85, "%", DEEPLABV3PLUS, "table 3", _VOC_VAL)
"""DeepLabv3+ on ResNet-101 at output stride 16, where v3 has :data:`DEEPLABV3_IMAGE_POOLING`."""
DEEPLABV3PLUS_TRIMAP_GAIN = Fact(4.8, "points", DEEPLABV3PLUS, "figure 5", _VOC_VAL)
"""What the decoder adds to mIoU in the narrowest band around the boundaries, on ResNet-101."""

PSPNET_OUTPUT_STRIDE = Fact(8, "px", PSPNET, "section 3.2")
"""Between two cells of the map that the pyramid averages."""
PSPNET_FILTERS = Fact(512, "filters", PSPNET, "conv5_4 of the authors' network", trust="implementation")
"""Of the convolution behind the pyramid."""
PSPNET_BASELINE = Fact(37.23, "%", PSPNET, "table 1", _ADE20K_VAL)
"""mIoU of the dilated ResNet alone."""
PSPNET_GLOBAL = Fact(40.07, "%", PSPNET, "table 1", _ADE20K_VAL)
"""mIoU with one global average besides."""
PSPNET_PYRAMID = Fact(41.68, "%", PSPNET, "table 1", _ADE20K_VAL)
"""mIoU with averages over 1, 2, 3 and 6 parts a side, each reduced to a quarter of the channels."""

_VOC11 = N_("VOC 2011 val, a part of it, mIoU")
_VOC12 = N_("VOC 2012 test, mIoU, trained on MS-COCO too")
REPORTED = {
    "fcn32s": Fact(59.4, "%", FCN, "table 2", _VOC11),
    "fcn16s": Fact(62.4, "%", FCN, "table 2", _VOC11),
    "fcn8s": Fact(62.7, "%", FCN, "table 2", _VOC11),
    "deconvnet": Fact(
        72.5,
        "%",
        DECONVNET,
        "results on the VOC 2012 test set",
        N_("VOC 2012 test, mIoU, with a CRF and in an ensemble with FCN"),
    ),
    "unet": Fact(
        92.0,
        "%",
        UNET,
        "table 2",
        N_("PhC-U373 (cells under a microscope), mean IoU"),
    ),
    "pspnet": Fact(85.4, "%", PSPNET, "results on the VOC 2012 test set, with MS-COCO", _VOC12),
    "deeplabv3": Fact(85.7, "%", DEEPLABV3, "table 7", _VOC12),
    "deeplabv3plus": Fact(87.8, "%", DEEPLABV3PLUS, "table 6", _VOC12),
}
"""By registry name: the headline figure that each paper reports for its own, much larger network. They were measured
on different data, so they compare neither with each other without care nor with what SegScope measures. Where two have
one label, they have one data set and one pre-training: PSPNet is here with MS-COCO, as both DeepLabs are (without it,
the paper reports 82.6)."""

TORCHVISION = Source(
    "TorchVision maintainers and contributors", "TorchVision: PyTorch's Computer Vision library", "GitHub", 2016
)
_COCO_VAL = N_("COCO val2017, VOC’s 21 classes, mIoU")
RELEASED = {
    name: Fact(value, "%", TORCHVISION, f"{weights}.COCO_WITH_VOC_LABELS_V1", _COCO_VAL, "implementation")
    for name, value, weights in (
        ("fcn-resnet50", 60.5, "FCN_ResNet50_Weights"),
        ("deeplabv3-resnet50", 66.4, "DeepLabV3_ResNet50_Weights"),
        ("deeplabv3-mobilenetv3", 60.3, "DeepLabV3_MobileNet_V3_Large_Weights"),
        ("lraspp-mobilenetv3", 57.9, "LRASPP_MobileNet_V3_Large_Weights"),
    )
}
"""By registry name: the figure that torchvision states for the weights that it offers, at a shorter side of 520."""
