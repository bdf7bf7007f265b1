"""What is drawn from a picture again and again, remembered for as long as the picture itself is.

The key is the picture, held weakly: an uploaded photo is forgotten with its session, and so is all that was made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from core.pictures.images import Picture

T = TypeVar("T")

MOST = 12
"""Things that are remembered of one picture; what nobody asked for the longest goes first."""

_lock = Lock()
"""Samples are shared by all visitors, and each visitor's page runs in a thread of its own."""
_made: WeakKeyDictionary[Picture, dict[Hashable, Any]] = WeakKeyDictionary()


def of(picture: Picture, what: Hashable, make: Callable[[], T]) -> T:
    """What ``make()`` gives, made once for each ``picture`` and ``what``. It must not refer to the picture."""
    with _lock:
        mine = _made.setdefault(picture, {})
        if what in mine:
            known: T = mine[what]
            mine[what] = mine.pop(what)  # to the end
            return known
    found = make()  # without the lock: two may make it at the same time, and the first one's stays
    with _lock:
        kept: T = mine.setdefault(what, found)
        while len(mine) > MOST:
            del mine[next(iter(mine))]
    return kept
