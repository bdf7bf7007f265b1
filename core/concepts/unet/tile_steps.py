"""What a person sees of the overlap-tile strategy: the mirrored picture, and each tile with what it adds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from core.models.unet import MARGIN
from core.passes.tiling import Tiling, mirror

Bytes = npt.NDArray[np.uint8]


class Step(NamedTuple):
    """One tile, in the picture's coordinates.

    Attributes:
        top, left: corner of its input; negative where the mirror image is read.
        answer: (top, left, bottom, right) of what it answers for, cut at the picture's edge.
        fresh: pixels of the picture that no earlier tile has answered for.
        read: input pixels of this tile and all before it.
        answered: pixels of the picture that are answered after it.
    """

    top: int
    left: int
    answer: tuple[int, int, int, int]
    fresh: int
    read: int
    answered: int


def steps(tiling: Tiling) -> list[Step]:
    """All tiles in their order."""
    done = np.zeros((tiling.height, tiling.width), bool)
    out = []
    for number, (top, left) in enumerate(tiling.corners(), start=1):
        bottom, right = min(top + tiling.output, tiling.height), min(left + tiling.output, tiling.width)
        fresh = int((~done[top:bottom, left:right]).sum())
        done[top:bottom, left:right] = True
        answer = (top, left, bottom, right)
        out.append(Step(top - MARGIN, left - MARGIN, answer, fresh, number * tiling.tile**2, int(done.sum())))
    return out


def extended(pixels: Bytes, tiling: Tiling) -> Bytes:
    """The picture with its mirrored border, as far as the tiles read: ``uint8 (H', W', 3)`` from (-92, -92) on."""
    corners = list(tiling.corners())
    height, width = (max(corner[axis] for corner in corners) + tiling.tile for axis in (0, 1))
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, 0)))
    return mirror(planes, -MARGIN, -MARGIN, height, width).numpy().transpose(1, 2, 0)
