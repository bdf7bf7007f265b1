"""Reference masks of the sample pictures, from outlines that were drawn by hand over the enlarged pictures.

``outlines/KEY.json`` is a list of shapes, drawn one over the other on background. Coordinates are pixels of the
bundled file, from its left and upper edge:

- ``{"label": NAME, "corners": [[x, y], ...]}`` fills a polygon; ``"background"`` takes away again what another thing
  hides, ``"void"`` (255) says that nobody can tell;
- ``{"label": "void", "line": [[x, y], ...], "width": w}`` is a stroke of void, along hair and strings;
- ``"note"`` says what a shape is.

Last, both sides of every outline between two classes become void, one pixel each: there the picture itself mixes them,
and no hand is surer than that. ``python -m core.pictures.samples`` writes ``masks/KEY.png``.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.maths import metrics
from core.maths.metrics import VOID
from core.pictures import images, reference
from core.pictures.labels import CELLS, VOC
from core.pictures.samples import FOLDER, SAMPLES, Sample

Bytes = npt.NDArray[np.uint8]


def outlines(sample: Sample) -> Path:
    """Where the shapes of ``sample`` are written down; a sample whose mask comes from elsewhere has no such file."""
    return FOLDER / "outlines" / f"{sample.key}.json"


def ids(label: str, names: tuple[str, ...]) -> int:
    """The class id of a shape's label, 255 for ``"void"``. Raises ``ValueError`` for a name that is not there."""
    return VOID if label == "void" else names.index(label)


def rasterise(sample: Sample) -> Bytes:
    """``uint8 (H, W)`` class ids, 255 for void, of the size of the bundled file."""
    names = CELLS if sample.labels == "cells" else VOC
    shapes: list[dict[str, Any]] = json.loads(outlines(sample).read_text(encoding="utf-8"))
    filled = [{"label": ids(s["label"], names), "corners": s["corners"]} for s in shapes if "corners" in s]
    found = np.array(reference.draw(filled, images.sample(sample.key)).ids)  # the pen of the page that compares
    rim = np.logical_or.reduce([metrics.outline(found == i) for i in np.unique(found)])
    found[rim] = VOID
    image = Image.fromarray(found)
    pen = ImageDraw.Draw(image)
    for stroke in (s for s in shapes if "line" in s):
        line = [(x - 0.5, y - 0.5) for x, y in stroke["line"]]  # Pillow counts from the pixels' middles
        pen.line(line, fill=ids(stroke["label"], names), width=stroke["width"], joint="curve")
    return np.array(image, dtype=np.uint8)


def encoded(sample: Sample) -> bytes:
    """:func:`rasterise` as a palette PNG in VOC's colours."""
    file = io.BytesIO()
    reference.palette_image(rasterise(sample)).save(file, "PNG", optimize=True)
    return file.getvalue()


def drawn() -> list[Sample]:
    """The samples whose outlines are here."""
    return [sample for sample in SAMPLES if outlines(sample).exists()]
