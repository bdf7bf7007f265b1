"""Where Streamlit 1.67 works out the same thing in every run of a page: remembered here.

Of the 16 milliseconds that a change of a setting takes, one goes into the theme: six times, all of Streamlit's options
are looked through for those of one section.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from streamlit import config

_options_of = config.get_options_for_section


@cache
def options_of(section: str) -> Mapping[str, Any]:
    """The options of ``section`` as they were when they were first asked for, read-only."""
    return MappingProxyType(_options_of(section))


def remember_theme() -> None:
    """Look the theme's options up once for the process. To be called when they have been read; here nobody sets one
    later."""
    options_of.cache_clear()
    config.get_options_for_section = options_of  # type: ignore[assignment]
