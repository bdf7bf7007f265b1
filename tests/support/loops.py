"""Event loops that Streamlit leaves to the garbage collector."""

from __future__ import annotations

import gc
import warnings


def sweep() -> None:
    """Collect what the threads of a server's scripts have left, here: Streamlit does not close their event loops, and
    Python would complain of that in whatever test comes when they are collected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
