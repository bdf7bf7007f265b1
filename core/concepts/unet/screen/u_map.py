"""The U drawn from live feature maps: a pinned pixel, faders on the skip connections, all channels of a box."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from core.concepts.unet.screen.results import Seen
from core.pictures.images import encode_jpeg, encode_png
from core.pictures.labels import VOC
from core.ui.component import register
from core.ui.kit import channel_browser
from core.ui.language import gettext as _
from core.viz import instances, palettes
from core.viz.overlays import class_colours

View = Literal["cut", "depths"]
"""Photo, mask and faders; or the U with all its maps."""
LEAST = 0.01
"""Classes on less than this share of the mask are not named."""
_mount = register(__file__, room=(1000, 560))


def key_of(view: View) -> str:
    """The component's key, where ``st.session_state`` has what was done in it."""
    return f"u_map-of-{view}"


def _packed(values: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _named(seen: Seen) -> list[str]:
    counts = np.bincount(seen.ids.ravel(), minlength=2) / seen.ids.size
    if seen.nuclei is not None:
        number = int(seen.nuclei.max(initial=0))
        share = f"{counts[1]:.0%}"
        return (
            [_("{count} nuclei").format(count=number), _("{share} of the pixels").format(share=share)] if number else []
        )
    order = [int(i) for i in np.argsort(-counts, kind="stable") if i and counts[i] >= LEAST]
    names = {1: _("cells")} if seen.em else dict(enumerate(map(_, VOC)))
    return [f"{names[i]} {counts[i]:.0%}" for i in order]


def _photo_note(seen: Seen) -> str:
    said = (
        _("What the network is given, its contrast stretched. Point at a pixel, click to pin it.")
        if seen.nuclei is not None
        else _("What the network is given. Point at a pixel, click to pin it.")
    )
    if seen.unpadded:
        said += " " + _("It answers for the dashed square; what is around it is mirrored where the picture ends.")
    return said


def u_map(
    seen: Seen,
    gains: Sequence[int],
    worth: Sequence[tuple[float, float]] | None,
    effects: tuple[str, Sequence[float | None]] | None,
    *,
    view: View,
    box: str,
    pin: tuple[int, int] | None,
    given: bool,
    events: dict[str, Callable[[], None]],
) -> None:
    """Draw it.

    Args:
        seen: the picture down and up again.
        gains: the faders, finest first, 0 to 100.
        worth: what each skip connection is worth (mean IoU, outline), or ``None`` while nobody has computed it.
        effects: a stage, and the effect of each of its channels on the mask (``None`` where unknown).
        view: what is in sight of it.
        box: the open one.
        pin: (column, row) of the pinned pixel on the network's input.
        given: whether there is a reference mask of the picture.
        events: callbacks ``on_gains_change`` and so on.
    """
    height, width = seen.pixels.shape[:2]
    mask, (colours, opacities) = seen.ids, (class_colours(), None)
    if seen.nuclei is not None:
        mask, (colours, opacities) = instances.painted(seen.nuclei), instances.palette()
    _mount(
        key=key_of(view),
        data={
            "view": view,
            "subject": seen.subject,
            "layout": seen.network,
            "photo": {
                "address": "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(seen.pixels, 85)).decode(),
                "width": width,
                "height": height,
            },
            "place": list(seen.place),
            "mask": "data:image/png;base64," + base64.b64encode(encode_png(mask, 6)).decode(),
            "colours": _packed(colours),
            "opacities": None if opacities is None else _packed(opacities),
            "named": _named(seen),
            "score": list(seen.score) if _measurable(seen, gains, given) else None,
            "milliseconds": round(1000 * seen.seconds),
            "stages": seen.describe(effects),
            "fields": seen.fields,
            "gains": list(gains),
            "worth": [list(each) for each in worth] if worth else None,
            "box": box,
            "pin": list(pin) if pin else None,
            "magnitude": _packed(palettes.magnitude()),
            "signed": _packed(palettes.signed()),
            "text": channel_browser.texts() | _texts(seen, given, gains),
        },
        **events,
    )


def _measurable(seen: Seen, gains: Sequence[int], given: bool) -> bool:
    """Whether the score says something: against its own mask the untouched network has 100% by definition."""
    return given or seen.agreement is not None or any(gain != 100 for gain in gains)


def _against(seen: Seen, given: bool, gains: Sequence[int]) -> str:
    if not _measurable(seen, gains, given):
        return _(
            "This picture has no reference: weaken a connection, and the mask is compared with this one. Way up:"
            " {ms} ms."
        )
    if seen.agreement is not None:
        return _("Against the nuclei that people have marked. Way up: {ms} ms.")
    if given:
        return _("Against the reference mask of the picture. The path up took {ms} ms.")
    return _("Against the mask of the untouched network, since this picture has no reference. Way up: {ms} ms.")


def _texts(seen: Seen, given: bool, gains: Sequence[int]) -> dict[str, Any]:
    titles = {f"down{i}": _("Down, depth {depth}").format(depth=i) for i in range(1, 5)}
    titles |= {f"up{i}": _("Up, depth {depth}").format(depth=i) for i in range(1, 5)}
    return {
        "titles": titles | {"bottom": _("Bottom")},
        "shape": "{height} × {width} × {channels}",
        "parameters": _("{parameters} parameters"),
        "time": _("{ms} ms"),
        "value": _("channel {channel}: {value}"),
        "opened": _("{title}: all {channels} channels"),
        "photoLabel": _("Photo. Point at a pixel; a click pins it, arrow keys move it, Escape lets it go."),
        "photoAlt": _("What the network is given"),
        "photoNote": _photo_note(seen),
        "nothing": _("nothing but background"),
        "maskAlt": _("Mask over the photo: {classes}"),
        "pinned": _("Pixel x {x}, y {y}. Its cell in “{title}” sees {width} × {height} pixels: the square."),
        "pool": _("↓ stride 2") if seen.shared else _("↓ max pooling 2 × 2"),
        "up": _("↑ up-convolution 2 × 2, cropped") if seen.shared else _("↑ up-convolution 2 × 2"),
        "copy": _("copy and crop") if seen.unpadded else _("copy"),
        "fader": _("Strength of the skip connection at depth {depth} in percent"),
        "worth": _("worth {points} points"),
        "allOff": _("All skips off"),
        "allOn": _("All skips on"),
        "miou": _("mIoU"),
        "boundary": _("boundary score"),
        "against": _against(seen, given, gains),
        "guess": _("Predict first: cut one skip connection, and the mask loses most. At which depth?"),
        "depth": _("depth {depth}"),
        "justShow": _("just show me"),
        "right": _("Right: without depth {depth} the mIoU falls by {points} points, the boundary score by {outline}."),
        "wrong": _(
            "It is not depth {yours}, whose mIoU is worth {less} points: without depth {depth} the mIoU falls by"
            " {points} points, the boundary score by {outline}."
        ),
        "revealed": _(
            "The most is lost at depth {depth}: the mIoU falls by {points} points, the boundary score by {outline}."
        ),
        "why": _(
            "There crosses a map with a cell every {fine} pixels; from below comes one with a cell every {coarse}."
        ),
    }
