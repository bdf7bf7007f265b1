"""What was computed for a picture, kept for every visitor within a budget of memory.

A mask takes 300 kB and the feature maps of a U-Net tens of megabytes, so a number of entries says little about memory.
All results share one budget in bytes (``SEGSCOPE_CACHE_MB``); whatever was asked for longest ago goes first, and
everything goes an hour after it was made, or when all who asked for it have left: what was seen in a visitor's photo is
forgotten with the photo. Streamlit's own caches hold the few things that do not depend on a picture.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from threading import Condition, local
from types import FunctionType, MethodType, ModuleType
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import TTLCache, cached

from core.settings import SETTINGS
from core.ui import streamlit_internals

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 3600
_CODE = (type, ModuleType, FunctionType, MethodType)


def weigh(value: object) -> int:
    """Bytes that ``value`` and all it holds take; what appears twice counts once.

    Arrays and tensors count with the memory behind them, which a view keeps alive as a whole. Networks count nothing:
    everybody shares them.
    """
    tensors, networks = _classes("torch", "Tensor"), _classes("torch.nn", "Module")
    shared = (*networks, *_CODE)
    counted: set[tuple[str, int]] = set()
    size, todo = 0, [value]
    while todo:
        one = todo.pop()
        while isinstance(one, np.ndarray) and one.base is not None:
            one = one.base  # of an array, or the tensor whose memory an array shows
        if isinstance(one, shared):
            continue
        storage = one.untyped_storage() if isinstance(one, tensors) else None
        mark = ("memory", storage.data_ptr()) if storage else ("object", id(one))
        if mark not in counted:
            counted.add(mark)
            if storage:
                size += storage.nbytes()
            else:
                size += one.nbytes if isinstance(one, np.ndarray) else sys.getsizeof(one)
                todo += _held(one)
    return size


def _classes(module: str, name: str) -> tuple[Any, ...]:
    """The class ``name`` of a module, or none: whoever holds a tensor has imported PyTorch, and a thread may be just
    importing it, so that half of it is there."""
    found = getattr(sys.modules.get(module), name, None)
    return () if found is None else (found,)


def _held(value: object) -> list[object]:
    """The objects that ``value`` consists of."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, (tuple, list, set, frozenset)):
        return [*value]
    slots = [getattr(value, name) for name in getattr(type(value), "__slots__", ()) if hasattr(value, name)]
    return [*getattr(value, "__dict__", {}).values(), *slots]


_lock = Condition()
_results: TTLCache[Any, Any] = TTLCache(SETTINGS.cache_mb * 1_000_000, SECONDS, getsizeof=weigh)
_askers: dict[Any, set[str]] = {}
"""Sessions that asked for each result. One that was made outside of any session has none, and stays for its hour."""
_here = local()


def asker() -> str | None:
    """The session for which this thread asks: as :func:`asking_for` says, or that whose page it runs."""
    told: str | None = getattr(_here, "session", None)
    return streamlit_internals.session_id() if told is None else told


@contextmanager
def asking_for(session: str | None) -> Iterator[None]:
    """What this thread asks for inside, it asks for ``session``: work in the background belongs to a visitor, too."""
    before = getattr(_here, "session", None)
    _here.session = session
    try:
        yield
    finally:
        _here.session = before


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Remember what ``function`` returns for its arguments, which are hashable but for those that begin with ``_``.

    The underscored ones are not part of the key: the picture travels beside its digest. Whoever asks for something
    that is being computed waits for it; an exception is not remembered, and the next one tries again. The result is
    shared and not copied: it is not to be changed. One that is larger than the budget is not kept.
    """
    names = list(inspect.signature(function).parameters)
    name = (function.__module__, function.__qualname__)

    def key(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        return (name, *((n, given[n]) for n in names if n in given and not n.startswith("_")))

    cache = cached(_results, key, condition=_lock)(function)

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        session = asker()
        if session is None:
            return cache(*args, **kwargs)
        wanted = key(*args, **kwargs)
        with _lock:
            _askers.setdefault(wanted, set()).add(session)
        answer: T = cache(*args, **kwargs)
        with _lock:
            if wanted not in _askers:  # all have left while it was computed
                _results.pop(wanted, None)
        return answer

    return asked


def put(key: Hashable, value: object) -> bool:
    """Remember ``value`` under ``key`` for this thread's session. Returns whether there is room for it at all."""
    session = asker()
    with _lock:
        try:
            _results[key] = value
        except ValueError:  # larger than the budget
            return False
        if session is not None:
            _askers.setdefault(key, set()).add(session)
        return True


def get(key: Hashable) -> Any:
    """What was :func:`put` under ``key``, for this thread's session from now on as well; ``None`` if it has gone."""
    session = asker()
    with _lock:
        value = _results.get(key)
        if value is not None and session is not None and key in _askers:
            _askers[key].add(session)
        return value


def size() -> int:
    """Bytes that are kept now."""
    with _lock:
        _results.expire()
        return int(_results.currsize)


def keep_for(sessions: Container[str]) -> None:
    """Forget what none of ``sessions``, those that are here, has asked for."""
    with _lock:
        for wanted, who in list(_askers.items()):
            who.intersection_update([name for name in who if name in sessions])
            if not who:
                del _askers[wanted]
                _results.pop(wanted, None)


def clear() -> None:
    """Forget everything."""
    with _lock:
        _results.clear()
        _askers.clear()
