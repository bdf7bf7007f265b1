"""``python -m core segment``: class ids of every pixel, as a palette picture of the photo's original size."""

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
    from core.training.data import CLASSES

    return CLASSES


def run(options: argparse.Namespace) -> None:
    import numpy as np
    from PIL import Image

    from core import inference
    from core.models.registry import SPECS, spec
    from core.reference import palette_image
    from core.segmentation import segment
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
        whole = Image.fromarray(found.ids).resize(picture.original_size, Image.Resampling.NEAREST)
        file = io.BytesIO()
        palette_image(np.asarray(whole)).save(file, "PNG")
        write(mask, file.getvalue())
        if overlay:
            write(overlay, encoded(overlay, classes_over(picture.pixels, found.ids, names)))
        shares = ", ".join(f"{names[i]} {share:.1%}" for i, share in found.shares().items())
        print(f"{path}: {shares}; {found.seconds * 1000:.0f} ms -> {mask}")
