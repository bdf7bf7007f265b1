"""What a network costs layer by layer, and how much memory its activations take: counted, without computing anything.

Networks are built on PyTorch's ``meta`` device, whose tensors have shapes and no values. A multiply-add is one product
added to a sum; convolutions, transposed convolutions and linear layers are counted, as ``torch.utils.flop_counter``
does (it counts two operations for each), and everything else is not.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.models.convolutionalize import FullyConvolutional
from core.models.registry import build, spec


@dataclass(frozen=True)
class LayerCost:
    """One layer that multiplies.

    Attributes:
        path: of the module, as in ``network.named_modules()``.
        output: (channels, rows, columns) of one input's output; (features, 1, 1) of a linear layer.
        stride: of the convolution; 1 for the others.
        multiply_adds: for one input.
    """

    path: str
    output: tuple[int, int, int]
    stride: int
    multiply_adds: int


def count(network: nn.Module, x: Tensor) -> tuple[LayerCost, ...]:
    """The layers of ``network`` in the order in which they run on ``x``, ``(1, C, H, W)``.

    A multiplication by weights outside a layer (``F.conv2d`` in a forward function) would not be seen.
    """
    found: list[LayerCost] = []

    def listen(path: str, layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> Any:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            shape = (*output.shape[1:], 1, 1)[:3]
            # a convolution gathers k * k * C / groups products per output; a transposed one spreads as many per input
            many = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
            stride = 1 if isinstance(layer, nn.Linear) else layer.stride[0]
            found.append(LayerCost(path, shape, stride, many.numel() * layer.weight[0].numel()))

        return layer.register_forward_hook(hook)

    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    handles = [listen(path, m) for path, m in network.named_modules() if isinstance(m, kinds)]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for handle in handles:
            handle.remove()
    return tuple(found)


def _on_meta(name: str, height: int, width: int, whole: bool) -> tuple[nn.Module, Tensor]:
    with torch.device("meta"):
        network = build(name).eval()
        first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
        if whole and spec(name).kind == "classifier":
            network = FullyConvolutional(network).eval()  # type: ignore[arg-type]
        return network, torch.empty(1, first.in_channels, height, width)


@cache
def layers(name: str, height: int, width: int, whole: bool = True) -> tuple[LayerCost, ...]:
    """The layers of network ``name`` for one input.

    Args:
        name: a name of the registry.
        height, width: of the input in pixels.
        whole: read a classifier as convolutions, so that it answers everywhere; otherwise as its paper has it.

    Raises:
        core.models.registry.RegistryError: no network has this name.
    """
    return count(*_on_meta(name, height, width, whole))


def total(costs: tuple[LayerCost, ...]) -> int:
    """Multiply-adds of all layers together."""
    return sum(layer.multiply_adds for layer in costs)


class _Memory(TorchDispatchMode):
    """Bytes of the storages that live at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._alive: set[int] = set()

    def take(self, tensor: Tensor) -> None:
        """Count the storage of ``tensor`` until it is freed."""
        storage = tensor.untyped_storage()
        if storage._cdata in self._alive:
            return
        self._alive.add(storage._cdata)
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._free, storage._cdata, storage.nbytes())

    def _free(self, key: int, size: int) -> None:
        self._alive.discard(key)
        self.now -= size

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for value in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(value, Tensor):
                self.take(value)
        return out


def peak(network: nn.Module, x: Tensor) -> int:
    """Bytes that the input and all activations take when they take most, weights and library scratch space aside."""
    with torch.no_grad(), _Memory() as memory:
        memory.take(x)
        network(x)
        return memory.peak


@cache
def peak_at_full_width(side: int) -> int:
    """:func:`peak` of the unpadded U-Net as published, 64 to 1024 maps, for ``side x side`` pixels."""
    from core.models.unet import UNet

    with torch.device("meta"):
        return peak(UNet().eval(), torch.empty(1, 1, side, side))


@cache
def peak_bytes(name: str, height: int, width: int) -> int:
    """:func:`peak` of network ``name`` in one pass over ``height x width`` pixels."""
    return peak(*_on_meta(name, height, width, whole=True))
