"""The disturbed photo on screen as a few lines of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from core.passes.snippets import prepared
from core.passes.stress.kinds import Spot
from core.pictures.images import Picture


def disturbed(picture: Picture, path: str, name: str, strengths: Mapping[str, int], at: Spot) -> str:
    """A script that prints how far the answer to the disturbed photo agrees with the answer to the clean one.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        name: registry name of the network.
        strengths: of the disturbances that are on.
        at: where a square hides.
    """
    on = {kind: strength for kind, strength in strengths.items() if strength}
    return (
        prepared(picture, path, name)
        + f"""
from core.engine import inference
from core.passes.stress import answers, kinds

model = inference.load({name!r})
clean = kinds.working(np.asarray(photo))
worse, where = kinds.together(clean, answers.answer(model, clean), {on!r}, {at!r})
print(f"agreement {{answers.agreement(where, answers.answer(model, worse)):.4f}}")
"""
    )
