"""How a U-Net is built: sizes for any valid input, where dropout sits, and what later versions change."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from core import facts
from core.concepts.unet.receptive_field import DOWN, UP, plain, reaches
from core.ui import page, state
from core.ui.language import gettext as _


@cache
def _parameters(batch_norm: bool) -> dict[str, int]:
    """Trainable values of each stage of the paper's network at full width, and of its head."""
    import torch

    from core.concepts.unet.skips import spots
    from core.models.unet import UNet

    with torch.device("meta"):
        network = UNet(batch_norm=batch_norm)
    down, up = spots(network)
    out = {
        spot.name: sum(
            p.numel() for part in spot.parts or (spot.output,) for p in network.get_submodule(part).parameters()
        )
        for spot in (*down, *up)
    }
    return out | {"head": sum(p.numel() for p in network.head.parameters())}


def _side(b: int, padded: bool) -> int:
    """A valid side: of the unpadded network the one with ``b`` cells at the bottom, padded the next multiple of 16."""
    from core.models.unet import MARGIN, STEP, input_side

    side = input_side(STEP * b + 124 - 2 * MARGIN)
    return side + -side % STEP if padded else side


def rows(b: int, padded: bool, batch_norm: bool) -> list[dict[str, Any]]:
    """The table: one line per stage for the input side ``16 b + 124`` (unpadded) or the same side padded."""
    side = _side(b, padded)
    sizes = {name: len(reach.first) for name, reach in reaches(plain(padded), side).items()}
    counted = _parameters(batch_norm)
    titles = {name: _("Down, depth {depth}").format(depth=i + 1) for i, name in enumerate(DOWN[:-1])}
    titles |= {"bottom": _("Bottom")} | {n: _("Up, depth {depth}").format(depth=4 - i) for i, n in enumerate(UP)}
    lost = 0 if padded else 4
    lines = []
    for name in (*DOWN, *UP):
        level = 4 if name == "bottom" else int(name[-1]) - 1
        size = sizes[name]
        if name == "down1":
            before = ""
        elif name in UP:
            before = _("up-convolution 2 × 2, then skip: {side}").format(side=size + lost)
        else:
            before = _("max pooling 2 × 2: {side}").format(side=size + lost)
        lines.append(
            {
                _("Stage"): titles[name],
                _("Before it"): before,
                _("Two 3 × 3 convolutions"): f"{size + lost} → {size + lost // 2} → {size}",
                _("Channels"): 64 * 2**level,
                _("Parameters"): f"{counted[name]:,}",
            }
        )
    return lines


@st.fragment
def draw() -> None:
    """Slider, variants and table."""
    st.markdown(
        _(
            "U-Net builds on FCN ({source}): no fully connected layer, one pass, and upsampling on the way back. Every"
            " block has two 3 × 3 convolutions with ReLU. On the **contracting path** four blocks go down, with 2 × 2"
            " max pooling after each and twice the channels in the next. On the **expanding path** a 2 × 2"
            " up-convolution stands in front of each block: it doubles the side and halves the channels, and the map"
            " from the same depth is laid beside its own. The two are **concatenated**, channel behind channel; FCN"
            " adds scores instead."
        ).format(source=facts.UNET)
    )
    from core.models.unet import output_side

    left, right = st.columns([3, 4], vertical_alignment="bottom")
    with left:
        b = state.slider(_("Side of the smallest map"), "b", 4, 40, 28)
    with right:
        variant = state.choice(
            _("Variant"),
            "form",
            titles := {"paper": _("as published"), "padded": _("padded"), "norm": _("padded, with BatchNorm")},
            "paper",
            format_func=titles.__getitem__,
        )
    padded = variant != "paper"
    side = _side(b, padded)
    out = side if padded else output_side(side)
    st.markdown(_("Input **{side} × {side}**, output **{out} × {out}**.").format(side=side, out=out))
    st.dataframe(rows(b, padded, variant == "norm"), hide_index=True, width="stretch")
    total = sum(_parameters(variant == "norm").values())
    st.caption(
        _("{total} parameters at the paper’s width with two classes ({source}).").format(
            total=f"{total:,}", source=facts.UNET
        )
    )


def honest_box() -> None:
    """Where the usual sentences about U-Net are inexact."""
    page.honest_box(
        _(
            "**Dropout sits at the end of the contracting path only,** twice: after the fourth block and at the bottom."
            " Dropout between the convolutions of every block is an invention of later versions."
        ),
        _(
            "**The published network has no BatchNorm and no padding.** Its answer is smaller than its input by 92"
            " pixels on each side. Later versions, like the U-Nets for photos on this page, pad and normalise, and have"
            " nothing to crop."
        ),
        _(
            "**The paper keeps touching cells apart by a gap** that its masks have between them, where its loss weighs"
            " most. The nuclei’s masks have none, so our network learns three classes: background, rim and core. In the"
            " masks that it learns from no two cores touch; every core that it finds is a nucleus and grows back over"
            " its rim."
        ),
        _(
            "**“Deconvolution” here means up-convolution.** A transposed convolution with kernel 2 and stride 2: every"
            " cell becomes four, none overlap, so no checkerboard is built in. It inverts nothing."
        ),
        _(
            "**A fader at 0% is not a network without skips.** The path up was trained with these maps and has never"
            " seen zeros in their place. What falls is what *this* network entrusts to the connection."
        ),
    )
