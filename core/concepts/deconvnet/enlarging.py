"""One coarse answer, brought to the size of the picture in three ways: interpolated, and unpooled without learning.

FCN-32s gives a class to every 32nd pixel. Interpolation spreads those few numbers; unpooling only places them, at the
corners of their squares or, with the switches of five poolings of the picture's own brightness, at its brightest
pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.concepts.deconvnet import unpooling
from core.concepts.deconvnet.unpooling import Bytes

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel

Floats = npt.NDArray[np.float32]

COARSE = "fcn32s"
"""The network whose scores are enlarged."""


@dataclass(frozen=True, eq=False)
class Enlargements:
    """The same few numbers of FCN-32s, brought to the size of the picture.

    Attributes:
        coarse: probability of ``target`` in each cell, ``(rows, columns)``; cell ``(r, c)`` stands at pixel
            ``(32 r, 32 c)``, the last ones perhaps where the picture was extended.
        bilinear: interpolated between them, ``(h, w)``: what FCN-32s does.
        cornered: unpooled five times without switches.
        switched: unpooled five times with the switches of the picture's own brightness; no number goes to where the
            picture was extended while its square holds a pixel of it.
        ids: FCN-32s's mask, ``uint8 (h, w)``.
        target: the class.
    """

    coarse: Floats
    bilinear: Floats
    cornered: Floats
    switched: Floats
    ids: Bytes
    target: int


def enlargements(model: LoadedModel, pixels: Bytes) -> Enlargements:
    """FCN-32s on ``pixels (h, w, 3)``, its coarse answer enlarged in three ways."""
    from core.engine.inference import run
    from core.models.shared import extend, resize

    network: Any = model.module
    height, width = pixels.shape[:2]
    x = extend(model.prepare(pixels))
    size = (x.shape[-2], x.shape[-1])

    def passes() -> tuple[Tensor, Tensor]:
        cells = network.decoder(network.encoder.forward_features(x))  # (1, 21, rows, columns)
        return cells, resize(cells, x)

    cells, scores = run(passes).value
    ids = scores[..., :height, :width].argmax(1)[0].byte().numpy()
    target = strongest_class(ids)
    coarse = cells.softmax(1)[:, target : target + 1]  # (1, 1, rows, columns)
    grey = np.zeros(size, np.uint8)  # dark where the picture was extended
    grey[:height, :width] = unpooling.brightness(pixels)
    values, seen = coarse[0, 0].numpy(), np.s_[:height, :width]
    return Enlargements(
        coarse=values,
        bilinear=resize(coarse, x)[0, 0].numpy()[seen],
        cornered=unpooling.enlarge(values, size=size)[seen],
        switched=unpooling.enlarge(values, unpooling.memory(grey, ceil=True), size=size)[seen],
        ids=ids,
        target=target,
    )


def strongest_class(ids: Bytes) -> int:
    """The id that takes most of ``ids`` besides 0; 0 if nothing else is there."""
    counts = np.bincount(ids.ravel(), minlength=2)
    counts[0] = 0
    return int(counts.argmax()) if counts.any() else 0
