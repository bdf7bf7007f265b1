"""The weights that the DeepLab authors released for MobileNetV2, turned into the shared encoder and its own network.

``teacher/mobilenetv2/weights.npz`` of the data folder holds 55 convolutions in the order in which a picture meets them,
batch normalisation folded in: 51 of the encoder, four of the released head.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.models.mobilenetv2 import MobileNetV2, Standard
from core.models.shared import EncoderDecoder, extend
from core.training.convert import arrays
from core.training.data import PictureSet, load

FILE = Path("teacher", "mobilenetv2", "weights.npz")
MEASURED_ON = 400  # photos, spread over the training lists: means and deviations no longer move
SIDE = 321


def convolutions(data: Path) -> list[tuple[Tensor, Tensor]]:
    """The stored (weight, bias) pairs in order, in single precision.

    Raises:
        ConversionError: the file is not there, or damaged.
    """
    stored = {name: torch.from_numpy(values) for name, values in arrays(data / FILE).items()}
    return [(stored[f"{i:02d}.weight"], stored[f"{i:02d}.bias"]) for i in range(len(stored) // 2)]


@torch.no_grad()
def fill(network: nn.Module, pairs: list[tuple[Tensor, Tensor]]) -> None:
    """Give the convolutions of ``network``, in order, these weights and biases.

    Raises:
        ValueError: their number or a shape is another.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    for layer, (weight, bias) in zip(layers, pairs, strict=True):
        if layer.weight.shape != weight.shape or layer.bias is None:
            raise ValueError(f"{tuple(weight.shape)} does not fit {layer}.")
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)


@torch.inference_mode()
def standardise(encoder: MobileNetV2, pictures: list[Tensor]) -> None:
    """Measure mean and deviation of each channel of the pyramid, in which the encoder then hands its maps on.

    Args:
        encoder: changed in place; what it measured before is forgotten.
        pictures: (1, 3, H, W) normalised.
    """
    parts = [part for part in encoder.standards if isinstance(part, Standard)]
    for part in parts:
        part.mean.zero_(), part.deviation.fill_(1)
    counts = [0] * len(parts)
    sums = [torch.zeros(2, len(part.mean), dtype=torch.float64) for part in parts]
    for picture in pictures:
        for index, maps in enumerate(encoder.forward_features(extend(picture))):
            flat = maps[0].flatten(1).double()  # (C, cells)
            counts[index] += flat.shape[1]
            sums[index] += torch.stack([flat.sum(1), flat.square().sum(1)])
    for part, count, (total, squares) in zip(parts, counts, sums, strict=True):
        mean = total / count
        part.mean.copy_(mean)
        part.deviation.copy_((squares / count - mean.square()).clamp(min=1e-8).sqrt())


@torch.no_grad()
def into_units(head: nn.Module, standard: Standard) -> None:
    """Let a head that was trained on the raw map read the map in its own units, with the same answer.

    ``W x + b = (W s) ((x - m) / s) + (b + W m)``, for its two layers that read the map.
    """
    for name in ("here", "whole"):
        layer = head.get_submodule(name)
        assert isinstance(layer, nn.Conv2d)
        assert layer.bias is not None
        layer.bias += layer.weight[:, :, 0, 0] @ standard.mean
        layer.weight *= standard.deviation[:, None, None]


def network(data: Path, photos: list[PictureSet]) -> EncoderDecoder:
    """The released network with the units of its maps measured on ``photos``.

    Raises:
        ConversionError: the weights are not in the data folder.
    """
    from core.models.deeplab import deeplabv3_released

    whole, pairs = deeplabv3_released().eval(), convolutions(data)
    inside = sum(isinstance(layer, nn.Conv2d) for layer in whole.encoder.modules())
    fill(whole.encoder, pairs[:inside])
    fill(whole.decoder, pairs[inside:])
    standardise(whole.encoder, _spread(photos))
    last = whole.encoder.standards[-1]
    assert isinstance(last, Standard)
    into_units(whole.decoder, last)
    return whole


def _spread(photos: list[PictureSet]) -> list[Tensor]:
    """:data:`MEASURED_ON` pictures of several sets, each brought to a short side of :data:`SIDE`."""
    from core.passes.segmentation import input_size
    from core.training.hints import normalise

    found = []
    for pictures in photos:
        for index in np.linspace(0, len(pictures) - 1, MEASURED_ON // len(photos)).round().astype(int):
            pixels, _ = pictures[int(index)]
            width, height = input_size(pixels.shape[1], pixels.shape[0], SIDE)
            x = torch.from_numpy(np.array(pixels, dtype=np.float32)).permute(2, 0, 1)[None]
            x = nn.functional.interpolate(x, (height, width), mode="bilinear", antialias=True)
            found.append(normalise(x, "deeplabv3-released"))
    return found


def convert(data: Path, cache: Path) -> EncoderDecoder:
    """:func:`network` with its units measured on the training photos of VOC and pets.

    Raises:
        ConversionError: the weights are not in the data folder.
        DataError: the pictures are not.
    """
    return network(data, [load(data, folder, "train", cache) for folder in ("voc", "pets")])
