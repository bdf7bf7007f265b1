"""A row of a fully connected layer's weights folds into a kernel: played, stepped or scrubbed in the browser."""

from __future__ import annotations

import base64

import numpy as np

from core.concepts.fcn.screen.results import Fold
from core.ui.component import register
from core.ui.kit.grid import transport_texts
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(344, 567))


def fold_player(fold: Fold, *, layer: str, row: int, key: str = "fold") -> None:
    """Draw the player.

    Args:
        fold: the row and the shape of its kernel.
        layer: name of the fully connected layer, such as ``fc6``.
        row: number of the row, which is one output of the layer.
        key: key of the component.
    """
    weights = np.frombuffer(fold.values, "<f4")
    extent = float(np.abs(weights).max()) or 1.0
    channels, size, _size = fold.shape
    packed = (weights / extent * 32767).round().astype("<i2").tobytes()
    _mount(
        key=key,
        data={
            "values": base64.b64encode(packed).decode(),
            "extent": extent,
            "channels": channels,
            "size": size,
            "palette": base64.b64encode(palettes.signed().tobytes()).decode(),
            "numbers": {
                "layer": layer,
                "row": row,
                "count": f"{weights.size:,}",
                "channels": channels,
                "size": size,
                "area": size * size,
            },
            "text": {
                "label": _("A row of weights folds into a kernel. Space plays, arrow keys step, Home and End jump."),
                **transport_texts(),
                "hoverHint": _("Point at a square to read its weight."),
                "hover": _("Value {index} of the row = channel {channel}, row {row}, column {column}: {weight}"),
                "stages": [
                    _("1. Row {row} of {layer}’s weight matrix: {count} values in one line, wrapped to fit."),
                    _("2. The map was flattened channel by channel, so cut the row into {channels} pieces of {area}."),
                    _("3. Fold each piece: {channels} squares of {size} × {size}, one for each channel of the map."),
                    _("4. Stack them: a {channels} × {size} × {size} kernel. No value has changed; it can now slide."),
                ],
            },
        },
    )
