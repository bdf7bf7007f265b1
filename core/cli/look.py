"""``look``: a network of one's own, by its stages, with what is odd about it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from core.cli.console import say, shown
from core.cli.files import CommandError, check_input, check_output, claim, encoded, read
from core.cli.files import write as write_file
from core.cli.own_module import build, load_weights
from core.errors import N_

if TYPE_CHECKING:
    from torch import Tensor

    from core.passes.look.findings import Finding
    from core.passes.look.stages import Stage

HEAD = ("STAGE", "KIND", "GIVES", "PARAMETERS", "MULTIPLY-ADDS", "TIME")


def run(options: argparse.Namespace) -> int:
    """Build it, run it once on a photo, and say what was seen; returns the exit status."""
    from core.engine import inference
    from core.passes.look import findings
    from core.passes.look.stages import input_of, stages

    for values, name in ((options.mean, "--mean"), (options.std, "--std")):
        if len(values) != 3:
            raise CommandError(N_("{name} takes three numbers, one for each colour."), name=name)
    if options.out:
        check_output(options.out, (".png", ".jpg", ".jpeg"))
        claim([options.photo] if options.photo else [], [options.out], options.force)
    pixels = _pixels(options)
    inference.wait_until_ready()
    network = build(options.network)
    if options.weights:
        load_weights(network, options.weights)
    network.eval().requires_grad_(False)
    x = input_of(pixels, tuple(options.mean), tuple(options.std))

    def look() -> tuple[Tensor, list[Stage], list[Finding]]:
        scores, found = stages(network, x)
        return scores, found, list(findings.all_of(network, x, scores))

    scores, found, odd = inference.run(look).value
    if options.json:
        say(json.dumps(_data(scores, found, odd)))
    else:
        _table(scores, found, odd)
    if options.out:
        write_file(options.out, encoded(options.out, _painted(pixels, scores)))
        say(f"mask -> {shown(options.out)}")
    return 0


def _pixels(options: argparse.Namespace) -> Any:
    import numpy as np
    from PIL import Image

    from core.pictures import images

    if options.photo:
        check_input(options.photo)
    photo = read(options.photo).pixels if options.photo else images.sample(images.SAMPLES[0].key).pixels
    height = options.size or photo.shape[0]
    width = options.size or photo.shape[1]
    return np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR))


def _data(scores: Tensor, found: list[Stage], odd: list[Finding]) -> dict[str, object]:
    return {
        "scores": list(scores.shape[1:]),
        "stages": [stage._asdict() for stage in found],
        "findings": [finding._asdict() for finding in odd],
    }


def _table(scores: Tensor, found: list[Stage], odd: list[Finding]) -> None:
    whole = sum(stage.seconds for stage in found) or 1.0
    rows = [HEAD]
    for stage in found:
        gives = " x ".join(map(str, stage.shape)) or "-"
        share = f"{stage.seconds / whole:.0%}"
        rows.append(
            (stage.path or "(all)", stage.kind, gives, f"{stage.parameters:,}", f"{stage.multiply_adds:,}", share)
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    for row in rows:
        cells = [cell.ljust(w) if i < 3 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        say("  ".join(cells).rstrip())
    classes, height, width = scores.shape[1:]
    say(f"\n{classes} classes at {height} x {width}")
    for finding in odd:
        say(f"- {finding.text}" + (f"  (page /{finding.page})" if finding.page else ""))


def _painted(pixels: Any, scores: Tensor) -> Any:
    import numpy as np
    import torch.nn.functional as F

    from core.viz.overlays import classes_over

    size = pixels.shape[:2]
    ids = F.interpolate(scores, size, mode="bilinear", align_corners=False).argmax(1)[0]
    shown_ids = (ids % 21).byte().numpy() if scores.shape[1] > 21 else ids.byte().numpy()
    names = [str(i) for i in range(256)]
    return classes_over(pixels, np.ascontiguousarray(shown_ids), names)
