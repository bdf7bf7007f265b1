"""The door to a network for those who ask how an answer would change: the same turns, with gradients recorded.

Parameters never require a gradient (:func:`core.engine.inference.load` sees to it), so a backward pass keeps only what
the way from a chosen tensor to the answer needs, and leaves nothing in a network that everybody shares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from core.engine import inference
from core.engine.inference import Timed

P = ParamSpec("P")
T = TypeVar("T")


def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Timed[T]:
    """As :func:`core.engine.inference.run`, with gradients recorded inside.

    Tensors that were made in inference mode have to be cloned before they can take part.

    Raises:
        what :func:`core.engine.inference.run` raises.
    """

    def recorded() -> T:
        import torch

        with torch.inference_mode(False), torch.enable_grad():
            return function(*args, **kwargs)

    return inference.run(recorded)
