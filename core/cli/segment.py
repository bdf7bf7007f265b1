"""``segment``: class ids of every pixel, as a palette picture of the photo's original size.

A network that tells one nucleus from the next gives their numbers instead, as a 16-bit grey picture, and their count.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.batch import Batch
from core.cli.console import say, shown
from core.cli.files import CommandError, check_input, claim, encoded, read, targets, write
from core.errors import N_

if TYPE_CHECKING:
    from core.engine.inference import LoadedModel
    from core.models.registry import ModelSpec


def class_names(entry: ModelSpec) -> Sequence[str]:
    """Names of a segmenter's classes by id."""
    if entry.labels == "em":
        return "membrane", "cell"
    if entry.labels == "nuclei":
        return "background", "nucleus"
    from core.pictures.labels import CLASSES

    return CLASSES


def run(options: argparse.Namespace) -> int:
    """Cut the pictures out, one after the other; returns the exit status."""
    from core.models.registry import SPECS, spec

    entry = spec(options.model)
    if entry.kind != "segmenter":
        able = ", ".join(s.name for s in SPECS.values() if s.kind == "segmenter")
        raise CommandError(N_("{name} cuts nothing out: choose one of {able}."), name=entry.name, able=able)
    masks = dict(zip(options.images, targets(options.images, options.out, ".png"), strict=True))
    overlays: dict[Path, Path] = {}
    if options.overlay:
        overlays = dict(zip(options.images, targets(options.images, options.overlay, ".jpg"), strict=True))
    claim(options.images, [*masks.values(), *overlays.values()], options.force)
    batch = Batch(options.program, "pictures")
    images = batch.check(options.images, check_input)
    if not images:
        return batch.work(images, lambda _path: None)
    from core.engine import inference

    model = inference.load(entry.name)
    return batch.work(images, lambda path: _one(model, path, masks[path], overlays.get(path)))


def _one(model: LoadedModel, path: Path, mask: Path, overlay: Path | None) -> None:
    try:
        _cut(model, path, mask, overlay)
    except (MemoryError, RuntimeError) as error:  # PyTorch says a lack of memory with a RuntimeError
        reason = str(error).split("\n")[0] or type(error).__name__
        raise CommandError(N_("{path} could not be computed ({reason})."), path=shown(path), reason=reason) from error


def _cut(model: LoadedModel, path: Path, mask: Path, overlay: Path | None) -> None:
    import numpy as np
    from PIL import Image

    from core.passes.segmentation import segment
    from core.pictures.reference import palette_image
    from core.viz.instances import instances_over
    from core.viz.overlays import classes_over

    names = class_names(model.spec)
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
    say(f"{shown(path)}: {number}{shares}; {found.seconds * 1000:.0f} ms -> {shown(mask)}")
