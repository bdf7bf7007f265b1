"""Context against localisation: what patch classifiers say of a pixel as more and more of its surroundings shows.

The four networks of :mod:`core.models.patches` differ in their window only. Here: the answer for one pixel when all but
a square around it is grey (:func:`sweep`), the map of each over the whole photo with its two scores (:func:`dense`,
:func:`grade`), and which pixels of the theoretical window truly count (:func:`fields`). All places are pixels of the
networks' input, the photo with its shorter side at 321 pixels (:func:`render`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import N_, SegScopeError
from core.maths.metrics import VOID, boundary_score, confusion, mean_iou, pixel_accuracy
from core.passes.segmentation import SHORT_SIDE, WIDEST, input_size

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine.inference import LoadedModel

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

WINDOWS = (35, 67, 115, 211)
"""Sides of the classifiers' windows in pixels."""
SIDES = (9, 15, 25, 35, 51, 67, 91, 115, 147, 179, 211, 255)
"""Sides of the visible square on offer, in pixels; odd, so that the pixel is its middle."""
GREY = 127
"""The mean colour of the patch classifiers' preprocessing: it becomes 0, as padding is."""
LARGEST = round(SHORT_SIDE * WIDEST)
"""Longer side of the widest photo at the networks' scale, in pixels."""


class SweepError(SegScopeError):
    """A pixel outside the picture."""


