"""PSPNet on screen as a few lines of PyTorch: levels of the pyramid switched off by hooks, no weight changed."""

from __future__ import annotations

from collections.abc import Sequence

from core.passes.snippets import ANSWER, SILENCE, prepared
from core.pictures.images import Picture


def pyramid(picture: Picture, path: str, on: Sequence[bool]) -> str:
    """A script that prints the share of each class with some levels of the pyramid switched off.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        on: which levels speak, coarse to fine.
    """
    off = [i for i, keep in enumerate(on) if not keep]
    silenced = ""
    if off:
        silenced = SILENCE + f"for i in {off}:  # of 0 to 3: 1, 2, 3 and 6 bins a side\n"
        silenced += "    net.decoder.pool.levels[i].register_forward_hook(silence)\n\n"
    return prepared(picture, path, "pspnet") + silenced + ANSWER
