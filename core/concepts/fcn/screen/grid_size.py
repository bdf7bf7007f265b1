"""Why a classifier refuses other sizes, and how the grid of its convolutional twin grows: formulas with numbers in."""

from __future__ import annotations

import streamlit as st

from core.concepts.fcn.screen import results
from core.maths import arithmetic
from core.models.registry import spec
from core.passes.heatmaps import NATIVE, STRIDE
from core.ui.language import gettext as _

SIZES = ((224, 224), (225, 224), (256, 224), (320, 320))
"""(height, width) of the inputs that are tried."""
RIGID = ("alexnet", "vgg16", "googlenet", "efficientnet-lite0")


def growth(name: str, width: int, height: int) -> None:
    """The output-size formula, filled in, and the layers that change the size."""
    columns, rows = arithmetic.grid_size(width), arithmetic.grid_size(height)
    for box, side, cells in zip(st.columns(2), (height, width), (rows, columns), strict=True):
        box.latex(rf"\left\lfloor\frac{{{side}-{NATIVE}}}{{{STRIDE}}}\right\rfloor+1={cells}")
    st.markdown(
        _(
            "One more cell every {stride} pixels, because that is the product of all strides: **{rows} × {columns}**"
            " score vectors for an input of {height} × {width}. At {native} × {native} the grid is 1 × 1: that is the"
            " classifier itself."
        ).format(stride=STRIDE, rows=rows, columns=columns, height=height, width=width, native=NATIVE)
    )
    with st.expander(_("Layer by layer")):
        st.table(
            [
                {
                    _("layer"): _layer(step.layer.name),
                    _("in"): str(step.size_in),
                    "⌊(i + p + p′ − k) / s⌋ + 1": (
                        f"{'⌈' if step.layer.ceil else '⌊'}({step.size_in} + {step.layer.total_padding} −"
                        f" {step.layer.effective_kernel}) / {step.layer.stride}{'⌉' if step.layer.ceil else '⌋'} + 1"
                    ),
                    _("out"): str(step.size_out),
                }
                for step in arithmetic.resizing_steps(arithmetic.CHAINS[name], height)
            ]
        )
        st.caption(
            _(
                "Along the height; layers that keep the size are left out. i cells go in; p and p′ zeros stand before"
                " and behind them, here added up; the kernel spans k cells, the stride is s. ⌈ ⌉ marks pooling that"
                " rounds up."
            )
        )


def _layer(name: str) -> str:
    """``name`` in the reader's language; what papers call conv1 or pool2 is a name."""
    word, _blank, number = name.partition(" ")
    words = {"stem": _("stem"), "stage": _("stage {number}"), "average": _("average")}
    return words[word].format(number=number) if word in words else name


def refusals() -> None:
    """What each classifier, built as in its paper, really does with other input sizes. Needs PyTorch."""
    table = []
    for name in RIGID:
        row = {_("network"): _(spec(name).title)}
        for height, width in SIZES:
            outcome = results.rigid_outcome(name, height, width)
            verdict = "✗" if outcome.error else "✓"
            row[f"{height} × {width}"] = f"{verdict} {outcome.map_size[0]}×{outcome.map_size[1]}"
        table.append(row)
    st.table(table)
    refused = results.rigid_outcome("alexnet", 256, 224)
    first = arithmetic.first_refused_side(arithmetic.CHAINS["alexnet"])
    st.markdown(
        _(
            "The last feature map of each network, and whether its fully connected layer takes it. One pixel more, 225"
            " instead of 224, harms nobody: strides round it away, and AlexNet refuses only from {first} pixels on. At"
            " 256 × 224 its map is {rows} × {columns}, {values} numbers for a layer built for {wanted}, and PyTorch"
            " says:"
        ).format(
            first=first,
            rows=refused.map_size[0],
            columns=refused.map_size[1],
            values=f"{refused.values:,}",
            wanted=f"{refused.wanted:,}",
        )
    )
    st.markdown(f"`RuntimeError: {refused.error}`")
    st.markdown(
        _(
            "GoogLeNet averages windows of {side} × {side} places, and a larger map has several of them: it refuses as"
            " well. EfficientNet averages its map over all places first. It takes any size, and loses position just as"
            " thoroughly: the mean does not know where its numbers stood. (torchvision puts such an average into"
            " AlexNet, VGG16 and GoogLeNet too, which hides the error; here they are as their papers built them.)"
        ).format(side=arithmetic.CHAINS["googlenet"][-1].kernel)
    )
