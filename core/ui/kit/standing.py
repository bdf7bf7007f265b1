"""Where a player stands, which the browser writes into the address by itself (``in_address.js``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.ui import state


def number(name: str, default: int, most: int) -> int:
    """The step ``name`` of the address, 0 to ``most``, or ``default``."""
    return state.read_int(name, default, 0, most)


def choice(name: str, options: Iterable[str], default: str) -> str:
    """The one of ``options`` that the address names as ``name``, or ``default``."""
    return state.read_choice(name, options, default)


def begin(**values: Any) -> dict[str, Any]:
    """What a player begins with: ``values``, and a number that is another one after every reset. Only then, and when it
    is drawn anew, does a player that stands somewhere begin again."""
    return values | {"resets": st.session_state.get("tools_reset", 0)}
