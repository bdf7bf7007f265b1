"""Nuclei one by one: what the network is taught, how its answer is cut into nuclei, and how well that agrees.

A mask cannot tell two touching nuclei apart. U-Net's authors taught a thin gap between touching cells; in these masks
there is none. So every nucleus is split into a core and a rim about a quarter of its radius wide: cores never touch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.maths.boxes import components

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

BACKGROUND, RIM, CORE = 0, 1, 2
NAMES = ("background", "rim", "core")
RIM_SHARE = 0.25
"""Width of the rim as a share of a nucleus's radius (of the disc of the same area)."""
WIDEST_RIM = 4
FAINTEST = 16
"""Grey levels: a picture with less contrast is not stretched to full contrast."""


def stretched(pixels: Bytes) -> Bytes:
    """The picture with its contrast stretched: its grey values from the 0.5th to the 99.5th percentile fill 0 to 255.

    Half of the fluorescence pictures have nothing above a quarter of full brightness. One straight line for all three
    channels, so that hues stay. ``uint8 (H, W, 3) -> uint8 (H, W, 3)``.
    """
    grey = pixels.mean(axis=2, dtype=np.float32)  # (H, W)
    low, high = np.percentile(grey, (0.5, 99.5))
    scale = 255 / max(high - low, FAINTEST)
    out: Bytes = np.clip((pixels - np.float32(low)) * np.float32(scale) + 0.5, 0, 255).astype(np.uint8)
    return out


def _peeled(labels: Labels, corners: bool) -> Labels:
    """Instances without their outermost pixels: those beside another instance or beside the background."""
    padded = np.pad(labels, 1, mode="edge")  # beyond the picture a nucleus goes on
    height, width = labels.shape
    keep = labels > 0
    for down in range(3):
        for across in range(3):
            if corners or 1 in (down, across):
                keep = keep & (padded[down : down + height, across : across + width] == labels)
    return np.where(keep, labels, 0)


