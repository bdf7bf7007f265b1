"""Outlines: output strides and their cost, DeepLabv3 against v3+, and what its low-level maps are good for."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core import facts
from core.concepts.deeplab import trimap
from core.concepts.deeplab.screen import divider as divider_component
from core.concepts.deeplab.screen.divider import Version, divider
from core.maths import arithmetic, geometry
from core.models.measured import Scores, measurements
from core.models.registry import spec
from core.pictures.images import Picture
from core.pictures.labels import VOC
from core.ui import kept, own_mask, state
from core.ui.kit import looks, trained
from core.ui.kit.parts import Bytes
from core.ui.language import cited
from core.ui.language import gettext as _
from core.viz import palettes, sprites

V3, PLUS = "deeplabv3", "deeplabv3plus"
SHOWN = 12
STRIDES = (32, 16, 8)


def _codes(strides: bool) -> list[str]:
    return ["v3", "v3p", "bare"] + (["v3at32", "v3at8"] if strides else [])


def _titles() -> dict[str, str]:
    v3, plus = spec(V3), spec(PLUS)
    at = {
        "v3": (v3.title, v3.output_stride),
        "v3p": (plus.title, plus.output_stride),
        **{f"v3at{stride}": (v3.title, stride) for stride in STRIDES if stride != v3.output_stride},
    }
    titles = {
        code: _("{title}, output stride {stride}").format(title=_(title), stride=stride)
        for code, (title, stride) in at.items()
    }
    return titles | {"bare": _("{title} without low-level maps").format(title=_(plus.title))}


def _ids(code: str, picture: Picture) -> Bytes:
    if code in ("v3p", "bare"):
        return looks.deeplab(PLUS, picture, low_level=code == "v3p").ids
    return looks.deeplab(V3, picture, stride=int(code.removeprefix("v3at")) if code != "v3" else 0).ids


def _side(name: str, codes: list[str], default: str) -> str:
    """What is on one side of the divider; the default when a stride that is switched off was there."""
    chosen = kept.value(name, default, lambda: state.read_choice(name, codes, default))
    return chosen if chosen in codes else default


def _take_pair() -> None:
    sent = kept.sent(divider_component.KEY, "shown")
    if isinstance(sent, list) and len(sent) == 2 and all(code in list(_titles()) for code in sent):
        kept.put("left", str(sent[0]), "v3")
        kept.put("right", str(sent[1]), "v3p")


def outlines(picture: Picture) -> None:
    """The divider, the band, and the table of strides."""
    st.markdown(
        _(
            "The *output stride* says how many pixels of the input lie between two cells of the map that is classified:"
            " at {stride} an outline can only be placed roughly. DeepLabv3+ adds an early, finer map behind ASPP. Drag"
            " the divider, and look at the outline in the two enlarged details."
        ).format(stride=spec(V3).output_stride)
    )
    strides = state.toggle(
        _("Run {title} at output stride 32 and 8 as well, with the same weights").format(title=_(spec(V3).title)),
        "strides",
    )
    codes, titles = _codes(strides), _titles()
    left, right = _side("left", codes, "v3"), _side("right", codes, "v3p")
    marked = own_mask.current(picture)
    reference = marked.ids if marked else _ids("v3p", picture)
    versions = []
    for code in codes:
        ids = _ids(code, picture)
        own = marked is None and code == "v3p"
        versions.append(Version(code, titles[code], ids, trimap.trimap_iou(reference, ids), own))
    if marked and marked.bundled:
        sentence = _("The band follows the outlines that were drawn by hand for this picture.")
    elif marked:
        sentence = _("The band follows the outlines of your own reference mask.")
    else:
        sentence = _(
            "This picture has no reference mask. The band follows the outline that {title} itself draws, so its own"
            " score is 100% by definition: the others’ scores say how far they are from it, not who is right. A mask"
            " of your own can be drawn or loaded on the page that compares all networks."
        ).format(title=_(spec(PLUS).title))
    sentence += " " + _("Scores are means over the classes that occur within the band.")
    near, shown = trimap.distance(reference), {version.code: version.ids for version in versions}
    at = trimap.busiest(near, shown[left], shown[right], divider_component.DETAIL)
    divider(picture.pixels, versions, (left, right), near, at, sentence, [_(n) for n in VOC], _take_pair)


def prices() -> None:
    """What a finer output stride costs."""
    head = [_("output stride"), _("cells of a {side} × {side} picture"), _("multiply-adds"), _("times")]
    lines = ["| " + " | ".join(head) + " |", "| ---: | ---: | ---: | ---: |"]
    costs = looks.prices(V3, STRIDES)
    base = costs[STRIDES[0]]
    side = base.side
    lines[0] = lines[0].format(side=side)
    for stride in STRIDES:
        adds = costs[stride].multiply_adds
        times = adds / base.multiply_adds
        cells = geometry.cells(side, stride)
        lines.append(f"| {stride} | {cells} × {cells} | {adds / 1e6:,.0f} M | {times:.1f} |")
    st.markdown("\n".join(lines))
    st.caption(
        _(
            "Same weights, same parameters ({parameters}): a finer stride trades strides for atrous rates and"
            " computes more cells. Each sees {field} pixels a side as before, and image pooling aside it says the same"
            " wherever the coarser map has a cell; what is new stands between them. In the paper output stride 8"
            " brings {fine} instead of {coarse} mIoU ({source}, {where}, {data})."
        ).format(
            parameters=f"{base.parameters:,}",
            field=arithmetic.receptive_field(arithmetic.mobilenetv2()).size,
            fine=facts.DEEPLABV3_STRIDE_8.text,
            coarse=facts.DEEPLABV3_IMAGE_POOLING.text,
            source=facts.DEEPLABV3_STRIDE_8.source,
            where=cited(facts.DEEPLABV3_STRIDE_8.where),
            data=facts.DEEPLABV3_STRIDE_8.data,
        )
    )


def low_level(picture: Picture) -> None:
    """The maps that v3+ adds, and where they enter."""
    from core.models.deeplab import LITE_FILTERS, LOW_LEVEL_CHANNELS

    maps = looks.low_level(picture)
    seen = looks.aspp(PLUS, picture)
    context = seen.maps
    fine = seen.stride * (context.shape[2] - 1) // (maps.shape[1] - 1)
    st.markdown(
        _(
            "{title} enlarges what ASPP says ({filters} maps of {rows} × {columns} cells, {coarse} pixels apart) and"
            " puts {low} low-level maps beside it ({fine_rows} × {fine_columns} cells, {fine} pixels apart: the"
            " encoder’s early map behind a 1 × 1 convolution). Two 3 × 3 convolutions over all {together} maps redraw"
            " the outline. Put “{bare}” on one side of the divider to see what is left without them."
        ).format(
            title=_(spec(PLUS).title),
            filters=LITE_FILTERS,
            rows=context.shape[2],
            columns=context.shape[3],
            coarse=seen.stride,
            fine=fine,
            low=LOW_LEVEL_CHANNELS,
            fine_rows=maps.shape[1],
            fine_columns=maps.shape[2],
            together=LITE_FILTERS + LOW_LEVEL_CHANNELS,
            bare=_titles()["bare"],
        )
    )
    across, down = (geometry.inside(side, fine) for side in seen.input_size)
    maps = maps[:, :down, :across]  # what stands beyond the picture would show its rim as an edge
    varied = np.argsort(-sprites.variance(maps), kind="stable")[:SHOWN]
    sheet = sprites.sheet(maps, varied, columns=6)
    st.image(
        palettes.magnitude()[sheet.pixels],
        caption=_(
            "The {count} most varied of the {all} low-level maps, each over its own range from dark to bright."
        ).format(count=len(varied), all=len(maps)),
        width="stretch",
        alt=_("Low-level maps side by side, in the colours of the scale"),
    )


def figures() -> None:
    """What both networks reach, here and in the paper."""
    measured = measurements()
    paper = {V3: facts.DEEPLABV3_IMAGE_POOLING, PLUS: facts.DEEPLABV3PLUS_STRIDE_16}
    scores = {name: measured.get(name) for name in paper}
    voc = [found.voc if found else None for found in scores.values()]
    pets = [found.pets if found else None for found in scores.values()]
    rows = [
        (_("mIoU, VOC, measured here"), [f"{one.miou:.1%}" if one else "–" for one in voc]),
        (_("outline F1, VOC, measured here"), [f"{one.boundary:.1%}" if one else "–" for one in voc]),
        (_("outline F1, pets, measured here"), [f"{one.boundary:.1%}" if one else "–" for one in pets]),
        (_("mIoU in the paper"), [fact.text for fact in paper.values()]),
    ]
    lines = ["| | " + " | ".join(_(spec(name).title) for name in paper) + " |", "| --- | ---: | ---: |"]
    lines += [f"| {title} | {' | '.join(cells)} |" for title, cells in rows]
    pictures = max((one.pictures for one in voc if one), default=0)
    st.markdown("\n".join(lines))
    gain = facts.DEEPLABV3PLUS_TRIMAP_GAIN
    st.caption(
        _(
            "Measured here: {pictures} test pictures of a subset of VOC, small networks, `core/weights/results.json`;"
            " they cannot be compared with published figures. Paper: {source}, {where}, {data}, ResNet-101. In its"
            " narrowest band along the outlines the decoder gains {gain} points ({gain_where})."
        ).format(
            pictures=pictures,
            source=facts.DEEPLABV3PLUS_STRIDE_16.source,
            where=cited(facts.DEEPLABV3PLUS_STRIDE_16.where),
            data=facts.DEEPLABV3PLUS_STRIDE_16.data,
            gain=f"{gain.value:g}",
            gain_where=cited(gain.where),
        )
        + against_paper(*voc)
        + trained.sentence(list(paper))
    )


def against_paper(v3: Scores | None, plus: Scores | None) -> str:
    """Whether the decoder gains here what it gains in the paper, with a blank in front; nothing without figures."""
    if v3 is None or plus is None:
        return ""
    if plus.miou >= v3.miou:
        text = _("Here it brings {miou} points of mIoU on VOC, and {outline} points of outline F1.")
    else:
        text = _(
            "Here, unlike in the paper, it brings no mIoU on VOC ({miou} points); its part is the outline, whose F1"
            " changes by {outline} points."
        )
    signed = {
        "miou": f"{100 * (plus.miou - v3.miou):+.1f}",
        "outline": f"{100 * (plus.boundary - v3.boundary):+.1f}",
    }
    return " " + text.format(**{key: value.replace("-", "−") for key, value in signed.items()})
