"""Where Streamlit 1.67 does the same work again in every run of a page: two short cuts, which change no answer.

Of the 16 milliseconds that a change of a setting takes, one went into telling the browser about the theme, and one and
a half into number inputs: each asked for the values of everything on the page, to look at its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.state import SafeSessionState
from streamlit.runtime.state.common import is_element_id
from streamlit.runtime.state.session_state import _is_internal_key

_populate_theme = app_session._populate_theme_msg
_all_values = SafeSessionState.filtered_state


def take() -> None:
    """Take the short cuts for the rest of the process. To be called when the options of the theme have been read; here
    nobody sets one later."""
    theme_of.cache_clear()
    app_session._populate_theme_msg = _put_theme
    SafeSessionState.filtered_state = property(Values)  # type: ignore[assignment, method-assign]


@cache
def theme_of(section: str) -> CustomThemeConfig:
    """What a browser is told about the ``section`` of the theme, as it was when it was first asked for."""
    message = CustomThemeConfig()
    _populate_theme(message, section)
    return message


def _put_theme(msg: CustomThemeConfig, section: str = "theme") -> None:
    told = theme_of(section)
    if told.ByteSize():  # merging an empty one would say that there is such a section
        msg.MergeFrom(told)


class Values(Mapping[str, Any]):
    """A session's values by the keys that the app has given them; one is looked up when it is asked for."""

    def __init__(self, session: SafeSessionState) -> None:
        self._session = session

    def _all(self) -> dict[str, Any]:
        values: dict[str, Any] = _all_values.fget(self._session)  # type: ignore[attr-defined]
        return values

    def __getitem__(self, key: str) -> Any:
        if is_element_id(key) or _is_internal_key(key):
            raise KeyError(key)  # Streamlit's own names are not among the app's
        with self._session._lock:  # as for all of them: no run ends here to make way for the next
            return self._session._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
