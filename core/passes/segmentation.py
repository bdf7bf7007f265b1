"""A class for every pixel of a picture: from bytes to the network's input and back to the picture's own size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.models.entry import ModelSpec
    from core.pictures.images import Picture

Bytes = npt.NDArray[np.uint8]

SHORT_SIDE = 321
"""Shorter side of the input in pixels, 32 n + 1: the scale of the training of the networks on the shared encoder."""
WIDEST = 4.0
"""Longer side over shorter: beyond it the short side is made smaller, or a panorama would take minutes."""


class SegmentationError(SegScopeError):
    """A network that gives no class per pixel."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a network sees where.

    Attributes:
        ids: ``uint8 (H, W)`` class ids, of the size of the picture's ``pixels``.
        input_size: (width, height) in pixels of the network's input.
        seconds: wall-clock time of the forward pass, from prepared input to class ids.
        nuclei: ``int32 (H, W)``, one number per nucleus, 0 outside; ``None`` where the network does not count.
    """

    ids: Bytes
    input_size: tuple[int, int]
    seconds: float
    nuclei: npt.NDArray[np.int32] | None = None

    def shares(self) -> dict[int, float]:
        """Share of the picture that each class takes, largest first: id -> 0 to 1. Absent classes are left out."""
        counts = np.bincount(self.ids.ravel())
        order = np.argsort(-counts, kind="stable")
        return {int(i): float(counts[i] / self.ids.size) for i in order if counts[i]}


def input_size(width: int, height: int, short_side: int = SHORT_SIDE, widest: float = WIDEST) -> tuple[int, int]:
    """(width, height) of the input for a photo: the shorter side is ``short_side``, the shape is kept.

    Where the photo's longer side is more than ``widest`` times the shorter one, the longer side decides: it becomes
    ``widest * short_side``.
    """
    scale = min(short_side / min(width, height), short_side * widest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def size_for(entry: ModelSpec, width: int, height: int) -> tuple[int, int]:
    """:func:`input_size` of a photo for one network."""
    return input_size(width, height, entry.short_side, entry.widest)


def brought_to_size(entry: ModelSpec, pixels: Bytes) -> Bytes:
    """``uint8 (H, W, 3)`` of a photo -> the same photo at :func:`size_for`, as every network for photos reads it."""
    size = size_for(entry, pixels.shape[1], pixels.shape[0])
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def segment(model: LoadedModel, picture: Picture) -> Segmentation:
    """The class of every pixel of ``picture``.

    A photo is brought to the size of :func:`size_for`; the scores are interpolated back to the picture (bilinear)
    before the best one is chosen, so that the outline is as fine as the picture. A micrograph keeps its scale, is read
    as grey and goes through the unpadded network tile by tile. Nuclei are found and counted by
    :mod:`core.passes.counting`.

    Raises:
        SegmentationError: ``model`` is a classifier.
    """
    import torch
    import torch.nn.functional as F

    from core.engine.inference import run

    if model.spec.kind != "segmenter":
        raise SegmentationError(N_("{title} gives one answer for a whole picture."), title=model.spec.title)
    if model.spec.labels == "nuclei":
        from core.passes.counting import count

        found = count(model, picture)
        return Segmentation((found.labels > 0).astype(np.uint8), found.input_size, found.seconds, found.labels)
    height, width = picture.pixels.shape[:2]
    if model.spec.labels == "em":
        from core.passes.tiling import overlap_tile

        size = width, height
        x = model.prepare(picture.pixels).mean(1, keepdim=True)  # (1, 1, H, W)

        def answer() -> Tensor:
            return overlap_tile(model.module, x).argmax(1)[0]
    else:
        pixels = brought_to_size(model.spec, picture.pixels)
        size = pixels.shape[1], pixels.shape[0]
        x = model.prepare(pixels)

        def answer() -> Tensor:
            # A pixel's scores beside each other in memory, and max instead of argmax: the same in a third of the time.
            scores = model.module(x).contiguous(memory_format=torch.channels_last)
            return F.interpolate(scores, (height, width), mode="bilinear", align_corners=False).max(1).indices[0]

    timed = run(answer)
    return Segmentation(timed.value.byte().numpy(), size, timed.seconds)
