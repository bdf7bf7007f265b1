"""The same network on the same photo at four sizes: cells stay as large as they are, and there are more of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from core.passes.heatmaps import NATIVE, STRIDE, ScoreGrid, View
from core.pictures.images import Picture, encode_jpeg
from core.ui import kept_pictures
from core.ui.component import register
from core.ui.language import gettext as _
from core.viz import palettes

_mount = register(__file__, room=(900, 340))

KEY = "many_sizes"


def many_sizes(
    picture: Picture, read: Sequence[tuple[View, ScoreGrid]], ids: Sequence[int], target: str, hidden: bool
) -> None:
    """Draw them side by side, each as large as its input.

    Args:
        read: the sizes, small to large, and what the network says at each.
        ids: classes whose probabilities are added for the heat.
        target: their name, translated.
        hidden: whether the number of cells of the largest is held back, for a guess.
    """
    heats = [grid.heat(ids) for _view, grid in read]
    top = max(0.25, *(float(heat.max()) for heat in heats))

    def photo() -> str:
        jpeg = encode_jpeg(read[-2][0].render(picture.pixels), quality=80)
        return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()

    _mount(
        key=KEY,
        data={
            "photo": kept_pictures.of(picture, ("sizes", read[-2][0]), photo),
            "alt": _("The photo under the heatmap"),
            "native": NATIVE,
            "stride": STRIDE,
            "palette": base64.b64encode(palettes.magnitude().tobytes()).decode(),
            "sizes": [
                {
                    "width": grid.input_size[0],
                    "height": grid.input_size[1],
                    "rows": grid.rows,
                    "columns": grid.columns,
                    "heat": base64.b64encode(palettes.quantise(heat, 0, top).tobytes()).decode(),
                    "hidden": hidden and at == len(read) - 1,
                    "title": _("{height} × {width} pixels").format(height=grid.input_size[1], width=grid.input_size[0]),
                    "note": _("{rows} × {columns} cells").format(rows=grid.rows, columns=grid.columns),
                    "peak": _("hottest: {share:.1%}").format(share=float(heat.max())),
                }
                for at, ((_view, grid), heat) in enumerate(zip(read, heats, strict=True))
            ],
            "question": _("? cells"),
            "legend": _("probability of “{target}”, from 0 to {top:.0%} in all four").format(target=target, top=top),
        },
    )
