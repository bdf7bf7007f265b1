"""Tiles over a picture with a mirrored border, one by one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.concepts.unet.screen.results import Tiled
from core.pictures.images import encode_jpeg, encode_png
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import instances, palettes
from core.viz.overlays import class_colours

if TYPE_CHECKING:
    from core.passes.tiling import Tiling  # imports PyTorch

_mount = register(__file__)
Bytes = npt.NDArray[np.uint8]


def _png(pixels: Bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(encode_png(pixels, 6)).decode()


def tile_player(subject: str, tiling: Tiling, tiled: Tiled) -> None:
    """Draw the player.

    Args:
        subject: changes with network and picture.
        tiling: where the tiles lie.
        tiled: the picture, its stitched mask, and how far its scores are from those of one pass.
    """
    from core.concepts.unet.tile_steps import extended, steps
    from core.models.unet import MARGIN

    pixels = extended(tiled.pixels, tiling)
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels).resize((width // 2, height // 2), Image.Resampling.BILINEAR)
    largest = float(tiled.difference.max())
    heat = palettes.quantise(tiled.difference, 0, largest)
    mask, (colours, opacities) = tiled.ids, (class_colours(), None)
    if tiled.nuclei is not None:
        mask, (colours, opacities) = instances.painted(tiled.nuclei), instances.palette()
    _mount(
        key="tile_player",
        data={
            "subject": f"{subject}/{tiling.stride}",
            "photo": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(np.asarray(small), 80)).decode(),
            "width": width,
            "height": height,
            "margin": MARGIN,
            "tile": tiling.tile,
            "picture": [tiling.width, tiling.height],
            "mask": _png(mask),
            "heat": _png(heat[::2, ::2]),
            "colours": base64.b64encode(colours.tobytes()).decode(),
            "opacities": None if opacities is None else base64.b64encode(opacities.tobytes()).decode(),
            "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
            "steps": [[s.top, s.left, *s.answer, s.fresh, s.read, s.answered] for s in steps(tiling)],
            "text": {
                "photo": _("The picture with its mirrored border"),
                "back": _("Previous tile"),
                "forward": _("Next tile"),
                "scrub": _("Tile"),
                "said": _(
                    "Tile {number} of {of} reads {tile} × {tile} pixels and answers for {fresh} new ones. So far:"
                    " {read} read, {answered} answered, {ratio} × as many."
                ),
                "difference": _("Show the difference from one pass"),
                "equal": _("There is no difference: not one score differs."),
                "legend": _("dark: none; bright: {largest}").format(largest=f"{largest:.2g}") if largest else "",
            },
        },
    )
