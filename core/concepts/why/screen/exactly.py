"""Where usual sentences about such maps are inexact, and the code for the map on screen."""

from __future__ import annotations

from core import facts
from core.concepts.why import snippet
from core.concepts.why.screen import board, results
from core.passes.attribution import removal
from core.pictures.images import Picture
from core.pictures.samples import Sample
from core.ui import page, state
from core.ui.language import gettext as _


def honest_box() -> None:
    """What these maps are not."""
    page.honest_box(
        _(
            "**A map explains a score, not the world.** It says which cells the network’s sum hangs on. That a cell is"
            " warm does not make the answer right, and a right answer may come from the wrong place."
        ),
        _(
            "**Seg-Grad-CAM weighs whole channels.** Each channel has one weight, its mean gradient over all places"
            " ({source}). For one pixel most of those places hardly count, so a map may warm an"
            " object that this pixel does not hang on; and what speaks against the class is cut off at 0."
        ).format(source=facts.SEG_GRAD_CAM),
        _(
            "**Gradient × input and integrated gradients depend on what counts as empty.** Here that is the colour that"
            " the network reads as 0. A part of the photo that has this colour gets nothing, however much it matters."
        ),
        _(
            "**Occlusion and deletion show the network pictures that it has never learned from.** A grey square is no"
            " empty place but an edge and a surface. {tile}-pixel squares also hide together what could matter apart."
        ).format(tile=removal.TILE),
        _(
            "**The dashed frame is what can matter, not what does.** It is computed with positive weights, so that no"
            " two ways cancel. In deep layers most of the gradient comes from a much smaller square ({source})."
        ).format(source=facts.RECEPTIVE_FIELD),
        _(
            "**A shuffled network is one draw of many.** Its map has no training behind it; one depth that agrees by"
            " chance proves nothing, and one that agrees at every draw says that the build alone makes the map"
            " ({source})."
        ).format(source=facts.SANITY),
    )


def code(picture: Picture, sample: Sample | None) -> None:
    """The map on screen as PyTorch."""
    asked = board.asked(picture, board.chosen())
    here, cams = results.subject(asked.network, picture), results.cams(asked, picture)
    row, column = here.place(*state.to_shares(asked.pin))
    path = f"core/samples/{sample.file}" if sample else "your-photo.jpg"
    depth = cams.depths[board.depth(len(cams.depths))].path
    page.copy_as_pytorch(snippet.seg_grad_cam(picture, path, asked.network, depth, asked.label, row, column))
