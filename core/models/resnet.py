"""The papers' own backbone: a ResNet whose last stages are dilated, for PSPNet, DeepLabv3 and DeepLabv3+ at full width.

Sources: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (CVPR 2016); dilation and multi-grid: Chen
et al., "Rethinking Atrous Convolution" (2017), section 3.

The layers are torchvision's, so its ImageNet weights fit. Departure that comes with them: the first block of a dilated
stage keeps the rate of the stage before; with a multi-grid the rates of the last stage are the paper's. PSPNet's own
stem of three 3x3 convolutions is not here.
"""

from __future__ import annotations

from torch import Tensor, nn

import core.models.torchvision_compat  # noqa: F401  (before torchvision, beside a CPU-only torch)
from core.models.deeplab import ASPP, DeepLabV3Decoder, DeepLabV3PlusDecoder
from core.models.pspnet import PSPDecoder
from core.models.shared import VOC_CLASSES, resize

from torchvision.models import resnet as _resnet  # isort: skip


CHANNELS = (64, 256, 512, 1024, 2048)  # at strides 2, 4, 8, 16, 32
_PAPER_RATES = (6, 12, 18)  # at output stride 16
_DEPTHS = {50: _resnet.resnet50, 101: _resnet.resnet101}


class ResNetEncoder(nn.Module):
    """ResNet-50 or -101 without its classifier.

    Args:
        depth: 50 or 101.
        output_stride: 32, 16 or 8, by dilation.
        multi_grid: rates of the three blocks of the last stage, multiplied by the stage's own rate; DeepLabv3's best is
            (1, 2, 4). None leaves torchvision's.
    """

    def __init__(
        self, depth: int = 50, output_stride: int = 16, multi_grid: tuple[int, int, int] | None = None
    ) -> None:
        super().__init__()
        dilate = {32: [False, False, False], 16: [False, False, True], 8: [False, True, True]}[output_stride]
        network = _DEPTHS[depth](weights=None, replace_stride_with_dilation=dilate)
        self.conv1, self.bn1, self.relu, self.maxpool = network.conv1, network.bn1, network.relu, network.maxpool
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            network.layer1, network.layer2, network.layer3, network.layer4
        )  # fmt: skip
        if multi_grid:
            for block, unit in zip(self.layer4, multi_grid, strict=True):
                rate = unit * 32 // output_stride
                block.conv2.dilation = block.conv2.padding = (rate, rate)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> five maps with :data:`CHANNELS`, finest first."""
        maps = [self.relu(self.bn1(self.conv1(x)))]  # (B, 64, H/2, W/2)
        x = self.maxpool(maps[0])  # (B, 64, H/4, W/4)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)  # (B, 256, H/4, W/4), (B, 512, H/8, W/8), (B, 1024, H/16, W/16), (B, 2048, H/32, W/32)
            maps.append(x)
        return maps  # of which none is coarser than the output stride


class ResNetSegmenter(nn.Module):
    """A dilated ResNet and the decoder of a paper, at the paper's width."""

    def __init__(self, encoder: ResNetEncoder, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised -> (B, classes, H, W) logits."""
        scores = self.decoder(self.encoder(x))  # (B, classes, h, w), of the decoder's stride
        return resize(scores, x)  # (B, classes, H, W)


def _aspp(output_stride: int, dropout: float) -> ASPP:
    return ASPP(CHANNELS[-1], 256, tuple(rate * 16 // output_stride for rate in _PAPER_RATES), dropout=dropout)


def deeplabv3_resnet(
    depth: int = 50,
    output_stride: int = 16,
    multi_grid: tuple[int, int, int] | None = None,
    classes: int = VOC_CLASSES,
) -> ResNetSegmenter:
    """DeepLabv3 as published: 39,048,533 parameters with ResNet-50, 58,040,661 with ResNet-101."""
    decoder = DeepLabV3Decoder(_aspp(output_stride, dropout=0.5), 256, classes)
    return ResNetSegmenter(ResNetEncoder(depth, output_stride, multi_grid), decoder)


def deeplabv3plus_resnet(
    depth: int = 50, output_stride: int = 16, separable: bool = False, classes: int = VOC_CLASSES
) -> ResNetSegmenter:
    """DeepLabv3+ as published: 40,352,181 parameters with ResNet-50, 59,344,309 with ResNet-101.

    With ``separable`` the 3x3 convolutions of ASPP and decoder are split, as the paper does for its fastest networks.
    """
    rates = tuple(rate * 16 // output_stride for rate in _PAPER_RATES)
    aspp = ASPP(CHANNELS[-1], 256, rates, separable=separable, dropout=0.5)
    decoder = DeepLabV3PlusDecoder(aspp, CHANNELS[1], 256, classes, separable=separable)
    return ResNetSegmenter(ResNetEncoder(depth, output_stride), decoder)


def pspnet_resnet(depth: int = 50, classes: int = VOC_CLASSES) -> ResNetSegmenter:
    """PSPNet with the standard stem: 46,592,597 parameters with ResNet-50, 65,584,725 with ResNet-101."""
    return ResNetSegmenter(ResNetEncoder(depth, output_stride=8), PSPDecoder(CHANNELS[-1], 512, classes))
