"""``teach``: a head on the shared encoder's maps learns from a picture of strokes, and cuts the photo out."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import say, shown
from core.cli.files import CommandError, check_input, check_output, claim, read, write
from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.pictures.images import Picture


def run(options: argparse.Namespace) -> int:
    """Learn and cut out; returns the exit status."""
    import numpy as np
    from PIL import Image

    from core.engine import inference
    from core.passes.learning import strokes
    from core.pictures.reference import palette_image

    check_output(options.out, (".png",))
    check_input(options.image)
    check_input(options.strokes)
    claim([options.image, options.strokes], [options.out], options.force)
    picture = read(options.image)
    under = _strokes(options.strokes, picture)
    strokes.check(under)
    found = strokes.maps(picture)

    def compute() -> tuple[strokes.Head, npt.NDArray[np.uint8]]:
        head = strokes.learn_from(found, under, strokes.STRIDES)
        return head, strokes.mask(head, found)

    timed = inference.run(compute)
    head, mask = timed.value
    whole = np.asarray(Image.fromarray(mask).resize(picture.original_size, Image.Resampling.NEAREST))
    file = io.BytesIO()
    palette_image(whole).save(file, "PNG")
    write(options.out, file.getvalue())
    parts = ", ".join(f"class {label} {(mask == label).mean():.1%}" for label in head.labels)
    say(
        f"{shown(options.image)}: {head.pixels} pixels under the strokes, {parts}; "
        f"{timed.seconds * 1000:.0f} ms -> {shown(options.out)}"
    )
    return 0


def _strokes(path: Path, picture: Picture) -> npt.NDArray[np.uint8]:
    """The picture of strokes, by the door for reference masks: ids, 255 where nothing is."""
    from core.pictures import images, reference

    try:
        with path.open("rb") as file:
            data = file.read(images.MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(N_("{path} cannot be read ({reason})."), path=shown(path), reason=reason) from error
    try:
        return reference.decode(data, picture).ids
    except SegScopeError as error:
        raise CommandError(f"{{path}}: {error.message}", **{"path": shown(path), **error.params}) from error
