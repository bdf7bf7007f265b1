"""Where the usual sentences about context and localization are inexact."""

from __future__ import annotations

from core import facts
from core.ui import page
from core.ui.language import gettext as _


def honest_box() -> None:
    """The box."""
    page.honest_box(
        _(
            "A wider window alone does not blur a map. It usually comes with more layers of stride 2, and those do: the"
            " dashed curve is the reference itself, averaged over cells and interpolated back. A network with a small"
            " window can still have the worse outline, because it takes things for something else: look at both"
            " curves of the third step."
        ),
        _(
            "U-Net’s stride is 2 because its decoder brings fine maps back. It has more context and more parameters"
            " than the four classifiers, and an encoder that learned from more photos, so its lead need not be owed to"
            " the skip connections."
        ),
        _(
            "A receptive field says what could change an answer, not what does. In deep layers most of the gradient"
            " comes from a much smaller square ({source}), and which one depends on the photo and on the pixel."
        ).format(source=facts.RECEPTIVE_FIELD),
        _(
            "Boxes here are half-open: right and bottom are the first pixels outside, so right minus left is the width."
            " torchvision’s masks_to_boxes names the last pixels inside, which is 1 less."
        ),
        _(
            "A component is what touches along an edge. Two objects that touch are one component, and one object behind"
            " a post is two. A box from a coarse map can be off by a cell."
        ),
    )
