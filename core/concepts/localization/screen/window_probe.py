"""A pixel of a photo, a visible window around it, and what four patch classifiers say of it. Runs in the browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.concepts.localization import window_sweep
from core.pictures.labels import VOC
from core.ui.component import register
from core.ui.kit.parts import Bytes, data_url
from core.ui.language import gettext as _

_mount = register(__file__, room=(803, 628))

KEY = "window_probe"


def window_probe(
    pixels: Bytes,
    pin: tuple[int, int],
    table: npt.NDArray[np.float32],
    truth: int,
    places: Sequence[tuple[int, int]],
    on_pin: Callable[[], None],
) -> None:
    """Draw it.

    Args:
        pixels: the photo at the networks' scale, ``uint8 (h, w, 3)``.
        pin: (x, y) of the pixel.
        table: :func:`core.concepts.localization.window_sweep.sweep` at that pixel.
        truth: class id of the pixel for the game.
        places: pixels from which the game draws.
        on_pin: called when another pixel was chosen; ``st.session_state[KEY].pin`` is it.
    """
    _mount(
        key=KEY,
        data={
            "photo": data_url(pixels, 85),
            "size": [pixels.shape[1], pixels.shape[0]],
            "pin": list(pin),
            "sides": list(window_sweep.SIDES),
            "windows": list(window_sweep.WINDOWS),
            "table": base64.b64encode((255 * table).round().astype(np.uint8).tobytes()).decode(),
            "truth": truth,
            "places": [list(place) for place in places],
            "names": [_(name) for name in VOC],
            "networks": [_("window {size}").format(size=size) for size in window_sweep.WINDOWS],
            "text": {
                "axes": _(
                    "Across: side of the visible window in pixels. Upward: probability. Dashed: how much this network"
                    " can use at all."
                ),
                "hint": _("Click a pixel, or use the arrow keys. Then widen the window around it."),
                "stage": _("The photo. Arrow keys move the pixel by 8, with Shift by 1."),
                "window": _("Visible window"),
                "said": _("Pixel ({x}, {y}), {side} pixels visible."),
                "waiting": _("The networks look at this pixel …"),
                "plot": _("{title}: probability of each class over the visible window in pixels"),
                "play": _("Game: name the class from the window alone"),
                "stop": _("End the game"),
                "next": _("Another pixel"),
                "ask": _("What stands in the middle? Widen the window as little as you can."),
                "right": _("Right with {side} pixels: {answer}. Above is what each network says."),
                "wrong": _("With {side} pixels you said {guess}; the reference says {answer}."),
            },
        },
        on_pin_change=on_pin,
    )
