"""What a network costs: its parameters and its multiply-adds, counted without weights and without computing anything.

The network is built on PyTorch's ``meta`` device, where tensors have shapes but no values: VGG16's 138 million
parameters take no memory, and a forward pass takes no arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.models.registry import build, spec


@dataclass(frozen=True)
class Cost:
    """The price of one network.

    Attributes:
        parameters: trainable values.
        multiply_adds: of one forward pass for one picture, in convolutions, transposed convolutions and linear layers.
            Everything else (normalisation, activations, pooling, resizing) is not counted, as is usual.
        side: height and width in pixels of that picture.
    """

    parameters: int
    multiply_adds: int
    side: int


@cache
def cost(name: str, side: int = 0, output_stride: int = 0) -> Cost:
    """The cost of the network called ``name`` at a square input.

    Args:
        name: a name of the registry.
        side: height and width of the input in pixels; 0 for the side that the registry states.
        output_stride: 32, 16 or 8 for a network on the shared encoder; 0 for the one that the registry states.

    Raises:
        core.models.registry.RegistryError: no network has this name.
    """
    side = side or spec(name).input_side
    with torch.device("meta"):
        network = build(name).eval()
        if output_stride:
            network.set_output_stride(output_stride)  # type: ignore[operator]
        first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
        picture = torch.empty(1, first.in_channels, side, side)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(picture)
    return Cost(sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2, side)
