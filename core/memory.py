"""Giving memory back to the system, which Python and the C library like to keep."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> bool:
    """Collect garbage, and let the C library hand its free pages to the system; returns whether it could.

    Pages full of numbers come and go in many threads, and glibc keeps what each thread had for the next time: after a
    class has left, that is hundreds of megabytes. Elsewhere garbage is collected and no more.
    """
    gc.collect()
    if not sys.platform.startswith("linux"):
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except AttributeError:
        return False
    return bool(trim(0))
