"""Giving memory back to the system, which Python and the C library like to keep."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable

_M_ARENA_MAX = -8  # of <malloc.h>
YOUNG = 20_000
"""Objects that are made before the youngest are looked through for garbage."""


def one_pool() -> bool:
    """Let all threads take memory from one pool; returns whether the C library can. To be called before they begin.

    glibc gives every thread a pool of its own, up to eight for each core, and :func:`give_back` does not reach the free
    end of any but the first. Only one thread at a time runs Python, so there is hardly anybody to wait for.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, 1))


def collect_seldom() -> None:
    """Look for garbage after :data:`YOUNG` new objects instead of 700.

    A rerun makes tens of thousands of objects that live for as long as the rerun. Looking through them all again and
    again finds hardly anything, and takes 4 % of a page's time.
    """
    _, middle, old = gc.get_threshold()
    gc.set_threshold(YOUNG, middle, old)


def give_back() -> bool:
    """Collect garbage, and let the C library hand its free pages to the system; returns whether it could.

    Pages full of numbers come and go in many threads, and glibc keeps what each thread had for the next time: after a
    class has left, that is hundreds of megabytes. Elsewhere garbage is collected and no more.
    """
    gc.collect()
    trim = _of_glibc("malloc_trim")
    return trim is not None and bool(trim(0))


def _of_glibc(name: str) -> Callable[..., int] | None:
    """The function ``name`` of the C library, where there is one."""
    function: Callable[..., int] | None = None
    if sys.platform.startswith("linux"):
        function = getattr(ctypes.CDLL(None), name, None)
    return function
