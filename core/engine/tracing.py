"""Looking inside a network while it runs: activations by module path, and nothing left behind.

    with Trace(network, ["contracting.0", "bottom"]) as trace:
        network(x)
    trace["bottom"]  # (B, 1024, 28, 28)

A forward hook that is not taken off keeps running in every later pass and keeps its tensors alive. Here a context
manager takes every hook off again, whether the pass succeeded or raised.

A network is shared by everybody, and with several permits (:data:`core.engine.inference.PERMITS`) several threads run
it at the same moment. A hook belongs to the network and not to a thread, so each hook here (:class:`Hooks`) lets the
passes of other threads go by: nobody is shown what another visitor's picture gave.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
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


_hanging = threading.Lock()
"""Held while hooks are hung and taken off. PyTorch numbers all hooks of a process with one counter, which two threads
may read at the same moment: the second hook would take the place of the first. A pass needs no lock: it copies a
module's hooks before it calls them."""


class Hooks:
    """Forward hooks on shared modules that see the passes of the thread that made this object, and no others.

    Use it as a context manager, or call :meth:`remove`: whatever was hung is taken off.
    """

    def __init__(self) -> None:
        self._me = threading.get_ident()
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def __len__(self) -> int:
        return len(self._handles)

    def before(self, module: nn.Module, hook: Callable[..., Any]) -> None:
        """Call ``hook(module, inputs)`` before ``module`` runs in this thread."""
        with _hanging:
            self._handles.append(module.register_forward_pre_hook(self._mine(hook)))

    def after(self, module: nn.Module, hook: Callable[..., Any]) -> None:
        """Call ``hook(module, inputs, output)`` after ``module`` has run in this thread; what it returns, if anything,
        takes the place of the output."""
        with _hanging:
            self._handles.append(module.register_forward_hook(self._mine(hook)))

    def remove(self) -> None:
        """Take all of them off."""
        with _hanging:
            while self._handles:
                self._handles.pop().remove()

    def _mine(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(hook)
        def only_here(*args: Any) -> Any:
            return hook(*args) if threading.get_ident() == self._me else None

        return only_here


class Trace(Mapping[str, Tensor]):
    """What the chosen modules gave in the passes inside the ``with`` block, by module path.

    Reading it is reading a dictionary from path to tensor, also after the block. A module that runs several times
    keeps its last output. Tensors are detached; ``copy`` protects them from layers that work in place (a ReLU with
    ``inplace=True`` behind a convolution would otherwise change what the convolution gave).

    Several threads may trace one network at the same time: a trace keeps the outputs of the thread that entered it.

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
        self._hooks: Hooks | None = None
        self._outputs: dict[str, Tensor] = {}

    def __enter__(self) -> Self:
        if self._hooks is not None:
            raise TracingError(N_("This trace is running already: make a second one."))
        self._outputs.clear()
        self._hooks = Hooks()
        try:
            for path, module in self._watched.items():
                self._hooks.after(module, self._keeper(path))
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self._hooks is not None:
            self._hooks.remove()
        self._hooks = None

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