def render(pixels: Bytes) -> Bytes:
    """The photo at the networks' scale: ``uint8 (H, W, 3)`` -> ``uint8 (h, w, 3)``, shorter side 321."""
    size = input_size(pixels.shape[1], pixels.shape[0])
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def around(pixels: Bytes, x: int, y: int, before: int, side: int) -> Bytes:
    """A square of ``side`` pixels in which pixel (x, y) stands at (``before``, ``before``); grey beyond the photo.

    Raises:
        SweepError: the photo has no such pixel.
    """
    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise SweepError(N_("The picture has no pixel ({x}, {y})."), x=x, y=y)
    out = np.full((side, side, 3), GREY, np.uint8)
    left, top = x - before, y - before
    rows = slice(max(top, 0), min(top + side, height))
    columns = slice(max(left, 0), min(left + side, width))
    out[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = pixels[rows, columns]
    return out


def _crop(window: int, stride: int) -> tuple[int, int, int]:
    """(cell, its pixel, side) of a square that holds the whole window of its cell."""
    cell = -(-(window // 2) // stride) + 1
    pixel = stride * cell + stride // 2 - 1
    return cell, pixel, (-(-(pixel + window // 2 + 1) // stride) + 1) * stride


def sweep(models: dict[int, LoadedModel], pixels: Bytes, x: int, y: int) -> Floats:
    """What each classifier says of a pixel while only a square around it shows.

    Args:
        models: by the side of the window, as :data:`WINDOWS`.
        pixels: of :func:`render`.
        x, y: the pixel.

    Returns:
        ``(networks, len(SIDES), 21)`` probabilities. A square larger than a network's window changes nothing any
        more, so those answers are repeated, not computed.

    Raises:
        SweepError: the photo has no such pixel.
    """
    import torch

    from core.engine.inference import run

    def answers(window: int, model: LoadedModel) -> Tensor:
        cell, pixel, side = _crop(window, model.spec.output_stride)
        whole = model.prepare(around(pixels, x, y, pixel, side))
        batch = []
        for shown in (s for s in SIDES if s <= window):
            half = shown // 2
            inside = slice(pixel - half, pixel + half + 1)
            part = torch.zeros_like(whole)
            part[..., inside, inside] = whole[..., inside, inside]
            batch.append(part)
        said = model.module(torch.cat(batch))[:, :, cell, cell].softmax(1)  # (sides, 21)
        return torch.cat([said, said[-1:].expand(len(SIDES) - len(said), -1)])

    timed = run(lambda: torch.stack([answers(window, model) for window, model in models.items()]))
    return np.asarray(timed.value.numpy(), np.float32)


def dense(model: LoadedModel, pixels: Bytes) -> Bytes:
    """The class of every pixel of :func:`render`'s picture: ``uint8 (h, w)``; coarse scores interpolated (bilinear)."""
    import torch.nn.functional as F

    from core.engine.inference import run

    x = model.prepare(pixels)
    height, width = pixels.shape[:2]

    def answer() -> Tensor:
        scores = model.module(x)
        if model.spec.kind == "patch":
            sides = [model.spec.output_stride * cells for cells in scores.shape[-2:]]
            scores = F.interpolate(scores, sides, mode="bilinear", align_corners=False)[..., :height, :width]
        return scores.argmax(1)[0].byte()

    return np.asarray(run(answer).value.numpy())


class Grade(NamedTuple):
    """How well a mask agrees with a reference; all from 0 to 1.

    Attributes:
        accuracy: share of pixels with the right class.
        miou: mean IoU over the classes of either.
        boundary: F1 of the outlines within two pixels; the boundary error is 1 minus it.
    """

    accuracy: float
    miou: float
    boundary: float


def grade(truth: Bytes, ids: Bytes) -> Grade:
    """The scores of ``ids`` against ``truth``, both ``uint8 (h, w)``; 255 in the truth is not counted."""
    matrix = confusion(truth, ids, 21)
    return Grade(pixel_accuracy(matrix), mean_iou(matrix), boundary_score(truth, ids))


def ceiling(truth: Bytes, stride: int) -> float:
    """The boundary score that a stride alone permits: the reference itself, averaged over cells and interpolated back.

    No network is involved; each class's share of a cell stands for its score.
    """
    import torch
    import torch.nn.functional as F

    height, width = truth.shape
    known = torch.from_numpy(np.where(truth == VOID, 0, truth).astype(np.int64))
    shares = F.one_hot(known, 21).permute(2, 0, 1)[None].float()  # (1, 21, h, w)
    shares = F.pad(shares, (0, -width % stride, 0, -height % stride), mode="replicate")
    cells = F.avg_pool2d(shares, stride)
    back = F.interpolate(cells, shares.shape[-2:], mode="bilinear", align_corners=False)[..., :height, :width]
    return boundary_score(truth, back.argmax(1)[0].byte().numpy())


def at_scale(ids: Bytes, pixels: Bytes) -> Bytes:
    """A mask of the photo at the size of :func:`render`'s picture, without mixing ids."""
    size = (pixels.shape[1], pixels.shape[0])
    out = np.asarray(Image.fromarray(ids).resize(size, Image.Resampling.NEAREST))
    if int(out[out != VOID].max(initial=0)) > 20:
        raise SweepError(N_("This mask holds a class that no network here knows."))
    return out


def inside(mask: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """(x, y) of a pixel deep inside a mask ``(h, w)``: one that survives longest when the border is peeled off."""
    from scipy import ndimage

    if not mask.any():
        return None
    depth = ndimage.distance_transform_cdt(np.pad(mask, 1), metric="taxicab")  # beyond the picture is outside
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(column) - 1, int(row) - 1


class FieldOf(NamedTuple):
    """What one cell of a layer sees, and what it listens to.

    Attributes:
        size: side of the theoretical receptive field in pixels.
        stride: pixels from one cell of the layer to the next.
        left, top: first pixel of the theoretical field; the field may reach beyond the photo.
        gradient: ``float32 (h, w)`` over the photo, the gradient's magnitude, largest 1.
        core: side of the smallest square around the pixel that holds :data:`MOST` of the gradient.
        share: ``core`` squared over ``size`` squared.
    """

    size: int
    stride: int
    left: int
    top: int
    gradient: Floats
    core: int
    share: float


MOST = 0.9
DEEPEST = 17
"""Inverted residuals of the encoder; layer 0 is the stem."""


def concentration(gradient: Floats, x: int, y: int) -> int:
    """Side of the smallest square around pixel (x, y) that holds 90% of ``gradient``'s sum; ``(h, w)``.

    Raises:
        SweepError: the gradient is not a number somewhere, so that no square holds a share of its sum.
    """
    total = float(gradient.sum(dtype=np.float64))
    if not np.isfinite(total):
        raise SweepError(N_("The gradient of this layer is not a number everywhere: choose another pixel or layer."))
    height, width = gradient.shape
    rows, columns = abs(np.arange(height) - y), abs(np.arange(width) - x)
    rings = np.maximum.outer(rows, columns)  # (h, w): how far out the square has to reach to hold a pixel
    held = np.bincount(rings.ravel(), weights=gradient.ravel()).cumsum()  # by half the side
    return 2 * int((held < MOST * total).sum()) + 1


def field(model: LoadedModel, pixels: Bytes, x: int, y: int, layer: int) -> FieldOf:
    """Theoretical and effective receptive field of the cell of a layer that lies nearest to a pixel.

    Effective: the gradient of the sum of the cell's channels with respect to every pixel of the photo, its absolute
    values added over the three colours (Luo et al., NIPS 2016, take the same gradient, averaged over inputs).

    Args:
        model: a segmenter on the shared encoder at its full stride of 32.
        pixels: of :func:`render`.
        x, y: the pixel.
        layer: 0 for the stem, otherwise the number of the encoder's block, up to :data:`DEEPEST`.

    Raises:
        SweepError: the photo has no such pixel, or the encoder no such layer.
    """
    import torch

    from core.engine.inference import run
    from core.maths.arithmetic import receptive_field
    from core.models.mobilenetv2 import layers
    from core.models.shared import EncoderDecoder, extend

    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise SweepError(N_("The picture has no pixel ({x}, {y})."), x=x, y=y)
    if not 0 <= layer <= DEEPEST:
        raise SweepError(N_("The encoder has no layer {layer}."), layer=layer)
    network = model.module
    assert isinstance(network, EncoderDecoder)
    encoder = network.encoder
    size, stride, start = receptive_field(layers(layer))

    def compute() -> FieldOf:
        with torch.inference_mode(False), torch.enable_grad():
            image = model.prepare(pixels).clone().requires_grad_()
            seen = encoder.stem(extend(image))  # as the network itself extends it
            for _, block in zip(range(layer), encoder.blocks(), strict=False):
                seen = block(seen)
            column, row = (
                min(max(round((at - start - size // 2) / stride), 0), cells - 1)
                for at, cells in ((x, seen.shape[-1]), (y, seen.shape[-2]))
            )
            (slope,) = torch.autograd.grad(seen[0, :, row, column].sum(), image)
        part = slope[0].abs().sum(0).numpy()
        part = (part / max(float(part.max()), 1e-12)).astype(np.float32)
        core = min(size, concentration(part, x, y))
        return FieldOf(size, stride, start + column * stride, start + row * stride, part, core, (core / size) ** 2)

    return run(compute).value
