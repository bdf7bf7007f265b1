"""An atrous convolution, stepped through output cell by output cell on the shared grid parts."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.concepts.deeplab import atrous
from core.models.kernels import Integers, Kernel
from core.ui.component import register
from core.ui.kit.grid import packed, transport_texts
from core.ui.language import gettext as _

_mount = register(__file__, room=(939, 500))


def atrous_player(x: Integers, kernel: Kernel, rate: int) -> None:
    """Draw the player; what it shows are the numbers of :mod:`core.concepts.deeplab.atrous`.

    Args:
        x: the input, ``(size, size)``.
        kernel: 3x3 weights.
        rate: the atrous rate.
    """
    size = x.shape[0]
    output, wide = packed(atrous.convolve(x, kernel.numerators, rate))
    along = {"size": size, "out": size, "links": [list(link) for link in atrous.links(size, rate)]}
    data: dict[str, Any] = {
        "rows": along,
        "rate": rate,
        "taps": atrous.TAPS,
        "input": x.ravel().tolist(),
        "kernel": kernel.numerators.ravel().tolist(),
        "denominator": kernel.denominator,
        "output": output,
        "wide": wide,
        "text": {
            "label": _(
                "Player of an atrous convolution. Space plays, arrow keys step, Home and End jump;"
                " inside a grid, arrow keys move between cells."
            ),
            "inputTitle": _("input {size} × {size}, with {rate} zeros on every side").format(size=size, rate=rate),
            "outputTitle": _("output {size} × {size}: no cell is lost").format(size=size),
            "input": _("Input"),
            "output": _("Output"),
            **transport_texts(),
            "inputCell": _("Input, row {row}, column {column}: {value}"),
            "outputCell": _("Output, row {row}, column {column}: {value}"),
            "zero": _("zero around the map"),
            "outputSum": _("Output, row {row}, column {column} ="),
            "inside": _("{count} of 9 taps meet the map."),
            "uses": _("Input, row {row}, column {column} is read by {count} output cells."),
            "hint": _("Point at any cell to see its sum."),
        },
    }
    data["id"] = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    _mount(key="atrous_player", data=data)
