"""What is drawn from a picture again and again, remembered for as long as the picture itself is.

The key is the picture, held weakly: an uploaded photo is forgotten with its session, and so is all that was made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from core.pictures.images import Picture

T = TypeVar("T")

MOST = 12
"""Things that are remembered of one picture; what nobody asked for the longest goes first."""

_made: WeakKeyDictionary[Picture, dict[Hashable, Any]] = WeakKeyDictionary()


def of(picture: Picture, what: Hashable, make: Callable[[], T]) -> T:
    """What ``make()`` gives, made once for each ``picture`` and ``what``. It must not refer to the picture."""
    mine = _made.setdefault(picture, {})
    try:
        found: T = mine.pop(what)  # and back at the end; another thread may find it missing and make it once more
    except KeyError:
        found = make()
    mine[what] = found
    while len(mine) > MOST:
        mine.pop(next(iter(mine)), None)
    return found
