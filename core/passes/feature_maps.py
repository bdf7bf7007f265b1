"""What a network computes on the way: its feature maps, stage by stage, with what each stage costs.

A *stage* is a part of a network as a paper's figure draws it, a box: the maps that leave it, the parameters in it, and
the time that it took in this very pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt
from torch import nn

from core.engine.tracing import Hooks, Trace
from core.models.mobilenetv2 import PYRAMID_STAGES

T = TypeVar("T")
Floats = npt.NDArray[np.float32]


class Spot(NamedTuple):
    """Where to look.

    Attributes:
        name: of the stage.
        output: path of the module whose output is shown, as in ``network.named_modules()``.
        parts: paths of all modules that belong to the stage; none means ``output`` alone.
    """

    name: str
    output: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Stage:
    """One box of the figure.

    Attributes:
        name: of the stage.
        maps: what left it, ``float32 (C, h, w)``.
        parameters: trainable values in it.
        seconds: wall-clock time that its modules ran.
    """

    name: str
    maps: Floats
    parameters: int
    seconds: float


def pyramid(names: Sequence[str], prefix: str = "encoder.") -> list[Spot]:
    """The stages of the shared encoder at strides 2, 4, 8, 16 and 32, whose maps a decoder reads, in their own units.

    Args:
        names: of the stages, finest first; as many as are wanted.
        prefix: of the encoder's modules.
    """
    ends = [0, *(stage + 1 for stage in PYRAMID_STAGES)]
    spots = []
    for level, name in enumerate(names):
        parts = [f"stages.{i}" for i in range(ends[level], ends[level + 1])] + [f"standards.{level}"]
        if level == 0:
            parts.insert(0, "stem")
        spots.append(Spot(name, prefix + parts[-1], tuple(prefix + part for part in parts)))
    return spots


class Stopwatch:
    """Wall-clock seconds of chosen modules, summed over all their runs inside the ``with`` block, by module path.

    Runs of other threads do not count."""

    def __init__(self, network: nn.Module, paths: Sequence[str]) -> None:
        self._modules = {path: network.get_submodule(path) for path in paths}
        self.seconds = dict.fromkeys(paths, 0.0)
        self._hooks = Hooks()

    def __enter__(self) -> Self:
        self._hooks = Hooks()  # of the thread that enters
        for path, module in self._modules.items():
            began: list[float] = []

            def start(_module: nn.Module, _inputs: Any, began: list[float] = began) -> None:
                began.append(time.perf_counter())

            def stop(_module: nn.Module, _in: Any, _out: Any, path: str = path, began: list[float] = began) -> None:
                self.seconds[path] += time.perf_counter() - began.pop()

            self._hooks.before(module, start)
            self._hooks.after(module, stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hooks.remove()


def capture(network: nn.Module, spots: Sequence[Spot], compute: Callable[[], T]) -> tuple[T, list[Stage]]:
    """Run ``compute`` and keep what the stages gave.

    Call it through :func:`core.engine.inference.run`, which also switches gradients off.

    Args:
        network: whose modules are watched.
        spots: the stages, in the order in which they are returned.
        compute: runs the network, or a part that contains the stages, on one picture.

    Returns:
        What ``compute`` gave, and the stages.

    Raises:
        core.engine.tracing.TracingError: the network has no such module, or it did not run.
    """
    parts = {spot: spot.parts or (spot.output,) for spot in spots}
    trace = Trace(network, [spot.output for spot in spots])  # refuses unknown paths with a sentence
    timed = sorted({part for each in parts.values() for part in each})
    with Stopwatch(network, timed) as watch, trace:  # the watch stops before the trace copies
        value = compute()
    return value, [
        Stage(
            spot.name,
            np.asarray(trace[spot.output][0].float().numpy()),
            sum(p.numel() for part in parts[spot] for p in network.get_submodule(part).parameters()),
            sum(watch.seconds[part] for part in parts[spot]),
        )
        for spot in spots
    ]
