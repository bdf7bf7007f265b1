"""Values in the URL that no widget holds, because a component of ours sets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import streamlit as st

from core.ui import state

C = TypeVar("C", bound=str)
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


def sent(component: str, event: str) -> Any:
    """What a component sent as ``event``, of which nothing is trusted; ``None`` where it sent nothing."""
    return getattr(st.session_state.get(component), event, None)


def code(component: str, event: str, codes: Iterable[C]) -> C | None:
    """The one of ``codes`` that a component sent as ``event``, or ``None``."""
    word = sent(component, event)
    return next((each for each in codes if isinstance(word, str) and each == word), None)


def flag(component: str, event: str) -> bool | None:
    """Yes or no, as a component sent it as ``event``, or ``None``."""
    word = sent(component, event)
    return word if isinstance(word, bool) else None


def cell(component: str, event: str, *names: str) -> tuple[int, ...] | None:
    """The whole numbers called ``names`` of what a component sent as ``event``, or ``None`` where one of them is none.
    A yes or no is no number here, though Python counts with it."""
    edit = sent(component, event)
    numbers = [edit.get(name) for name in names] if isinstance(edit, dict) else []
    found = tuple(number for number in numbers if type(number) is int)
    return found if len(found) == len(names) else None


def taken(component: str, event: str, count: int, low: int, high: int) -> tuple[int, ...] | None:
    """The ``count`` whole numbers from ``low`` to ``high`` that a component sent as ``event``, or ``None``."""
    words = sent(component, event)
    found = words if isinstance(words, list) else [words]
    numbers = tuple(v for v in found if type(v) is int and low <= v <= high)
    return numbers if len(numbers) == len(found) == count else None