def rims_and_cores(instances: NDArray[np.integer]) -> Bytes:
    """What the network is taught: 0 background, 1 rim, 2 core.

    Rims are peeled off pixel by pixel, first with and then without the diagonal neighbours, in turns, which keeps
    discs round. A rim takes at most half of the layers that a nucleus has, or a long thin one would fall into pieces.

    Args:
        instances: ``(H, W)``, 0 outside, one number per nucleus.

    Returns:
        ``uint8 (H, W)``.
    """
    labels = np.unique(instances, return_inverse=True)[1].reshape(instances.shape).astype(np.int32)
    if instances.size and instances.min() > 0:
        labels += 1
    areas = np.bincount(labels.ravel())
    widths = np.clip(np.round(RIM_SHARE * np.sqrt(areas / np.pi)), 1, WIDEST_RIM).astype(int)
    layers = [labels]
    for turn in range(2 * WIDEST_RIM):
        layers.append(_peeled(layers[-1], corners=turn % 2 == 1))
    there = np.stack([np.bincount(layer.ravel(), minlength=len(areas)) > 0 for layer in layers])  # (layers, nuclei)
    depth = np.minimum(widths, there.sum(axis=0) // 2)
    out = np.where(labels > 0, RIM, BACKGROUND).astype(np.uint8)
    for turn, layer in enumerate(layers):
        out[(layer > 0) & (depth[layer] == turn)] = CORE
    return out


SMALLEST = 20
"""Pixels: a piece smaller than this is not taken for a nucleus."""
LEAST_CORE = 12
"""Pixels: a core smaller than this starts no nucleus of its own where others are near."""
CORE_FROM = 0.4
"""Probability from which a pixel of the mask belongs to a core. These three were chosen on held-out pictures of the
training list."""


def nucleus(probabilities: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a nucleus is likelier than not: ``(3, H, W)`` probabilities -> ``(H, W)``."""
    inside: NDArray[np.bool_] = probabilities[BACKGROUND] < 0.5
    return inside


def cut(probabilities: NDArray[np.floating], smallest: int = SMALLEST) -> Labels:
    """The network's answer cut into nuclei: one for every connected core, grown back over its rim.

    A pixel of the mask goes to the core from which the fewest steps across edges lead to it. A piece of the mask
    without a core of at least :data:`LEAST_CORE` pixels counts as one nucleus.

    Args:
        probabilities: ``(3, H, W)``, of background, rim and core.
        smallest: pixels; nuclei with fewer are dropped.

    Returns:
        ``int32 (H, W)``: 0 background, 1, 2, 3 ... in reading order of their first pixels.
    """
    mask = nucleus(probabilities)
    cores = components(mask & (probabilities[CORE] >= CORE_FROM))
    labels = grown(np.where(np.bincount(cores.ravel())[cores] >= LEAST_CORE, cores, 0), mask)
    left = components(mask & (labels == 0))
    labels = np.where(left > 0, left + labels.max(initial=0), labels)
    return numbered(np.where(np.bincount(labels.ravel())[labels] >= smallest, labels, 0))


def grown(seeds: NDArray[np.integer], mask: NDArray[np.bool_]) -> Labels:
    """Labels spread step by step over edges within a mask; of two that arrive together the lower stays.

    Args:
        seeds: ``(H, W)``, 0 or a label.
        mask: ``(H, W)``, where labels may go; seeds outside it are kept.

    Returns:
        ``int32 (H, W)``; 0 where no label arrives.
    """
    nothing = np.iinfo(np.int32).max
    padded = np.full((seeds.shape[0] + 2, seeds.shape[1] + 2), nothing, np.int32)
    labels = padded[1:-1, 1:-1]  # a view: what is written here is seen by the neighbours below
    labels[:] = np.where(seeds > 0, seeds, nothing)
    open_ = mask & (labels == nothing)
    while True:
        above, below, left, right = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
        arrived = np.minimum(np.minimum(above, below), np.minimum(left, right))
        new = open_ & (arrived < nothing)
        if not new.any():
            return np.where(labels == nothing, 0, labels)
        labels[new] = arrived[new]
        open_ &= ~new


def numbered(labels: NDArray[np.integer]) -> Labels:
    """The same regions as 1, 2, 3 ... in reading order of their first pixels; 0 stays 0."""
    values, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.zeros(len(values), np.int32)
    inside = np.flatnonzero(values)
    rank[inside[np.argsort(first[inside], kind="stable")]] = np.arange(1, len(inside) + 1)
    return rank[inverse.reshape(labels.shape)]


class Agreement(NamedTuple):
    """How found nuclei agree with the true ones.

    Attributes:
        matched: pairs that overlap by more than half of their union.
        found: nuclei that were found.
        true: nuclei that are there.
    """

    matched: int
    found: int
    true: int

    @property
    def score(self) -> float:
        """Matched pairs over all, matched or not: TP / (TP + FP + FN), 0 to 1; 1 where there is nothing at all."""
        everything = self.found + self.true - self.matched
        return self.matched / everything if everything else 1.0

    @property
    def count_error(self) -> float:
        """How far the count is off, as a share of the true one."""
        return abs(self.found - self.true) / max(self.true, 1)


def agreement(truth: NDArray[np.integer], found: NDArray[np.integer], least: float = 0.5) -> Agreement:
    """Matches of true and found nuclei by intersection over union.

    With a threshold of one half or more nobody has two partners, so nothing has to be chosen. J. C. Caicedo et al.,
    "Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl", Nature Methods 2019.

    Args:
        truth: ``(H, W)``, 0 outside, one number per nucleus.
        found: ``(H, W)``, likewise.
        least: the IoU that a pair must exceed, 0.5 to 1.
    """
    true, seen = numbered(truth), numbered(found)
    rows, columns = int(true.max(initial=0)) + 1, int(seen.max(initial=0)) + 1
    both = np.bincount(true.ravel().astype(np.int64) * columns + seen.ravel(), minlength=rows * columns)
    both = both.reshape(rows, columns)  # pixels in common
    union = both.sum(1, keepdims=True) + both.sum(0, keepdims=True) - both
    matched = int((both[1:, 1:] > least * union[1:, 1:]).sum())
    return Agreement(matched, columns - 1, rows - 1)
