"""The 21 classes of PASCAL VOC by id: in words that a page shows, and in the colours that VOC's mask files have."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.errors import N_

VOC = (
    N_("background"), N_("aeroplane"), N_("bicycle"), N_("bird"), N_("boat"), N_("bottle"), N_("bus"), N_("car"),
    N_("cat"), N_("chair"), N_("cow"), N_("dining table"), N_("dog"), N_("horse"), N_("motorbike"), N_("person"),
    N_("potted plant"), N_("sheep"), N_("sofa"), N_("train"), N_("TV monitor"),
)  # fmt: skip
"""Titles by id; 0 is everything that is none of the other twenty. English, marked for translation."""
CLASSES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
"""The same in one word each, as VOC's own files name them."""
CELLS = ("background", "cell")
"""Names by id in masks of micrographs."""


@cache
def voc_palette() -> npt.NDArray[np.uint8]:
    """The palette of VOC's mask files, which every tool of the field knows: ``uint8 (256, 3)``, black for 0.

    The bits of the class id are dealt out to red, green and blue in turn, each channel filled from its highest bit.
    For files alone: its cat, (64, 0, 0), cannot be seen on a photo, where :func:`core.viz.overlays.class_colours` are
    used.
    """
    ids = np.arange(256)
    out = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            out[:, channel] |= ((ids >> channel & 1) << (7 - bit)).astype(np.uint8)
        ids >>= 3
    out.setflags(write=False)
    return out
