"""How many stamps each output cell receives, and which kernels and strides overlap evenly."""

from __future__ import annotations

from functools import cache
from typing import Any

from core.concepts.transposed.checkerboard import even, phase_counts
from core.maths.transposed import Axis, overlap
from core.ui.component import register
from core.ui.language import gettext as _

_mount = register(__file__, room=(634, 349))

KERNELS = range(1, 9)
STRIDES = range(1, 6)


@cache
def _table(dilation: int) -> dict[str, list[list[Any]]]:
    """For every stride and kernel: the stamps on neighbouring cells, and whether they are equal."""
    return {
        "phases": [[list(phase_counts(k, s, dilation)) for k in KERNELS] for s in STRIDES],
        "even": [[even(k, s, dilation) for k in KERNELS] for s in STRIDES],
    }


def overlap_map(axis: Axis, key: str = "overlap") -> None:
    """Draw the map of ``axis`` (the same along both axes) and the table over all kernels and strides."""
    _mount(
        key=key,
        data={
            "counts": overlap(axis, axis).ravel().tolist(),
            "side": axis.out,
            "kernels": list(KERNELS),
            **_table(axis.dilation),
            "current": [axis.stride - 1, axis.kernel - 1],
            "text": {
                "map": _("Stamps on each output cell, {size} × {size}").format(size=axis.out),
                "table": _("Even or not, for every kernel and stride, far from the border (dilation {d})").format(
                    d=axis.dilation
                ),
                "kernel": _("kernel k →"),
                "stride": _("stride s ↓"),
                "mapCell": _("Row {row}, column {column}; stamps: {value}"),
                "evenCell": _("k = {k}, s = {s}; stamps on neighbouring cells along one axis: {counts}. Even."),
                "unevenCell": _(
                    "k = {k}, s = {s}; stamps on neighbouring cells along one axis: {counts}. Uneven: a checkerboard."
                ),
            },
        },
    )
