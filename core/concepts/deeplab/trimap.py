"""How good a mask is near the outlines: intersection over union within a narrow band around the boundary (a trimap).

Most of an object lies far from its outline, where every network is right; a mean over the whole picture hides what a
decoder is for. Here only the pixels within d of the boundary of the reference count.

Sources: Kohli, Ladicky, Torr, "Robust higher order potentials for enforcing label consistency" (IJCV 2009); Chen et
al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation" (ECCV 2018), figure 5.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.maths.metrics import VOID, Ids, mean_iou

WIDEST = 20
"""The widest band in pixels."""


def boundary(ids: Ids) -> npt.NDArray[np.bool_]:
    """The pixels of (H, W) ids that touch another id along an edge, on both of its sides; void is an id like others."""
    out = np.zeros(ids.shape, bool)
    for ahead, behind in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = ids[ahead] != ids[behind]
        out[ahead] |= differs
        out[behind] |= differs
    return out


def distance(ids: Ids, most: int = WIDEST) -> npt.NDArray[np.uint8]:
    """Pixels to the nearest :func:`boundary`, which itself counts 1, steps along edges and diagonals alike.

    Args:
        ids: (H, W).
        most: 1 to 254; everything further away gets ``most + 1``.

    Returns:
        ``uint8 (H, W)``; the band of width d is ``distance <= d``.
    """
    from scipy import ndimage  # here, because no page's first picture needs it

    rim = boundary(ids)
    if not rim.any():
        return np.full(ids.shape, most + 1, np.uint8)
    away = ndimage.distance_transform_cdt(~rim, metric="chessboard")  # 0 on the boundary
    out: npt.NDArray[np.uint8] = np.minimum(away + 1, most + 1).astype(np.uint8)
    return out


def trimap_iou(reference: Ids, prediction: Ids, classes: int = 21, most: int = WIDEST) -> npt.NDArray[np.float64]:
    """Mean IoU within 1, 2 ... ``most`` pixels of the boundary of ``reference``.

    Args:
        reference: (H, W) ids, 255 void, which counts nowhere but has a boundary.
        prediction: (H, W) ids below ``classes``.
        classes: number of classes.
        most: the widest band.

    Returns:
        ``(most,)`` from 0 to 1, the mean over the classes that occur within the band; ``nan`` without a boundary.
    """
    near = distance(reference, most)
    counted = (reference != VOID) & (near <= most)
    cells = reference[counted].astype(np.int64) * classes + prediction[counted]
    index = (near[counted].astype(np.int64) - 1) * classes**2 + cells
    rings = np.bincount(index, minlength=most * classes**2).reshape(most, classes, classes)
    return np.array([mean_iou(matrix) for matrix in rings.cumsum(axis=0)])


def busiest(near: npt.NDArray[np.uint8], one: Ids, other: Ids, side: int) -> tuple[int, int]:
    """The pixel (x, y) of the boundary around which two masks differ most: there a detail of them is worth a look.

    Args:
        near: :func:`distance` of the reference, (H, W).
        one, other: (H, W) ids.
        side: pixels along one side of the detail.

    Returns:
        The first such pixel, row by row; the middle of the picture without a boundary.
    """
    height, width = near.shape
    if not (near == 1).any():
        return width // 2, height // 2
    sums = np.pad((one != other).astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    top, left = (np.clip(np.arange(n) - side // 2, 0, max(0, n - side)) for n in (height, width))
    bottom, right = np.minimum(top + side, height), np.minimum(left + side, width)
    counts = sums[bottom][:, right] - sums[top][:, right] - sums[bottom][:, left] + sums[top][:, left]
    row, column = np.unravel_index(int(np.where(near == 1, counts, -1).argmax()), near.shape)
    return int(column), int(row)
