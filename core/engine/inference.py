"""The one door to a network: loading it once, running it politely, saying how long it took.

Importing this module does not import PyTorch (about four seconds); :func:`warm_up` does that in the background and
:func:`ready` tells whether it is done, so that a page can show itself first.

A forward pass releases Python's lock and uses ``THREADS`` threads. ``PERMITS`` of them may run at the same time; the
others wait their turn in a fair queue (:mod:`core.engine.turns`), of which :data:`core.settings.SETTINGS` says how long
it is."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from core.engine import memory
from core.engine.turns import Turns, Visitor
from core.errors import N_, SegScopeError
from core.settings import SETTINGS

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.models.registry import ModelSpec

P = ParamSpec("P")
T = TypeVar("T")

PERMITS, THREADS, QUEUE, NETWORKS = SETTINGS.permits, SETTINGS.threads, SETTINGS.queue, SETTINGS.networks


class InferenceError(SegScopeError):
    """A network that cannot be loaded or run now; the sentence says what to do."""


BROKEN = N_(
    "PyTorch does not start on this server, so no network can answer. Whoever runs it: install requirements.txt again."
)


# ------------------------------------------------------------------------------------------------ PyTorch itself


_ready = threading.Event()
_settled = threading.Event()  # loaded, or known not to load
_warm_up_lock = threading.Lock()
_warm_up_thread: threading.Thread | None = None


def _import_torch() -> None:
    import torch

    torch.set_num_threads(THREADS)
    # A million objects of torch's modules never die: take them out of every later collection (146 ms -> 5 ms each).
    gc.collect()
    gc.freeze()
    _ready.set()


def _try_to_import_torch() -> None:
    try:
        _import_torch()
    except Exception:  # a damaged wheel raises whatever it likes: OSError, ImportError, RuntimeError
        logging.getLogger(__name__).exception("PyTorch does not load")
    finally:
        _settled.set()


def warm_up() -> None:
    """Start importing PyTorch in a background thread; at once and without effect when that has begun already."""
    global _warm_up_thread
    with _warm_up_lock:
        if _warm_up_thread is None:
            _warm_up_thread = threading.Thread(target=_try_to_import_torch, name="import-torch", daemon=True)
            _warm_up_thread.start()


def ready() -> bool:
    """Whether PyTorch is loaded, so that a network can answer without a long wait."""
    return _ready.is_set()


def failed() -> bool:
    """Whether PyTorch was tried and does not load on this machine; nothing but a new start will change that."""
    return _settled.is_set() and not _ready.is_set()


def wait_until_ready(timeout: float | None = None) -> bool:
    """Wait at most ``timeout`` seconds for PyTorch; starts loading it when nobody has. Returns :func:`ready`.

    Raises:
        InferenceError: PyTorch is damaged or missing; the log says why.
    """
    warm_up()
    _settled.wait(timeout)
    if failed():
        raise InferenceError(BROKEN)
    return ready()


# ----------------------------------------------------------------------------------------------------- networks


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network in evaluation mode, shared by everybody. Never change its parameters or its mode.

    Attributes:
        spec: what the registry says of it.
        module: the network.
        seconds: how long building and reading the weights took.
    """

    spec: ModelSpec
    module: nn.Module
    seconds: float

    def prepare(self, pixels: Any) -> Tensor:
        """Normalised input of a picture: ``uint8 (H, W, 3)`` array -> ``float32 (1, 3, H, W)`` tensor."""
        import numpy as np
        import torch

        # Planes first, floats second: moving bytes is four times cheaper than moving floats.
        x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, 0)[None])).float()  # (1, 3, H, W)
        scale = self.spec.preprocessing
        return x.sub_(torch.tensor(scale.mean).view(3, 1, 1)).div_(torch.tensor(scale.std).view(3, 1, 1))


_models: dict[str, LoadedModel] = {}
_model_locks: dict[str, threading.Lock] = {}
_registry_lock = threading.Lock()


def load(name: str) -> LoadedModel:
    """The network ``name`` of the registry with its weights: read at the first call, shared afterwards, for as long as
    fewer than :data:`NETWORKS` others have been asked for since.

    Raises:
        core.models.registry.RegistryError: no such network.
        core.models.weights.WeightsError: its bundled weights are missing or damaged.
        core.models.downloads.DownloadError: its weights are missing, damaged or have to be fetched first.
    """
    from core.models.registry import current, spec

    wait_until_ready()
    name = current(name)
    with _registry_lock:
        lock = _model_locks.setdefault(name, threading.Lock())
    with lock:  # two visitors asking at once must not read 528 MB twice
        with _registry_lock:
            found = _models.pop(name, None)
        if found is None:
            from core.models import pretrained

            entry = spec(name)
            began = time.perf_counter()
            if entry.weights == "bundled":
                from core.models import weights

                module = weights.load(name)
            else:
                module = pretrained.load(name)
            module.eval().requires_grad_(False)
            found = LoadedModel(entry, module, time.perf_counter() - began)
            gc.collect()
            gc.freeze()
        with _registry_lock:
            _models[name] = found  # the last one is the one that was asked for last
            gone = [_models.pop(old) for old in list(_models)[: max(0, len(_models) - NETWORKS)]]
    if gone:
        gone.clear()  # whoever computes with one of them still holds it
        memory.give_back()
    return found


