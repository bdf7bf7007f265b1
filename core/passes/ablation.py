"""What a part of a decoder is good for: run the decoder again without it and compare.

A part is switched off by putting zeros in the place of its map *after* its ReLU and before the maps are concatenated,
so the mixing convolution behind it gets nothing from it. No weight is changed. With everything on, the answer is the
untouched network's, bit by bit.

That difference is not a share of the answer: the layers behind are not linear, so the differences of the parts do not
add up to the difference of all of them, and a part may look useless because another one says the same.

The encoder runs once for a picture (:func:`encode`); an ablation runs the decoder alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import N_, SegScopeError
from core.maths.geometry import extended
from core.models.deeplab import ASPP, DeepLabV3Decoder, DeepLabV3PlusDecoder
from core.models.pspnet import PSPDecoder
from core.models.shared import EncoderDecoder, extend, resize


class AblationError(SegScopeError):
    """A network without such parts."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """What the encoder makes of a picture.

    Attributes:
        pyramid: its five maps, (1, C, h, w) each, finest first.
        size: (height, width) of the input in pixels.
    """

    pyramid: list[Tensor]
    size: tuple[int, int]

    @property
    def cells(self) -> tuple[int, int]:
        """(rows, columns) of the last map."""
        return self.pyramid[-1].shape[-2], self.pyramid[-1].shape[-1]


def encode(network: EncoderDecoder, x: Tensor) -> Encoded:
    """(1, 3, H, W) normalised -> the maps that the decoder of ``network`` gets in its own forward pass."""
    height, width = x.shape[-2:]
    return Encoded(network.encoder.forward_features(extend(x)), (height, width))


def enlarged(scores: Tensor, size: tuple[int, int]) -> Tensor:
    """Scores of any stride -> (1, classes, H, W), as the last step of the networks does it."""
    height, width = size
    whole = torch.empty(1, 1, extended(height), extended(width), device="meta")
    return resize(scores, whole)[..., :height, :width]


def at_stride(network: EncoderDecoder, output_stride: int) -> EncoderDecoder:
    """A copy at another output stride (32, 16 or 8), with the same weights; the original stays as it is."""
    twin = copy.deepcopy(network)
    twin.set_output_stride(output_stride)
    return twin.eval()


# -------------------------------------------------------------------------------------------------------- DeepLab


def aspp_of(network: EncoderDecoder) -> ASPP:
    """The ASPP of DeepLabv3 or v3+. Raises :class:`AblationError` for other networks."""
    if not isinstance(network.decoder, DeepLabV3Decoder | DeepLabV3PlusDecoder):
        raise AblationError(N_("This network has no ASPP: take DeepLabv3 or DeepLabv3+."))
    return network.decoder.aspp


def branch_maps(aspp: ASPP, x: Tensor) -> list[Tensor]:
    """What the branches of ASPP give for (1, C, h, w), after their ReLU: (1, filters, h, w) each."""
    return [branch(x) for branch in aspp.branches]


def rates(aspp: ASPP) -> tuple[int, ...]:
    """The atrous rates of the 3x3 branches, in cells of the map."""
    return tuple(_spread(branch).dilation[0] for branch in aspp.branches[1:-1])


def with_rates(aspp: ASPP, wanted: tuple[int, ...]) -> ASPP:
    """A copy with the same weights and other atrous rates."""
    twin = copy.deepcopy(aspp)
    twin.set_rates(wanted)
    return twin.eval()


def _spread(branch: nn.Module) -> nn.Conv2d:
    assert isinstance(branch, nn.Sequential)
    assert isinstance(branch[0], nn.Conv2d)
    return branch[0]


def off_centre(aspp: ASPP) -> tuple[float, ...]:
    """Share of the summed magnitude of each 3x3 branch's spread weights that does not lie on the middle tap, 0 to 1.

    0 means that the branch is a 1x1 convolution in disguise.
    """
    found = []
    for branch in aspp.branches[1:-1]:
        magnitude = _spread(branch).weight.detach().abs().sum((0, 1))  # (3, 3)
        found.append(float(1 - magnitude[1, 1] / magnitude.sum()))
    return tuple(found)


def _silenced(maps: Iterable[Tensor], on: Sequence[bool]) -> list[Tensor]:
    return [x if keep else torch.zeros_like(x) for x, keep in zip(maps, on, strict=True)]


def run_aspp(aspp: ASPP, x: Tensor, on: Sequence[bool]) -> Tensor:
    """ASPP of (1, C, h, w) with some branches switched off: (1, filters, h, w)."""
    return aspp.dropout(aspp.project(torch.cat(_silenced(branch_maps(aspp, x), on), dim=1)))


def run_deeplab(
    network: EncoderDecoder,
    encoded: Encoded,
    on: Sequence[bool] = (True,) * 5,
    low_level: bool = True,
    aspp: ASPP | None = None,
) -> Tensor:
    """DeepLabv3 or v3+ behind its encoder, with parts switched off.

    Args:
        network: the network that made ``encoded``.
        encoded: from :func:`encode`.
        on: which branches of ASPP speak: 1x1, the three rates, image pooling.
        low_level: whether the 48 low-level maps of v3+ speak; v3 has none, and there it changes nothing.
        aspp: runs in the place of the network's own, see :func:`with_rates`.

    Returns:
        (1, classes, H, W) logits.

    Raises:
        AblationError: another network.
    """
    decoder, own = network.decoder, aspp_of(network)
    context = run_aspp(aspp or own, encoded.pyramid[-1], on)
    if isinstance(decoder, DeepLabV3PlusDecoder):
        fine = low_level_maps(network, encoded)
        if not low_level:
            fine = torch.zeros_like(fine)
        context = decoder.refine(torch.cat([resize(context, fine), fine], dim=1))
    assert isinstance(decoder, DeepLabV3Decoder | DeepLabV3PlusDecoder)
    return enlarged(decoder.classifier(context), encoded.size)


def low_level_maps(network: EncoderDecoder, encoded: Encoded) -> Tensor:
    """The low-level maps of v3+ where they enter the decoder, after their ReLU: (1, 48, H/4, W/4).

    Raises:
        AblationError: another network.
    """
    if not isinstance(network.decoder, DeepLabV3PlusDecoder):
        raise AblationError(N_("This network takes no low-level maps: take DeepLabv3+."))
    maps: Tensor = network.decoder.reduce(encoded.pyramid[1])
    return maps


# --------------------------------------------------------------------------------------------------------- PSPNet


def levels_of(network: EncoderDecoder) -> PSPDecoder:
    """The decoder of PSPNet. Raises :class:`AblationError` for other networks."""
    if not isinstance(network.decoder, PSPDecoder):
        raise AblationError(N_("This network has no pooling pyramid: take PSPNet."))
    return network.decoder


def level_vectors(network: EncoderDecoder, encoded: Encoded) -> list[Tensor]:
    """The pooled and reduced vectors of each level, after their ReLU: (1, C/4, side, side), coarse to fine."""
    return [level(encoded.pyramid[-1]) for level in levels_of(network).pool.levels]


def run_pspnet(
    network: EncoderDecoder,
    encoded: Encoded,
    on: Sequence[bool] = (True,) * 4,
    without: tuple[int, int, int] | None = None,
) -> Tensor:
    """PSPNet behind its encoder, with levels of the pyramid, or one bin of them, switched off.

    Args:
        network: the network that made ``encoded``.
        encoded: from :func:`encode`.
        on: which levels speak, coarse to fine.
        without: (level, row, column) of one bin whose vector is zero.

    Returns:
        (1, classes, H, W) logits.

    Raises:
        AblationError: another network.
    """
    decoder, x = levels_of(network), encoded.pyramid[-1]
    vectors = _silenced(level_vectors(network, encoded), on)
    if without is not None:
        level, row, column = without
        vectors[level] = vectors[level].clone()
        vectors[level][..., row, column] = 0
    pooled = torch.cat([x, *(resize(vector, x) for vector in vectors)], dim=1)
    return enlarged(decoder.classifier(decoder.dropout(decoder.mix(pooled))), encoded.size)


def bin_scores(network: EncoderDecoder, encoded: Encoded) -> tuple[Tensor, list[Tensor]]:
    """PSPNet's scores at the map's own resolution: with everything on, and without each bin in turn.

    The mixing convolution is linear, so only what the silenced vector gave to it is computed anew and taken away, all
    bins of a level at once. That equals :func:`run_pspnet` with ``without`` up to rounding.

    Returns:
        (1, classes, h, w), and for each level, coarse to fine, (side * side, classes, h, w) in reading order.

    Raises:
        AblationError: another network.
    """
    decoder, x = levels_of(network), encoded.pyramid[-1]
    vectors = level_vectors(network, encoded)
    convolution, *rest = decoder.mix
    assert isinstance(convolution, nn.Conv2d)
    before = convolution(torch.cat([x, *(resize(vector, x) for vector in vectors)], dim=1))

    def finish(mixed: Tensor) -> Tensor:
        for layer in rest:  # the ReLU works in place, on a copy that nobody else has
            mixed = layer(mixed)
        scores: Tensor = decoder.classifier(mixed)
        return scores

    found, first = [], x.shape[1]
    for vector in vectors:
        channels, side = vector.shape[1], vector.shape[-1]
        alone = torch.zeros(side * side, channels, side * side)
        index = torch.arange(side * side)
        alone[index, :, index] = vector[0].flatten(1).T
        weight = convolution.weight[:, first : first + channels]
        given = F.conv2d(resize(alone.unflatten(2, (side, side)), x), weight, padding=convolution.padding)
        found.append(finish(before - given))
        first += channels
    return finish(before.clone()), found


def at_pixel(scores: Tensor, size: tuple[int, int], row: int, column: int) -> Tensor:
    """Scores (B, classes, h, w) at one pixel of the input of (height, width), as :func:`enlarged` has them there."""
    for axis, (length, at) in enumerate(zip(size, (row, column), strict=True), start=2):
        cells = scores.shape[axis]
        place = at * (cells - 1) / (extended(length) - 1)  # corners aligned: cell i stands at pixel i x stride
        low = min(int(place), cells - 1)
        high = min(low + 1, cells - 1)
        part = place - low
        scores = scores.narrow(axis, low, 1) * (1 - part) + scores.narrow(axis, high, 1) * part
    return scores[..., 0, 0]
