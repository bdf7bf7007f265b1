"""What the compared networks have in common: one encoder, one way in and one way out.

A network here is an :class:`EncoderDecoder`: the encoder makes a pyramid of maps, the decoder (the idea of a paper)
turns it into scores, and bilinear interpolation brings the scores to the size of the picture. Because everything but
the decoder is the same, a difference between two results is a difference between two ideas.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from core.models.encoder import EfficientNetLite0

VOC_CLASSES = 21
_COARSEST = 32  # a side that this divides halves evenly all the way down


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
    """Bilinear interpolation of (B, C, h, w) to the height and width of ``like``, corners not aligned."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


class EncoderDecoder(nn.Module):
    """EfficientNet-Lite0 and a decoder.

    Args:
        decoder: maps the pyramid (five maps, finest first) to (B, classes, h, w) scores of any stride.
        output_stride: of the encoder.
    """

    def __init__(self, decoder: nn.Module, output_stride: int) -> None:
        super().__init__()
        self.encoder = EfficientNetLite0(output_stride)
        self.decoder = decoder

    def set_output_stride(self, output_stride: int) -> None:
        """Change the encoder's output stride in place, and with it the atrous rates of a decoder that has any."""
        self.encoder.set_output_stride(output_stride)
        follow = getattr(self.decoder, "set_output_stride", None)
        if callable(follow):
            follow(output_stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) normalised, any H and W -> (B, classes, H, W) logits.

        The picture is extended to the right and below to a multiple of 32 with the mean colour, and the answer is cut
        back: only then do the cells of every map cover equal squares of the picture.
        """
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % _COARSEST, 0, -height % _COARSEST))
        scores = self.decoder(self.encoder.forward_features(x))
        return resize(scores, x)[..., :height, :width]
