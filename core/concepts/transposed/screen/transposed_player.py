"""The transposed-convolution player: paint and add, insert zeros and convolve, and the matrix, driven by one clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from core.maths.arithmetic import Layer
from core.maths.transposed import Axis, paint
from core.models.kernels import Integers, Kernel
from core.ui import guesses, kept
from core.ui.component import register
from core.ui.kit import standing
from core.ui.kit.grid import links, packed, size_formula, transport_texts
from core.ui.language import gettext as _

_mount = register(__file__, room=(560, 470))

KEY = "transposed_player"
WAYS = ("paint", "slide", "matrix", "all")
"""Pictures to see, one at a time or side by side."""
ORDERS = ("paint", "slide")
"""Step by step over the inputs, or over the outputs."""


def twin_formula(layer: Layer, size: int) -> str:
    """The output size of the ordinary convolution over ``size`` cells, with its numbers filled in."""
    p, k = layer.padding, layer.effective_kernel
    return f"⌊({size} + 2 × {p} − {k}) / {layer.stride}⌋ + 1 = {layer.output_size(size)}"


def transposed_player(axis: Axis, x: Integers, kernel: Kernel, on_edit: Callable[[], None]) -> None:
    """Draw the player; what it shows are the numbers of :mod:`core.maths.transposed`.

    Args:
        axis: the parameters, the same along both axes.
        x: the input, ``(size, size)``.
        kernel: the weights.
        on_edit: called when a cell was edited; ``st.session_state[KEY].edit`` says which.
    """
    output, wide = packed(paint(x, kernel.numerators, axis, axis))
    data: dict[str, Any] = {
        "rows": links(axis),
        "taps": axis.kernel,
        "dilation": axis.dilation,
        "padding": axis.padding,
        "input": x.ravel().tolist(),
        "kernel": kernel.numerators.ravel().tolist(),
        "denominator": kernel.denominator,
        "output": output,
        "wide": wide,
        "forward": _("Transposed: (i − 1) s − 2 p + d (k − 1) + o + 1 = {numbers}").format(numbers=size_formula(axis)),
        "backward": _("Its twin, the convolution, back: {numbers}").format(numbers=twin_formula(axis.twin, axis.out)),
        "text": _texts(),
        "ways": {
            "paint": _("(a) Paint and add"),
            "slide": _("(b) Insert zeros"),
            "matrix": _("(c) Matrix"),
            "all": _("side by side"),
        },
    }
    data["id"] = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    order = standing.choice("order", ORDERS, ORDERS[0])
    length = x.size if order == "paint" else axis.out**2
    data["begin"] = standing.begin(
        order=order,
        way=standing.choice("way", WAYS, WAYS[0]),
        at=standing.number("at", -(-length // 2), length),
    )
    _mount(key=KEY, data=data, on_edit_change=on_edit, on_guess_change=_guessed)


def _guessed() -> None:
    if (right := kept.flag(KEY, "guess")) is not None:
        guesses.note("transposed/reaches", right)


def _texts() -> dict[str, str]:
    return {
        "label": _(
            "Player of a transposed convolution. Space plays, arrow keys step, Home and End jump;"
            " inside a grid, arrow keys move between cells and Enter edits one."
        ),
        "paintTitle": _("(a) Paint and add"),
        "slideTitle": _("(b) Insert zeros and convolve"),
        "matrixTitle": _("(c) Multiply by the transposed matrix"),
        "paintAlt": _("Each input cell stamps the kernel, scaled by its value, on the output; stamps add up."),
        "slideAlt": _("The input with zeros between and around its cells, and the turned kernel sliding over it."),
        "matrixAlt": _("The matrix of the convolution and its transpose; the active row or column is lit."),
        "ways": _("Way to see the sum"),
        "order": _("Order of the steps"),
        "byInput": _("input by input"),
        "byOutput": _("output by output"),
        **transport_texts(),
        "outputTitle": _("output {size}"),
        "inputTitle": _("input {size}"),
        "kernelTitle": _("kernel {size}"),
        "wideTitle": _("input with zeros {size}, kernel turned by 180°"),
        "convolutionMatrix": _("C, {size}: the convolution"),
        "transposedMatrix": _("Cᵀ, {size}: its transpose"),
        "output": _("Output"),
        "input": _("Input"),
        "kernel": _("Kernel"),
        "wide": _("Input with inserted zeros"),
        "insertedZero": _("inserted zero"),
        "outputCell": _("Output, row {row}, column {column}: {value}"),
        "inputCell": _("Input, row {row}, column {column}: {value}"),
        "kernelCell": _("Kernel, row {row}, column {column}: {value}"),
        "hint": _("Point at any cell to see its sum. Click a blue or grey cell in (a) to change its number."),
        "outputSum": _("Output, row {row}, column {column} ="),
        "noStamp": _("an empty sum: no stamp reaches this cell"),
        "stampSum": _(
            "Input, row {row}, column {column} is {value}: the kernel times {value} is added to {cells} output cells."
        ),
        "stampNowhere": _(
            "Input, row {row}, column {column} is {value}, but padding cuts its whole stamp off: it goes nowhere."
        ),
        "ask": _("Predict: who reaches this cell?"),
        "stopGuess": _("Back to the player"),
        "reveal": _("Reveal"),
        "guessHow": _(
            "Which input cells reach the output cell with the question mark? Click them (or press Enter on them),"
            " then reveal."
        ),
        "verdictHit": _("Exactly: {all} input cells."),
        "verdictMiss": _("{right} of {all} found, {wrong} too many."),
        "save": _("Save as"),
    }
