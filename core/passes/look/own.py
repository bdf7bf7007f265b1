"""A network of somebody's own, made to answer as ours do, whatever it returns; and one sentence where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from core.engine.tracing import Hooks
from core.errors import N_, SegScopeError

SCORES = ("out", "logits", "masks", "pred", "prediction")
"""Names under which networks give their scores, the usual ones first."""


class LookError(SegScopeError):
    """A network that cannot be built or run, or that gives no scores; the sentence names the place."""


def scores_of(output: Any) -> Tensor:
    """The scores ``(B, C, h, w)`` in what a network returned: a tensor, a dictionary with ``out`` (torchvision), an
    object with ``logits`` (Hugging Face), or the first of several outputs. One channel is taken for the logit of a
    foreground, and a background of zeros is laid before it.

    Raises:
        LookError: there are none; the sentence says what was returned.
    """
    found = _tensor(output)
    if found is None or found.dim() != 4:
        shape = "" if found is None else f" {tuple(found.shape)}"
        raise LookError(
            N_("The network gives {kind}{shape}, and not scores of the shape (pictures, classes, rows, columns)."),
            kind=type(output).__name__, shape=shape,
        )  # fmt: skip
    if found.shape[1] == 1:
        import torch

        return torch.cat([torch.zeros_like(found), found], 1)  # (B, 2, h, w)
    return found


def _tensor(output: Any) -> Tensor | None:
    if isinstance(output, Tensor):
        return output
    for name in SCORES:
        value = output.get(name) if isinstance(output, Mapping) else getattr(output, name, None)
        if isinstance(value, Tensor):
            return value
    parts = list(output.values()) if isinstance(output, Mapping) else output
    if isinstance(parts, list | tuple):
        return next((each for each in parts if isinstance(each, Tensor) and each.dim() == 4), None)
    return None


class Own(nn.Module):
    """A network that answers with scores alone.

    Args:
        network: maps ``(B, 3, H, W)`` to anything that :func:`scores_of` can read.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, C, h, w) scores, of the network's own stride."""
        return scores_of(self.network(x))


def run(network: nn.Module, x: Tensor) -> Tensor:
    """The scores of ``network`` for ``x``; to be called through the engine's door.

    Raises:
        LookError: it fails. The sentence names the innermost module that was at work, and the first line of the reason.
    """
    inside: list[str] = []
    names = {module: path or "the network itself" for path, module in network.named_modules()}
    with Hooks() as hooks:
        for module in names:
            hooks.before(module, lambda module, _inputs: inside.append(names[module]))
            hooks.after(module, lambda _module, _inputs, _output: inside.pop() and None)
        try:
            return scores_of(network(x))
        except LookError:
            raise
        except Exception as error:  # whatever somebody's code raises
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise LookError(
                N_("The network fails in {module} for an input of {height} x {width} pixels: {reason}"),
                module=inside[-1] if inside else "its own forward", height=x.shape[2], width=x.shape[3], reason=reason,
            ) from error  # fmt: skip
