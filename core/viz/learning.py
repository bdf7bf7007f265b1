"""A small network's run as files: its curve as a picture, its masks as a film."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.viz.palettes import OKABE_ITO

Bytes = npt.NDArray[np.uint8]
WIDTH, HEIGHT, EDGE = 720, 360, 48
SCALE = 2
"""Every pixel of a mask becomes so many in the film, along each side."""


def curve(steps: Sequence[int], loss: Sequence[float], held: Sequence[float], taught: Sequence[float]) -> Bytes:
    """Loss (left scale) and IoU on held-out and on teaching pictures (right scale, 0 to 1): ``uint8 (H, W, 3)``.

    Args:
        steps: from 0 on.
        loss: not a number where it was not measured.
        held, taught: 0 to 1.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    known = [value for value in loss if math.isfinite(value)]
    top, last = max(known, default=1.0) or 1.0, max(steps[-1], 1)

    def place(step: float, share: float) -> tuple[float, float]:
        return EDGE + (WIDTH - 2 * EDGE) * step / last, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share

    for share in (0, 0.25, 0.5, 0.75, 1):
        pen.line([place(0, share), place(last, share)], fill="#dddddd")
        x, y = place(0, share)
        pen.text((x - 6, y), f"{top * share:.2g}", fill="black", anchor="rm")
        pen.text((WIDTH - EDGE + 6, y), f"{share:g}", fill="black", anchor="lm")
    for step in (0, last / 2, last):
        pen.text((place(step, 0)[0], HEIGHT - EDGE + 6), f"{step:.0f}", fill="black", anchor="mt")
    lines = (
        ("loss", OKABE_ITO[6], [value / top for value in loss]),
        ("IoU, held out", OKABE_ITO[5], held),
        ("IoU, pictures that teach", OKABE_ITO[2], taught),
    )
    at = EDGE
    for name, colour, values in lines:
        points = [place(s, v) for s, v in zip(steps, values, strict=True) if math.isfinite(v)]
        if len(points) > 1:
            pen.line(points, fill=colour, width=3)
        pen.line([(at, 18), (at + 24, 18)], fill=colour, width=3)
        pen.text((at + 30, 18), name, fill="black", anchor="lm")
        at += 60 + round(pen.textlength(name))
    return np.asarray(image)


def painted(ids: Bytes) -> Bytes:
    """Class ids ``(H, W)`` in colours, background white: ``uint8 (H, W, 3)``."""
    colours = ["#ffffff", *OKABE_ITO[1:]]
    table = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], np.uint8)
    return np.asarray(table[ids])


def film(masks: Sequence[Bytes], above: Bytes) -> bytes:
    """GIF of masks ``(h, w)`` one after the other, below a picture ``(H, w, 3)`` that stays; ten a second."""
    frames = []
    for ids in masks:
        sheet = Image.fromarray(np.concatenate([above, painted(ids)]))
        frames.append(sheet.resize((SCALE * sheet.width, SCALE * sheet.height), Image.Resampling.NEAREST))
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return file.getvalue()
