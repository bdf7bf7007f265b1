"""``stress``: photos disturbed in ten ways, how far the answers hold, as one HTML file with a CSV beside it."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.batch import Batch
from core.cli.console import say, shown
from core.cli.files import CommandError, check_input, check_output, claim, read, write
from core.errors import N_

if TYPE_CHECKING:
    from core.cli.stress_report import Sample
    from core.engine.inference import LoadedModel

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".gif", ".jp2"}
"""Files of a folder that are taken for photos; a file that is named itself may be called anything."""
COLUMNS = ("photo", "network", "disturbance", "strength", "unit", "agreement")


def photos(named: Sequence[Path]) -> list[Path]:
    """Files as they were named, and the photos in folders, by name; folders in folders are left alone.

    Raises:
        CommandError: a folder without photos, or one that cannot be read.
    """
    found: list[Path] = []
    for path in named:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CommandError(N_("{path} cannot be read ({reason})."), path=shown(path), reason=reason) from error
        if not inside:
            raise CommandError(N_("The folder {folder} holds no photos: name another one."), folder=shown(path))
        found += inside
    return found


def run(options: argparse.Namespace) -> int:
    """Disturb the photos, one after the other, and write the report; returns the exit status."""
    from core.models import segmenters
    from core.models.registry import spec
    from core.passes.stress import kinds

    name = spec(options.network).name
    if name not in segmenters.networks():
        able = ", ".join(segmenters.networks())
        raise CommandError(N_("{name} does not cut photos out: choose one of {able}."), name=name, able=able)
    chosen = [kinds.kind(each).name for each in options.kinds or kinds.KINDS]
    check_output(options.out, (".html", ".htm"))
    table = options.out.with_suffix(".csv")
    files = photos(options.images)
    claim(files, [options.out, table], options.force)
    batch = Batch(options.program, "pictures")
    images = batch.check(files, check_input)
    if not images:
        return batch.work(images, lambda _path: None)
    from core.cli.stress_report import html
    from core.engine import inference

    model = inference.load(name)
    samples: list[Sample] = []
    status = batch.work(images, lambda path: _one(model, path, chosen, samples))
    if samples:
        write(table, _table(samples).encode())
        write(options.out, html(model.spec.title, samples, chosen).encode())
        say(f"{len(samples)} pictures, {len(chosen)} disturbances -> {shown(options.out)}, {shown(table)}")
    return status


def _one(model: LoadedModel, path: Path, chosen: Sequence[str], samples: list[Sample]) -> None:
    from core.cli.stress_report import Sample
    from core.passes.stress import answers, kinds

    pixels = kinds.working(read(path).pixels)
    curves = {}
    for kind in chosen:
        *_, last = answers.sweep([model.spec.name], pixels, kind)
        curves[kind] = last.curves[model.spec.name]
    worst = min(chosen, key=lambda kind: curves[kind].mean)
    curve = curves[worst]
    strength = curve.strengths[min(range(len(curve.values)), key=curve.values.__getitem__)]
    clean = answers.answer(model, pixels)
    disturbed = kinds.disturbed(pixels, worst, strength)
    now = answers.answer(model, disturbed)
    samples.append(Sample(path.name, model.spec.name, curves, pixels, clean, worst, strength, disturbed, now))
    held = sum(curve.mean for curve in curves.values()) / len(curves)
    words = kinds.KINDS[worst].words(strength)
    say(f"{shown(path)}: mean agreement {held:.2f}, worst under {worst} ({words}: {min(curve.values):.2f})")


def _table(samples: Sequence[Sample]) -> str:
    from core.passes.stress import kinds

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sample in samples:
        for name, curve in sample.curves.items():
            kind = kinds.KINDS[name]
            for strength, value in zip(curve.strengths, curve.values, strict=True):
                shows = f"{strength / kind.divide:g}"
                writer.writerow([_plain(sample.file), sample.network, name, shows, kind.unit, f"{value:.4f}"])
    return out.getvalue()


def _plain(name: str) -> str:
    """A file's name that no spreadsheet takes for a formula."""
    return "'" + name if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name
