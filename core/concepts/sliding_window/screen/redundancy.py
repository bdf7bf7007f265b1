"""How often overlapping windows read every pixel and recompute every activation of the first layer, at any place."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt

from core.concepts.sliding_window.windows import Counts, Windows
from core.pictures.images import encode_jpeg
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(395, 600))

Profile = tuple[Counts, Counts]


def redundancy_map(
    windows: Windows, activations: Profile, photo: npt.NDArray[np.uint8], key: str = "redundancy"
) -> None:
    """Draw the map over the photo.

    Args:
        windows: where they lie.
        activations: computations of each row and column of the first layer's map.
        photo: the input, ``uint8 (H, W, 3)``.
    """
    inner = slice(windows.margin, -windows.margin or None)  # of the first layer's map, the part over the picture
    profiles = [
        (windows.reads(), _("Pixels read"), _("Pixel ({x}, {y}) is read {count} times; one pass reads it once.")),
        (
            (activations[0][inner], activations[1][inner]),
            _("First layer computed"),
            _("The first layer’s activations at ({x}, {y}) are computed {count} times; in one pass once."),
        ),
    ]
    _mount(
        key=key,
        data={
            "photo": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(photo, quality=60)).decode(),
            "width": windows.width,
            "height": windows.height,
            "side": windows.side,
            "stride": windows.stride,
            "margin": windows.margin,
            "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
            "layers": [
                {
                    "rows": rows.tolist(),
                    "columns": columns.tolist(),
                    "most": int(rows.max()) * int(columns.max()),
                    "title": title,
                    "says": says,
                }
                for (rows, columns), title, says in profiles
            ],
            "text": {
                "alt": _("The photo under a map of how often each place is computed"),
                "label": _("Map of repetition. Point at a place, or move with the arrow keys."),
                "choice": _("What is counted"),
            },
        },
    )
