"""Nuclei of a picture, found and counted: the unpadded network for nuclei on a picture of any size.

The network learned from pictures whose short side is at most 256 pixels, with their contrast stretched, so it is given
every picture like that: larger ones are reduced to 256, smaller ones are left as they are. The overlap-tile strategy
does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.maths.nuclei import Agreement, Labels, agreement, cut, grown, nucleus, stretched
from core.pictures.samples import FOLDER, SAMPLES

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel
    from core.models.entry import ModelSpec
    from core.pictures.images import Picture

Bytes = NDArray[np.uint8]
NETWORK = "unet-nuclei"
LARGEST_TILE = 572
"""Side of a tile's input where a picture does not fit into one, the paper's."""


@dataclass(frozen=True, eq=False)
class Count:
    """The nuclei of a picture.

    Attributes:
        labels: ``int32 (H, W)`` of the picture's size: 0 background, 1, 2, 3 ... one number per nucleus.
        input_size: (width, height) in pixels of what the network was given.
        seconds: wall-clock time of the network's passes.
    """

    labels: Labels
    input_size: tuple[int, int]
    seconds: float

    @property
    def number(self) -> int:
        """How many nuclei were found."""
        return int(self.labels.max(initial=0))


def reduced_size(entry: ModelSpec, width: int, height: int) -> tuple[int, int]:
    """(width, height) at which a picture is given to the network: never enlarged.

    The shorter side becomes ``entry.short_side``, or the longer one ``entry.widest`` times as much.
    """
    scale = min(1.0, entry.short_side / min(width, height), entry.widest * entry.short_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def given(entry: ModelSpec, pixels: Bytes) -> Bytes:
    """What the network is given of a picture: reduced, with stretched contrast. ``uint8 (H, W, 3) -> (h, w, 3)``."""
    size = reduced_size(entry, pixels.shape[1], pixels.shape[0])
    if size != (pixels.shape[1], pixels.shape[0]):
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    return stretched(pixels)


def tile_for(height: int, width: int) -> tuple[int, int]:
    """Side and stride of the tiles: one that holds the whole picture, or the paper's."""
    from core.models.unet import STEP, input_side, output_side

    tile = min(input_side(max(height, width, STEP)), LARGEST_TILE)
    return tile, output_side(tile) // STEP * STEP


def probabilities(model: LoadedModel, pixels: Bytes) -> Tensor:
    """Of background, rim and core: ``(1, 3, h, w)`` for what :func:`given` made. Call it through ``inference.run``."""
    from core.passes.tiling import overlap_tile

    return overlap_tile(model.module, model.prepare(pixels), *tile_for(*pixels.shape[:2])).softmax(1)


def count(model: LoadedModel, picture: Picture) -> Count:
    """Find the nuclei of ``picture``.

    They are cut apart at the network's scale. Of a larger picture the probabilities are interpolated (bilinear) for
    the mask, and the nuclei found are laid on it, so that outlines are as fine as the picture.
    """
    import torch.nn.functional as F

    from core.engine.inference import run

    height, width = picture.pixels.shape[:2]
    pixels = given(model.spec, picture.pixels)
    timed = run(probabilities, model, pixels)
    labels = cut(timed.value[0].numpy())
    if labels.shape != (height, width):
        fine = F.interpolate(timed.value, (height, width), mode="bilinear", align_corners=False)[0].numpy()
        labels = enlarged(labels, nucleus(fine))
    return Count(labels, (pixels.shape[1], pixels.shape[0]), timed.seconds)


def enlarged(labels: Labels, mask: NDArray[np.bool_]) -> Labels:
    """Nuclei at the scale of a finer mask: ``(h, w)`` labels, ``(H, W)`` mask -> ``int32 (H, W)``.

    A nucleus keeps at least the pixels nearest to its coarse ones, so that none is lost.
    """
    height, width = mask.shape
    coarse = Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST)  # int32: mode "I"
    seeds = np.asarray(coarse)
    inside = np.where(mask, seeds, 0)
    lost = ~np.isin(seeds, np.unique(inside))
    return grown(np.where(lost, seeds, inside), mask)


@cache
def _true() -> dict[str, Labels]:
    from core.pictures import images

    out = {}
    for sample in SAMPLES:
        if sample.instances:
            with Image.open(FOLDER / sample.instances) as image:
                labels = np.asarray(image).astype(np.int32)
            labels.setflags(write=False)
            out[images.sample(sample.key).digest] = labels
    return out


def truth(picture: Picture) -> Labels | None:
    """The true nuclei of a picture where people have marked them, ``int32 (H, W)``; ``None`` for any other."""
    return _true().get(picture.digest)


def compared(picture: Picture, labels: Labels) -> Agreement | None:
    """How found nuclei, ``(H, W)`` of the picture's size, agree with :func:`truth`; ``None`` where that is unknown."""
    true = truth(picture)
    return None if true is None else agreement(true, labels)
