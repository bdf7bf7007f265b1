"""Values in the URL that no widget holds, because a component of ours sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.ui import state

V = TypeVar("V", str, int, tuple[int, ...], tuple[int, int])


def value(name: str, default: V, read: Callable[[], V]) -> V:
    """The value called ``name`` on the open page; from the URL when that leads."""
    kept: V = st.session_state[state.bind(name, default, read)["key"]]
    return kept


def put(name: str, new: V, default: V) -> None:
    """Keep ``new`` and write it into the URL."""
    st.session_state[state.key(name)] = new
    state.write(name, new, default)


def whole(name: str, default: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """As many whole numbers as ``default`` has."""
    return value(name, default, lambda: state.read_ints(name, default, low, high))


def pin(default: tuple[int, int] = state.NOWHERE) -> tuple[int, int]:
    """The pinned pixel of the open page in thousandths of the photo, or ``default`` where nobody has set one."""
    x, y = value(state.PIN, default, lambda: state.read_pin(default))
    return x, y


def put_pin(new: tuple[int, ...], default: tuple[int, int] = state.NOWHERE) -> None:
    """Keep a pin in thousandths and write it into the URL."""
    x, y = new
    put(state.PIN, (x, y), default)


def taken(component: str, event: str, count: int, low: int, high: int) -> tuple[int, ...] | None:
    """The ``count`` whole numbers from ``low`` to ``high`` that a component sent as ``event``, or ``None``."""
    sent = getattr(st.session_state.get(component), event, None)
    found = sent if isinstance(sent, list) else [sent]
    numbers = tuple(v for v in found if type(v) is int and low <= v <= high)
    return numbers if len(numbers) == len(found) == count else None
