"""Looking inside a network while it runs: activations by module path, and nothing left behind.

    with Trace(network, ["contracting.0", "bottom"]) as trace:
        network(x)
    trace["bottom"]  # (B, 1024, 28, 28)

A forward hook that is not taken off keeps running in every later pass and keeps its tensors alive. Here a context
manager takes every hook off again, whether the pass succeeded or raised.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from core.errors import N_, SegScopeError


class TracingError(SegScopeError, KeyError):
    """A layer that the network does not have, or that did not run; a ``KeyError``, since a trace is a mapping."""


def layers(network: nn.Module, *kinds: type[nn.Module]) -> list[str]:
    """Paths of all modules of the given kinds in the order of definition; without a kind, of all that have no parts."""
    return [
        path
        for path, module in network.named_modules()
        if path and (isinstance(module, kinds) if kinds else next(module.children(), None) is None)
    ]


class Trace(Mapping[str, Tensor]):
    """What the chosen modules gave in the passes inside the ``with`` block, by module path.

    Reading it is reading a dictionary from path to tensor, also after the block. A module that runs several times
    keeps its last output. Tensors are detached; ``copy`` protects them from layers that work in place (a ReLU with
    ``inplace=True`` behind a convolution would otherwise change what the convolution gave).

    One network may be traced by several threads only if they do not run it at the same time: hooks belong to the
    network, not to the thread. ``core.engine.inference.run`` with one permit sees to that.

    Args:
        network: the network whose modules are watched.
        paths: module paths as in ``network.named_modules()``; ``""`` is the network itself.
        copy: keep a copy of each output instead of the output itself.

    Raises:
        TracingError: the network has no module at a path; the sentence names near ones.
    """

    def __init__(self, network: nn.Module, paths: Iterable[str], copy: bool = True) -> None:
        modules = dict(network.named_modules())
        self._watched: dict[str, nn.Module] = {}
        for path in paths:
            if path not in modules:
                near = difflib.get_close_matches(path, modules, n=3, cutoff=0.3) or [p for p in modules if p][:3]
                raise TracingError(
                    N_("The network has no layer {path!r}: try one of {near}."), path=path, near=", ".join(near)
                )
            self._watched[path] = modules[path]
        self._copy = copy
        self._handles: list[RemovableHandle] = []
        self._outputs: dict[str, Tensor] = {}

    def __enter__(self) -> Self:
        if self._handles:
            raise TracingError(N_("This trace is running already: make a second one."))
        self._outputs.clear()
        try:
            for path, module in self._watched.items():
                self._handles.append(module.register_forward_hook(self._keeper(path)))
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        while self._handles:
            self._handles.pop().remove()

    def _keeper(self, path: str) -> Any:
        def keep(module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
            if not isinstance(output, Tensor):
                raise TracingError(
                    N_("Layer {path!r} gives a {kind}, not one tensor: watch the layers inside it."),
                    path=path,
                    kind=type(output).__name__,
                )
            kept = output.detach()
            self._outputs[path] = kept.clone() if self._copy else kept

        return keep

    def __getitem__(self, path: str) -> Tensor:
        if path not in self._outputs:
            raise TracingError(
                N_("Layer {path!r} was not watched or did not run: name it and run the network inside the block."),
                path=path,
            )
        return self._outputs[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)
