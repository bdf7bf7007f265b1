"""Which network ran, and for how long: from the door in :mod:`core.engine.inference` to the logs and metrics.

The door does not know what a computation does. A hook on every module of PyTorch sees which network's layers run in a
thread; it costs a look-up for each layer, and is only there while somebody reads the metrics or the logs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from core import telemetry
from core.engine import inference
from core.settings import SETTINGS

if TYPE_CHECKING:
    from torch import nn

OTHER = "other"
"""Name of a computation without any network's layers in it."""


class Watch:
    """Knows the networks' layers, and remembers in each thread whose ran."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}  # id of a layer -> its network
        self._known: dict[str, inference.LoadedModel] = {}  # keeps the layers, and with them their ids
        self._thread = threading.local()

    def look(self, module: nn.Module, _inputs: Any) -> None:
        """The hook: note whose layer is about to run."""
        name = self._names.get(id(module))
        if name is None and (loaded := inference.loaded()) != self._known:
            self._names = {id(m): key for key, model in loaded.items() for m in model.module.modules()}
            self._known = loaded
            name = self._names.get(id(module))
        if name is not None:
            self._thread.name = name

    def heard(self, waited: float, seconds: float) -> None:
        """The observer: a computation of this thread is over."""
        name = getattr(self._thread, "name", OTHER)
        self._thread.name = OTHER
        telemetry.FORWARD.labels(name).observe(seconds)
        telemetry.WAITED.observe(waited)
        telemetry.event("forward", network=name, waited=round(waited, 4), seconds=round(seconds, 4))


_begun = threading.Lock()


def begin() -> None:
    """Load PyTorch and watch it, when somebody reads the result. Blocks for as long as PyTorch loads."""
    try:
        inference.wait_until_ready()
    except inference.InferenceError:
        return  # pages and /readyz say so
    if (SETTINGS.log == "json" or SETTINGS.metrics_port) and _begun.acquire(blocking=False):
        from torch.nn.modules.module import register_module_forward_pre_hook

        watch = Watch()
        register_module_forward_pre_hook(watch.look)
        inference.observers.append(watch.heard)
