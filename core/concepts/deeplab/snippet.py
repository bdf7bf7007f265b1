"""DeepLab on screen as a few lines of PyTorch: parts of the decoder switched off by hooks, no weight changed."""

from __future__ import annotations

from collections.abc import Sequence

from core.passes.snippets import ANSWER, SILENCE, prepared
from core.pictures.images import Picture


def aspp(picture: Picture, path: str, name: str, on: Sequence[bool]) -> str:
    """A script that prints the share of each class with some branches of ASPP switched off.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        name: ``deeplabv3`` or ``deeplabv3plus``.
        on: which branches speak.
    """
    off = [i for i, keep in enumerate(on) if not keep]
    silenced = ""
    if off:
        silenced = SILENCE + f"for i in {off}:  # of 0: 1x1, 1 to 3: the rates, 4: image pooling\n"
        silenced += "    net.decoder.aspp.branches[i].register_forward_hook(silence)\n\n"
    return prepared(picture, path, name) + silenced + ANSWER
