"""What these numbers are not, and the code."""

from __future__ import annotations

from core import facts
from core.concepts.stress import snippet
from core.concepts.stress.screen import live
from core.passes.segmentation import SHORT_SIDE
from core.pictures.images import Picture
from core.pictures.samples import Sample
from core.ui import page
from core.ui.language import gettext as _


def honest_box() -> None:
    """The box."""
    page.honest_box(
        _(
            "**Agreement is not truth.** It compares a network with its own answer to the clean photo. A network that"
            " calls everything background keeps that answer under any disturbance."
        ),
        _(
            "**One photo is one photo.** A ranking of networks needs a whole test set ({source}). The command line"
            " takes a folder: `segscope stress photos/ --out report.html`."
        ).format(source=facts.CORRUPTIONS),
        _(
            "**All disturbances work at a shorter side of {side} pixels.** A network that reads the photo smaller loses"
            " a part of the noise and the blur before it begins: that is no merit of its layers."
        ).format(side=SHORT_SIDE),
        _(
            "**The smallest change here is the weakest setting of ten sliders.** It is an honest answer to “what breaks"
            " this in practice?”, and none to “how small can a change be?”."
        ),
        _(
            "**Shifting by whole pixels should change nothing** for a network of convolutions without strides and"
            " borders. With a stride it need not: only shifts by multiples of the stride give shifted maps, and the"
            " window’s rim is filled with something else each time."
        ),
    )


def code(picture: Picture, sample: Sample | None) -> None:
    """The disturbed photo as code."""
    now = live.setting()
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    page.copy_as_pytorch(snippet.disturbed(picture, path, live.pair()[1], now.named, now.at))
