"""There and back: a map through a convolution and through its transposed twin, and what differs afterwards."""

from __future__ import annotations

from core.maths.transposed import Axis
from core.maths.transposed import round_trip as compute
from core.models.kernels import Integers, Kernel
from core.ui.component import register
from core.ui.kit.grid import links
from core.ui.language import gettext as _

_mount = register(__file__, room=(466, 349))


def round_trip(axis: Axis, start: Integers, kernel: Kernel, key: str = "round_trip") -> None:
    """Draw the four maps.

    Args:
        axis: the parameters; ``start`` has the size that comes out of them.
        start: the large map, ``(axis.out, axis.out)``, integers.
        kernel: weights of the convolution and of its twin.
        key: key of the component.
    """
    trip = compute(start, kernel.numerators, axis)
    unit = kernel.denominator
    difference = trip.back - start * unit**2
    small, large = f"{trip.middle.shape[0]} × {trip.middle.shape[1]}", f"{start.shape[0]} × {start.shape[1]}"
    _mount(
        key=key,
        data={
            "rows": links(trip.again),
            "taps": axis.kernel,
            "denominator": unit,
            "kernel": kernel.numerators.ravel().tolist(),
            "start": start.ravel().tolist(),
            "middle": trip.middle.ravel().tolist(),
            "back": trip.back.ravel().tolist(),
            "difference": difference.ravel().tolist(),
            "text": {
                "start": _("start {size}").format(size=large),
                "middle": _("after the convolution {size}").format(size=small),
                "back": _("after its transposed twin {size}").format(size=large),
                "difference": _("difference: back − start"),
                "hint": _("Point at any cell to see where it comes from."),
                "cell": _("row {row}, column {column}: {value}"),
                "place": _("Row {row}, column {column} ="),
                "toStart": _("Row {row}, column {column} of the start is {value}."),
            },
        },
    )
