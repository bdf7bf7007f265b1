"""A network by its stages: what each gives, holds, costs, and how long it took."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.engine.tracing import Hooks
from core.passes.look import own

ROWS = 24
"""Stages that are wanted; a network is opened up until it has about as many."""


class Stage(NamedTuple):
    """A part of the network.

    Attributes:
        path: of the module.
        kind: its class.
        shape: of what it gave for one picture: (channels, rows, columns), or whatever it is; empty where it did not run
            or gave no tensor.
        parameters: values that can be trained.
        multiply_adds: of its convolutions and linear layers.
        seconds: that it ran.
    """

    path: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    seconds: float


def parts(network: nn.Module, rows: int = ROWS) -> list[str]:
    """Paths of the parts that stand for the network: the largest ones are opened up, all of one size together, as long
    as there are at most ``rows`` of them."""
    modules = dict(network.named_modules())

    def children(path: str) -> list[str]:
        inside = (f"{path}.{name}".lstrip(".") for name, _child in modules[path].named_children())
        return [each for each in inside if each in modules]  # a module that stands in two places has one path

    def weight(path: str) -> int:
        return sum(1 for _ in modules[path].modules())

    found = children("") or [""]
    while True:
        lists = [path for path in found if isinstance(modules[path], nn.ModuleList | nn.ModuleDict) and children(path)]
        most = max(weight(path) for path in found)
        chosen = lists or [
            path for path in found if weight(path) == most and children(path)
        ]  # a list never runs itself
        inside = {path: children(path) for path in chosen}
        grown = len(found) + sum(len(each) - 1 for each in inside.values())
        if not chosen or (grown > rows and not lists):
            return found
        found = [each for path in found for each in inside.get(path, [path])]


def stages(network: nn.Module, x: Tensor, rows: int = ROWS) -> tuple[Tensor, list[Stage]]:
    """Run ``network`` on ``x`` and note its parts. To be called through the engine's door.

    Returns:
        The scores, and the stages in the order in which they ran.

    Raises:
        core.passes.look.own.LookError: the network fails.
    """
    modules, chosen = dict(network.named_modules()), parts(network, rows)
    shapes: dict[str, tuple[int, ...]] = {}
    seconds: dict[str, float] = {}
    began: dict[str, float] = {}
    products: dict[str, int] = dict.fromkeys(chosen, 0)
    with Hooks() as hooks:
        for path in chosen:
            _time(hooks, modules[path], path, began, seconds, shapes)
            for layer in modules[path].modules():
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                    _count(hooks, layer, path, products)
        scores = own.run(network, x)
    order = [*shapes, *(path for path in chosen if path not in shapes)]
    return scores, [
        Stage(
            path,
            type(modules[path]).__name__,
            shapes.get(path, ()),
            sum(p.numel() for p in modules[path].parameters()),
            products[path],
            seconds.get(path, 0.0),
        )
        for path in order
    ]


def _time(
    hooks: Hooks,
    module: nn.Module,
    path: str,
    began: dict[str, float],
    seconds: dict[str, float],
    shapes: dict[str, tuple[int, ...]],
) -> None:
    def start(_module: nn.Module, _inputs: Any) -> None:
        began[path] = time.perf_counter()

    def stop(_module: nn.Module, _inputs: Any, output: Any) -> None:
        seconds[path] = seconds.get(path, 0.0) + time.perf_counter() - began[path]
        given = output[-1] if isinstance(output, list | tuple) and output else output
        shapes.pop(path, None)
        shapes[path] = tuple(given.shape[1:]) if isinstance(given, Tensor) else ()

    hooks.before(module, start)
    hooks.after(module, stop)


def _count(hooks: Hooks, layer: nn.Module, path: str, products: dict[str, int]) -> None:
    def add(module: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        many = inputs[0] if isinstance(module, nn.ConvTranspose2d) else output
        products[path] += many.numel() * module.weight[0].numel()

    hooks.after(layer, add)


def input_of(pixels: Any, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """``uint8 (H, W, 3)`` -> ``float32 (1, 3, H, W)``: ``(pixel / 255 - mean) / std``, as is usual in PyTorch."""
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255  # (1, 3, H, W)
    return (x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
