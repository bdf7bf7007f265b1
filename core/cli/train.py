"""``train``: a small network learns from made pictures, as on the page; curve, film and weights go into a folder."""

from __future__ import annotations

import argparse
import csv
import io

from core.cli.console import say, shown
from core.cli.files import CommandError, claim, write
from core.errors import N_

FILES = ("curve.png", "curve.csv", "masks.gif", "weights.safetensors")


def run(options: argparse.Namespace) -> int:
    """Let it learn; returns the exit status."""
    from core.engine import inference
    from core.passes.learning.run import LAST, Options, Training, check

    wanted = Options(
        task=options.task, depth=options.depth, width=options.width, skips=options.skips == "on", loss=options.loss,
        rate=options.rate, augment=options.augment, pictures=options.pictures, seed=options.seed,
    )  # fmt: skip
    inference.wait_until_ready()
    check(wanted)
    if not 1 <= options.steps <= LAST:
        raise CommandError(N_("{given} steps are not on offer: choose 1 to {most}."), given=options.steps, most=LAST)
    results = [options.out / name for name in FILES]
    claim([], results, options.force)
    made = Training(wanted)
    inference.run(made.look)
    while made.step < options.steps and not made.over:
        inference.run(made.learn)
    if made.frames[-1].step != made.step:
        inference.run(made.look)
    for path, data in zip(results, _files(made), strict=True):
        write(path, data)
    last = made.frames[-1]
    classes = ", ".join(f"{name} {iou:.2f}" for name, iou in zip(made.task.classes, last.iou, strict=True))
    say(f"{options.task}: {made.step} steps in {made.seconds:.1f} s, IoU on held-out pictures: {classes}")
    say(f"{', '.join(FILES)} -> {shown(options.out)}")
    if made.exploded:
        raise CommandError(
            N_("The loss is not a number any more: that is what too large a learning rate does. Choose a smaller one.")
        )
    return 0


def _files(made: object) -> tuple[bytes, bytes, bytes, bytes]:
    import numpy as np
    from safetensors.torch import save

    from core.passes.learning import tasks
    from core.passes.learning.run import Training
    from core.pictures.images import encode_png
    from core.viz import learning

    assert isinstance(made, Training)
    frames = made.kept()
    steps, loss = [f.step for f in frames], [f.loss for f in frames]
    picture = learning.curve(steps, loss, [f.found for f in frames], [f.taught for f in frames])
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\n")
    lines.writerow(["step", "loss", "iou_teaching", *(f"iou_{name}" for name in made.task.classes)])
    lines.writerows([[f.step, f"{f.loss:.6f}", f"{f.taught:.4f}", *(f"{v:.4f}" for v in f.iou)] for f in frames])
    held = tasks.held_out(made.options.task)
    above = np.concatenate(list(held.pixels[: tasks.SHOWN]), 1)
    masks = [frame.masks() for frame in frames]
    weights = save({name: value.contiguous() for name, value in made.network.state_dict().items()})
    return encode_png(picture, 6), table.getvalue().encode(), learning.film(masks, above), weights
