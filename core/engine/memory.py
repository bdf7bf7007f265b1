"""Giving memory back to the system, which Python and the C library like to keep."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

_M_ARENA_MAX = -8  # of <malloc.h>
_M_MMAP_THRESHOLD = -3
LARGE = 2**20
"""Bytes from which an array goes back to the system as soon as it is let go, after :func:`nothing_kept`."""
GROWN = 32 * 10**6
"""Bytes more than after the last :func:`give_back` that make it worth another."""
YOUNG = 20_000
"""Objects that are made before the youngest are looked through for garbage."""


def one_pool() -> bool:
    """Let all threads take memory from one pool; returns whether the C library can. To be called before they begin.

    glibc gives every thread a pool of its own, up to eight for each core, and :func:`give_back` does not reach the free
    end of any but the first. Only one thread at a time runs Python, so there is hardly anybody to wait for.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, 1))


def nothing_kept() -> bool:
    """Let go of every array of :data:`LARGE` bytes at once; returns whether the C library can.

    glibc keeps ever larger ones for the next time, once some were let go: after one pass of a classifier, a third of
    the process. Where memory is short that costs more than the few percent of time that it saves.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, LARGE))


_least = 0


def taken() -> int:
    """Bytes of main memory that this process has; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def grown() -> bool:
    """Whether the process has :data:`GROWN` more than after the last :func:`give_back`."""
    return taken() > _least + GROWN


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
    global _least
    gc.collect()
    trim = _of_glibc("malloc_trim")
    given = trim is not None and bool(trim(0))
    _least = taken()
    return given


def _of_glibc(name: str) -> Callable[..., int] | None:
    """The function ``name`` of the C library, where there is one."""
    function: Callable[..., int] | None = None
    if sys.platform.startswith("linux"):
        function = getattr(ctypes.CDLL(None), name, None)
    return function
