"""Many things of one kind in different colours: filled faintly, outlined strongly, neighbours never alike."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.maths.metrics import outline
from core.viz.palettes import OKABE_ITO

Bytes = npt.NDArray[np.uint8]

COLOURS = len(OKABE_ITO) - 1
"""Different ones; black is not among them."""
FILL, LINE = 90, 255
"""Opacity of what is inside and of the outline, 0 to 255."""
NEIGHBOURS = 3
"""Pixels: things at most this far apart get different colours."""


def coloured(labels: npt.NDArray[np.integer]) -> Bytes:
    """A colour for every thing: ``(H, W)`` labels, 0 outside -> ``uint8 (H, W)``, 0 outside, 1 to :data:`COLOURS`.

    In order of their labels, each takes the colour that has been used least of those that no neighbour has; should
    the neighbours have them all, of all.
    """
    count = int(labels.max(initial=0))
    near: list[set[int]] = [set() for _ in range(count + 1)]
    height, width = labels.shape
    for down in range(NEIGHBOURS + 1):
        for across in range(-NEIGHBOURS, NEIGHBOURS + 1):
            left, right = max(0, -across), max(0, across)
            a = labels[: max(height - down, 0), left : max(width - right, left)]
            b = labels[down:, right : max(width - left, right)]
            meet = (a != b) & (a > 0) & (b > 0)
            for one, other in np.unique(np.stack([a[meet], b[meet]]), axis=1).T.tolist():
                near[one].add(other)
                near[other].add(one)
    table, used = np.zeros(count + 1, np.uint8), np.zeros(COLOURS + 1, np.int64)
    for label in range(1, count + 1):
        taken = {int(table[other]) for other in near[label]}
        free = [c for c in range(1, COLOURS + 1) if c not in taken] or list(range(1, COLOURS + 1))
        table[label] = min(free, key=lambda c: used[c])
        used[table[label]] += 1
    return table[labels]


def painted(labels: npt.NDArray[np.integer]) -> Bytes:
    """What a browser draws with :func:`palette`: 0 outside, the colours of :func:`coloured` inside, and on the outline
    of each thing its colour plus :data:`COLOURS`. ``(H, W)`` -> ``uint8 (H, W)``."""
    colours = coloured(labels)
    lines = np.zeros(labels.shape, bool)
    for colour in range(1, COLOURS + 1):  # things of one colour never touch
        lines |= outline(colours == colour)
    return (colours + COLOURS * lines).astype(np.uint8)


@cache
def palette() -> tuple[Bytes, Bytes]:
    """Colours ``uint8 (256, 3)`` and opacities ``uint8 (256,)`` of :func:`painted`."""
    colours, opacities = np.zeros((256, 3), np.uint8), np.zeros(256, np.uint8)
    for index, code in enumerate(OKABE_ITO[1:], start=1):
        rgb = [int(code[i : i + 2], 16) for i in (1, 3, 5)]
        colours[index] = colours[index + COLOURS] = rgb
        opacities[index], opacities[index + COLOURS] = FILL, LINE
    for array in (colours, opacities):
        array.setflags(write=False)
    return colours, opacities


def instances_over(pixels: Bytes, labels: npt.NDArray[np.integer]) -> Bytes:
    """A picture with every thing in its colour: ``uint8 (H, W, 3)``, ``(H, W)`` -> ``uint8 (H, W, 3)``."""
    colours, opacities = palette()
    paint = painted(labels)
    share = opacities[paint][..., None] / 255  # (H, W, 1)
    return np.asarray((pixels * (1 - share) + colours[paint] * share).round().astype(np.uint8))
