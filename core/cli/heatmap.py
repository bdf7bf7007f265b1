"""``heatmap``: a classifier, read as convolutions, says where in a picture it sees something."""

from __future__ import annotations

import argparse

from core.cli.console import say, shown
from core.cli.files import CommandError, check_input, check_output, claim, encoded, read, write
from core.errors import N_


def run(options: argparse.Namespace) -> int:
    """Draw one heatmap; returns the exit status."""
    from core.engine import inference
    from core.models.imagenet import resolve
    from core.models.registry import spec
    from core.passes import heatmaps
    from core.viz.overlays import heat_over, spread

    entry = spec(options.model)
    if entry.name not in heatmaps.networks():
        able = ", ".join(heatmaps.networks())
        raise CommandError(N_("{name} knows no ImageNet classes: choose one of {able}."), name=entry.name, able=able)
    ids = resolve(options.label)
    view = heatmaps.View(options.crop, options.side)
    check_output(options.out, (".png", ".jpg", ".jpeg"))
    check_input(options.image)
    claim([options.image], [options.out], options.force)
    picture = read(options.image)
    grid = heatmaps.scan(inference.load(entry.name), picture, view)
    part = view.render(picture.pixels)
    heat = spread(grid.heat(ids), grid.input_size, heatmaps.STRIDE, heatmaps.NATIVE / 2)
    write(options.out, encoded(options.out, heat_over(part, heat)))
    row, column = grid.hottest(ids)
    left, top, right, bottom = grid.window(row, column)
    say(
        f"{shown(options.image)}: {shown(options.label)}, {grid.rows} x {grid.columns} cells, "
        f"hottest {float(grid.heat(ids)[row, column]):.3f} in row {row}, column {column} "
        f"(pixels {left}-{right} x {top}-{bottom} of {grid.input_size[0]} x {grid.input_size[1]}), "
        f"{grid.seconds * 1000:.0f} ms -> {shown(options.out)}"
    )
    return 0
