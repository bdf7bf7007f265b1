"""What the compared networks have in common: one encoder, one way in and one way out.

A network here is an :class:`EncoderDecoder`: the encoder makes a pyramid of maps, the decoder (the idea of a paper)
turns it into scores, and bilinear interpolation brings the scores to the size of the picture. Because everything but
the decoder is the same, a difference between two results is a difference between two ideas.

**One geometry** (:mod:`core.maths.geometry`) holds from the picture to the answer, that of the encoder's training:
sides are 32 n + 1, cell ``i`` of a map of stride ``s`` stands at pixel ``i x s``, and every enlargement aligns the
corners, so that a cell keeps its place.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from core.maths.geometry import extended
from core.models.mobilenetv2 import MobileNetV2

VOC_CLASSES = 21


class ConvNormReLU(nn.Sequential):
    """Convolution without bias that keeps the size, batch normalisation, ReLU.

    Args:
        inputs, outputs: channels.
        kernel: side of the kernel, odd.
        rate: atrous rate; 1 is an ordinary convolution.
        separable: split into a convolution of each channel alone and a 1x1 across channels, with batch normalisation
            and ReLU after both, as DeepLabv3+ does. ``inputs * k * k + inputs * outputs`` weights instead of
            ``inputs * outputs * k * k``.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, rate: int = 1, separable: bool = False) -> None:
        padding = rate * (kernel - 1) // 2
        layers: list[nn.Module] = []
        if separable and kernel > 1:
            layers += [
                nn.Conv2d(inputs, inputs, kernel, padding=padding, dilation=rate, groups=inputs, bias=False),
                nn.BatchNorm2d(inputs),
                nn.ReLU(inplace=True),
                nn.Conv2d(inputs, outputs, 1, bias=False),
            ]
        else:
            layers.append(nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=rate, bias=False))
        super().__init__(*layers, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Bilinear interpolation of (B, C, h, w) to the height and width of ``like``; the corner cells stay corners."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=True)  # (B, C, H, W)


def extend(x: Tensor) -> Tensor:
    """(B, 3, H, W) normalised -> sides of 32 n + 1, filled to the right and below with zeros: pixel 128, mid grey."""
    height, width = x.shape[-2:]
    return F.pad(x, (0, extended(width) - width, 0, extended(height) - height))  # (B, 3, 32 n + 1, 32 m + 1)


class EncoderDecoder(nn.Module):
    """MobileNetV2 and a decoder.

    Args:
        decoder: maps the pyramid (five maps, finest first) to (B, classes, h, w) scores of any stride.
        output_stride: of the encoder.
    """

    def __init__(self, decoder: nn.Module, output_stride: int) -> None:
        super().__init__()
        self.encoder = MobileNetV2(output_stride)
        self.decoder = decoder

    def set_output_stride(self, output_stride: int) -> None:
        """Change the encoder's output stride in place, and with it the atrous rates of a decoder that has any."""
        self.encoder.set_output_stride(output_stride)
        follow = getattr(self.decoder, "set_output_stride", None)
        if callable(follow):
            follow(output_stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised, any H and W -> (B, classes, H, W) logits.

        The picture is extended to sides of 32 n + 1, and the answer is cut back: only then does every cell of every map
        stand where the weights expect it.
        """
        height, width = x.shape[-2:]
        x = extend(x)  # (B, 3, 32 n + 1, 32 m + 1)
        scores = self.decoder(self.encoder.forward_features(x))  # (B, classes, h, w), of the decoder's stride
        return resize(scores, x)[..., :height, :width]  # (B, classes, H, W)
