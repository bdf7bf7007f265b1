"""``python -m core segment``: class ids of every pixel, as a palette picture of the photo's original size.

A network that tells one nucleus from the next gives their numbers instead, as a 16-bit grey picture, and their count.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.cli.files import CommandError, encoded, read, targets, write
from core.errors import N_

if TYPE_CHECKING:
    from core.models.registry import ModelSpec


def class_names(entry: ModelSpec) -> Sequence[str]:
    """Names of a segmenter's classes by id."""
    if entry.labels == "em":
        return "membrane", "cell"
    if entry.labels == "nuclei":
        return "background", "nucleus"
    from core.pictures.labels import CLASSES

    return CLASSES


def run(options: argparse.Namespace) -> None:
    import numpy as np
    from PIL import Image

    from core.engine import inference
    from core.models.registry import SPECS, spec
    from core.passes.segmentation import segment
    from core.pictures.reference import palette_image
    from core.viz.instances import instances_over
    from core.viz.overlays import classes_over

    entry = spec(options.model)
    if entry.kind != "segmenter":
        able = ", ".join(s.name for s in SPECS.values() if s.kind == "segmenter")
        raise CommandError(N_("{name} cuts nothing out: choose one of {able}."), name=entry.name, able=able)
    masks = targets(options.images, options.out, ".png")
    overlays = targets(options.images, options.overlay, ".jpg") if options.overlay else [None] * len(masks)
    names = class_names(entry)
    model = inference.load(entry.name)
    for path, mask, overlay in zip(options.images, masks, overlays, strict=True):
        picture = read(path)
        found = segment(model, picture)
        counted, values = found.nuclei, found.ids if found.nuclei is None else found.nuclei
        whole = np.asarray(Image.fromarray(values).resize(picture.original_size, Image.Resampling.NEAREST))
        file = io.BytesIO()
        (palette_image(whole) if counted is None else Image.fromarray(whole.astype(np.uint16))).save(file, "PNG")
        write(mask, file.getvalue())
        if overlay:
            painted = (
                classes_over(picture.pixels, found.ids, names)
                if counted is None
                else instances_over(picture.pixels, counted)
            )
            write(overlay, encoded(overlay, painted))
        shares = ", ".join(f"{names[i]} {share:.1%}" for i, share in found.shares().items())
        number = "" if counted is None else f"{int(counted.max(initial=0))} nuclei, "
        print(f"{path}: {number}{shares}; {found.seconds * 1000:.0f} ms -> {mask}")
