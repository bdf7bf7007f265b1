"""Maps of numbers and the links between them, as the grids in the browser want them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from core.maths.transposed import Axis
from core.models.kernels import Integers
from core.ui.language import gettext as _


def links(axis: Axis) -> dict[str, Any]:
    """One axis as the browser's ``Links`` wants it."""
    before, after = axis.border
    return {
        "size": axis.size,
        "out": axis.out,
        "stride": axis.stride,
        "before": before,
        "after": after,
        "links": [list(link) for link in axis.links],
    }


def packed(values: Integers) -> tuple[str, bool]:
    """Integers as little-endian bytes in base64, and whether they need 32 bits instead of 16."""
    wide = bool(np.abs(values).max(initial=0) > np.iinfo(np.int16).max)
    return base64.b64encode(values.astype("<i4" if wide else "<i2").tobytes()).decode(), wide


def size_formula(axis: Axis) -> str:
    """The output size of the transposed convolution with its numbers filled in."""
    i, k, s, p = axis.size, axis.kernel, axis.stride, axis.padding
    return f"({i} − 1) × {s} − 2 × {p} + {axis.dilation} × ({k} − 1) + {axis.output_padding} + 1 = {axis.out}"


def transport_texts() -> dict[str, str]:
    """The words of a player's buttons, as ``grid_transport.js`` wants them."""
    return {
        "first": _("To the beginning"),
        "back": _("One step back"),
        "play": _("Play"),
        "pause": _("Pause"),
        "forward": _("One step forward"),
        "last": _("To the end"),
        "scrub": _("Position in the animation"),
        "speed": _("Speed"),
        "step": _("{step} of {of}"),
    }
