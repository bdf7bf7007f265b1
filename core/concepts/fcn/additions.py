"""FCN-32s, 16s and 8s on one picture, and each with its additions switched off one at a time.

FCN scores the coarsest map, doubles the scores and adds those of a finer map, once in FCN-16s, twice in FCN-8s (Long,
Shelhamer, Darrell, CVPR 2015, figure 3). Switched off means zeros in the place of a finer map's scores: no weight is
changed and nothing is trained anew. With everything on, the answer is the untouched network's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.maths import metrics
from core.passes import without_parts
from core.pictures import reference
from core.pictures.images import Picture
from core.pictures.labels import VOC

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.models.shared import EncoderDecoder
    from core.passes.ablation import Encoded

Bytes = npt.NDArray[np.uint8]

NETWORKS = ("fcn32s", "fcn16s", "fcn8s")
STRIDES = (16, 8)
"""Of the maps that FCN-16s and FCN-8s add scores from."""


@dataclass(frozen=True, eq=False)
class Mask:
    """One mask and what is known of it.

    Attributes:
        network: registry name.
        on: which of its additions speak, coarse to fine.
        ids: ``uint8 (H, W)`` class ids at the picture's own size.
        cells: (rows, columns) of the scores before the last enlargement.
        changed: share of the pixels whose class is another one than with everything on, 0 to 1.
        boundary: F1 of the outlines within two pixels against the reference mask, 0 to 1; ``None`` without one.
        miou: mean IoU against it, 0 to 1; ``None`` without one.
    """

    network: str
    on: tuple[bool, ...]
    ids: Bytes
    cells: tuple[int, int]
    changed: float
    boundary: float | None
    miou: float | None


def scores(network: EncoderDecoder, pyramid: Sequence[Tensor], on: Sequence[bool]) -> Tensor:
    """The summed scores with some additions off: (1, classes, h, w) at the stride of the finest map that has any."""
    import torch

    from core.models.fcn import FCNDecoder

    decoder = network.decoder
    assert isinstance(decoder, FCNDecoder)
    found: Tensor = decoder.score(decoder.dropout(decoder.fc7(decoder.fc6(pyramid[-1]))))  # (1, classes, H/32, W/32)
    for finer, score, double, speaks in zip(pyramid[-2::-1], decoder.skip_scores, decoder.doublings, on, strict=False):
        added = score(finer)  # (1, classes, H/16, W/16), then H/8
        found = double(found) + (added if speaks else torch.zeros_like(added))
    return found


def masks(models: Sequence[LoadedModel], picture: Picture) -> list[Mask]:
    """Every network with every combination of its additions, all off first. They share an encoder, which runs once."""
    from core.passes import ablation

    seen = without_parts.look(models[0], picture)
    truth = reference.bundled(picture)
    out: list[Mask] = []
    for model in models:
        network: EncoderDecoder = model.module  # type: ignore[assignment]
        look = without_parts.Look(network, seen.encoded, seen.size)
        count = len(network.decoder.skip_scores)  # type: ignore[arg-type]
        found = {}
        for on in product((False, True), repeat=count):
            cells: list[tuple[int, int]] = []

            def decode(
                net: EncoderDecoder,
                encoded: Encoded,
                on: tuple[bool, ...] = on,
                cells: list[tuple[int, int]] = cells,
            ) -> Tensor:
                summed = scores(net, encoded.pyramid, on)
                cells.append((summed.shape[-2], summed.shape[-1]))
                return ablation.enlarged(summed, encoded.size)

            found[on] = without_parts.answer(look, decode), cells[0]
        whole, _cells = found[(True,) * count]
        out += [
            Mask(
                model.spec.name,
                on,
                answer.ids,
                cells,
                without_parts.changed(whole, answer),
                metrics.boundary_score(truth.ids, answer.ids) if truth else None,
                metrics.mean_iou(metrics.confusion(truth.ids, answer.ids, len(VOC))) if truth else None,
            )
            for on, (answer, cells) in found.items()
        ]
    return out