def forget(name: str | None = None) -> None:
    """Drop a loaded network (or all of them), for tests and after new weights have arrived."""
    with _registry_lock:
        for key in [name] if name else list(_models):
            _models.pop(key, None)


# ------------------------------------------------------------------------------------------------ forward passes


@dataclass(frozen=True)
class Timed(Generic[T]):
    """What a forward pass gave, the seconds it ran and the seconds it waited for its turn."""

    value: T
    seconds: float
    waited: float


_turns = Turns(PERMITS, QUEUE)
_inside = threading.local()


def waiting() -> int:
    """How many computations are waiting for their turn."""
    return _turns.waiting


who: Callable[[], Visitor | None] = lambda: None  # noqa: E731 (a place for a function, which the interface fills)
"""Says for which visitor the calling thread computes; ``None`` for nobody in particular. The interface puts its own
function here."""


def visitor() -> Visitor:
    """For whom the calling thread computes: as :func:`on_behalf_of` says, as :data:`who` says, or background work."""
    return getattr(_inside, "visitor", None) or who() or Visitor(background=True)


@contextmanager
def on_behalf_of(visitor: Visitor) -> Iterator[None]:
    """Everything that this thread computes inside is for ``visitor``."""
    before = getattr(_inside, "visitor", None)
    _inside.visitor = visitor
    try:
        yield
    finally:
        _inside.visitor = before


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Every pass of this thread inside has ``count`` processor threads and not :data:`THREADS`."""
    before = getattr(_inside, "threads", None)
    _inside.threads = count
    try:
        yield
    finally:
        _inside.threads = before


observers: list[Callable[[float, float], None]] = []
"""Each is called after a computation, in its thread and past the gate, with the seconds it waited and the seconds it
ran. A computation inside another one is part of it and is not announced. Observers must not raise."""


def loaded() -> dict[str, LoadedModel]:
    """The networks that are in memory now, by name."""
    with _registry_lock:
        return dict(_models)


def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Timed[T]:
    """Call ``function`` without gradients, at most :data:`PERMITS` at a time, and time it.

    Group the passes that belong to one answer into one call: between two calls somebody else may have a turn. A call
    from inside another one runs at once, because its permit is held already.

    Raises:
        InferenceError: the function ran out of memory. Everything else it raises passes through.
        core.engine.turns.QueueError: too many are waiting.
        BaseException: what the visitor's ``look_up`` raises to leave the queue.
    """
    wait_until_ready()
    if getattr(_inside, "depth", 0) > 0:
        return _compute(function, *args, **kwargs)
    asked = time.perf_counter()
    asking = visitor()
    gate = _turns
    gate.enter(asking)
    began = time.perf_counter()
    try:
        timed = _compute(function, *args, **kwargs)
    finally:
        gate.leave(asking, time.perf_counter() - began)
    timed = replace(timed, waited=began - asked)
    for observer in observers:
        observer(timed.waited, timed.seconds)
    return timed


def _compute(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Timed[T]:
    import torch

    outermost = getattr(_inside, "depth", 0) == 0
    count = getattr(_inside, "threads", None) or THREADS
    # At every pass: a thread takes over, at its first operation, what some other thread has set for itself. To ask is
    # such an operation; a number that is set before it would be lost.
    if outermost and torch.get_num_threads() != count:
        torch.set_num_threads(count)
    with torch.inference_mode():
        began = time.perf_counter()
        _inside.depth = getattr(_inside, "depth", 0) + 1
        try:
            value = function(*args, **kwargs)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise InferenceError(N_("There is not enough memory for this: choose a smaller input.")) from error
        except RuntimeError as error:
            if "alloc" not in str(error) or "memory" not in str(error):
                raise
            raise InferenceError(N_("There is not enough memory for this: choose a smaller input.")) from error
        finally:
            _inside.depth -= 1
            if outermost and count != THREADS:
                torch.set_num_threads(THREADS)
        return Timed(value, time.perf_counter() - began, 0.0)
