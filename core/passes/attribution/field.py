"""The field that can matter at all: exactly those pixels of the input on which a pixel of the answer hangs.

The network is built once more with positive weights everywhere and without what bends its sums: then a gradient above
zero is a way from the input to the answer, and no two ways cancel. Where a switch of an unpooling decides, every place
of its window counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from core.engine import gradients
from core.models import registry
from core.passes.attribution.question import Bools

if TYPE_CHECKING:
    from core.engine.inference import LoadedModel

_BENDING = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.Hardsigmoid, nn.SiLU, nn.GELU, nn.LeakyReLU, nn.Sigmoid, nn.Dropout)


class Field(NamedTuple):
    """The input pixels of one pixel of the answer.

    Attributes:
        mask: ``bool (h, w)``.
        box: left, top, right, bottom of the smallest box around them, half-open, in pixels.
    """

    mask: Bools
    box: tuple[int, int, int, int]

    @property
    def whole(self) -> bool:
        """Whether every pixel of the picture can matter."""
        return bool(self.mask.all())


class _Spread(TorchFunctionMode):
    """Max pooling becomes a mean, and an unpooling's scatter a spreading over its window."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: dict[int, tuple[int, int]] = {}  # of a map that was pooled with switches, by its number of cells

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in ("max_pool2d", "max_pool2d_with_indices", "_max_pool2d"):
            mean = _mean_pool(*args, **kwargs)
            if name == "max_pool2d_with_indices" or kwargs.get("return_indices"):
                height, width = args[0].shape[-2:]
                self._sizes[height * width] = (height, width)
                return mean, torch.zeros_like(mean, dtype=torch.int64)
            return mean
        if name == "scatter" and args[0].shape[-1] in self._sizes:  # any place of the window may be the switch
            height, width = self._sizes[args[0].shape[-1]]
            pooled = args[3].unflatten(2, (-(-height // 2), -(-width // 2)))
            return F.interpolate(pooled, scale_factor=2)[..., :height, :width].flatten(2)
        return func(*args, **kwargs)


def _mean_pool(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, *_rest: Any, **more: Any) -> Tensor:
    ceil = bool(more.get("ceil_mode", _rest[1] if len(_rest) > 1 else False))
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode=ceil)


def spread_out(network: nn.Module) -> nn.Module:
    """``network`` with the mean of its inputs as every convolution, in place."""
    for module in network.modules():
        for name, part in module.named_children():
            if isinstance(part, _BENDING):
                setattr(module, name, nn.Identity())
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            module.weight.data.fill_(1 / max(1, module.weight[0].numel()))
            if module.bias is not None:
                module.bias.data.zero_()
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()  # a scale above zero, and nothing taken off
    return network.eval().requires_grad_(False)


def _marked(slope: Tensor) -> Tensor:
    return (slope > 0).to(slope)


def field(model: LoadedModel, size: tuple[int, int], row: int, column: int) -> Field:
    """The field of the pixel of the answer at ``row`` and ``column``, for an input of ``size`` (height, width)."""
    network = spread_out(registry.build(model.spec.name))
    return field_of(network, size, row, column)


def field_of(network: nn.Module, size: tuple[int, int], row: int, column: int) -> Field:
    """:func:`field` of a network that :func:`spread_out` has prepared."""

    def compute() -> Bools:
        handles = [
            leaf.register_forward_hook(_mark) for leaf in network.modules() if next(leaf.children(), None) is None
        ]
        try:
            x = torch.ones(1, 3, *size, requires_grad=True)
            with _Spread():
                answer = network(x)
            (slope,) = torch.autograd.grad(answer[0, :, row, column].sum(), x)
        finally:
            for handle in handles:
                handle.remove()
        return np.asarray((slope[0] > 0).any(0).numpy())

    mask = gradients.run(compute).value
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Field(mask, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def _mark(_module: nn.Module, _inputs: object, output: Any) -> None:
    if isinstance(output, Tensor) and output.requires_grad:
        output.register_hook(_marked)
