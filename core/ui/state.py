"""State that lives in the URL, so that any view can be shared, and survives what people type there.

A widget's value belongs to the session while a page is open. The URL leads when a page is opened or the browser's
back and forward buttons are used; afterwards it follows. Anything odd in it counts as absent, is taken out of the URL,
and the reader is told (:func:`odd`). Parameters that a page does not know (an advertiser's) are never touched.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

import streamlit as st

from core.models.registry import current
from core.ui import streamlit_internals

V = TypeVar("V")
C = TypeVar("C", bound=str)  # lets a choice among literals stay one

KEPT = ("lang", "img")
"""Parameters that belong to the reader and not to a page: a reset leaves them alone."""

PIN = "pin"
"""The pinned pixel's name on every page: in the URL, in the session and in links, thousandths of the photo, ``x.y``."""
THOUSAND = 1000
NOWHERE = (-1, -1)
"""The pin where nobody has set one and the page has no place of its own."""
Photo = tuple[float, float, float, float]
"""Where the whole photo lies on a page's own pixels: left, top, width, height. A page that shows a part of it has the
photo reach beyond its own pixels; one that fills it up has it begin inside them."""

_PAGE = "url_page"
_LEADS = "url_leads"
_CAME_BACK = "url_came_back"
_ODD = "url_odd"

_here = threading.local()


def _memory() -> dict[str, Any]:
    """What has been looked up in this run of the page or of a part of it; nothing outside a session.

    Streamlit looks through every widget of the page for each value that it is asked for, and a page asks for its
    language at every sentence.
    """
    mark = streamlit_internals.mark(streamlit_internals.run())
    if mark is None:
        return {}
    known: tuple[object, dict[str, Any]] | None = getattr(_here, "memory", None)
    if known is None or known[0] is not mark:
        known = _here.memory = (mark, {})
    return known[1]


def recall(name: str, default: Any) -> Any:
    """What the session remembers as ``name`` by :func:`remember`; looked up once in a run."""
    memory = _memory()
    if name not in memory:
        memory[name] = st.session_state.get(name, default)
    return memory[name]


def remember(name: str, value: Any) -> None:
    """Keep ``value`` as ``name`` for the rest of the session."""
    st.session_state[name] = _memory()[name] = value


def once(draw: Callable[[], V]) -> Callable[[], V]:
    """``draw`` draws its widgets where it is first called in a run of the page or of a part of it; later calls in that
    run give what it gave. For settings that several steps have in common and that all on one page needs once."""

    @wraps(draw)
    def first() -> V:
        memory, name = _memory(), f"once {draw.__module__}.{draw.__qualname__}"
        if name not in memory:
            memory[name] = draw()
        found: V = memory[name]
        return found

    return first


def begin() -> None:
    """At the start of a run: find out whether the URL leads in it."""
    page = streamlit_internals.page()
    remember(_CAME_BACK, streamlit_internals.came_back())
    remember(_LEADS, came_back() or page != recall(_PAGE, None))
    if url_leads():
        remember(_ODD, ())


def opened() -> None:
    """Once ``st.navigation`` knows the page: remember it, so that the next run counts as a later one on this page."""
    remember(_PAGE, streamlit_internals.page())


def end() -> None:
    """At the end of a run: fragments that run again later follow the session and not the URL."""
    remember(_LEADS, False)
    remember(_CAME_BACK, False)


def url_leads() -> bool:
    """Whether values are to be taken from the URL in this run."""
    return bool(recall(_LEADS, True))


def came_back() -> bool:
    """Whether this run was caused by the browser's back or forward button: what the URL lacks had its default then."""
    return bool(recall(_CAME_BACK, False))


# ------------------------------------------------------------------------------------------- reading and writing


def odd() -> tuple[str, ...]:
    """Names of the parameters that name what does not exist, since this page was opened; they are repaired."""
    names: tuple[str, ...] = recall(_ODD, ())
    return names


def _repair(name: str) -> None:
    """Take the odd parameter ``name`` out of the URL; only while the URL leads, because later it is an old view's."""
    if url_leads() and name in st.query_params:
        del st.query_params[name]
        remember(_ODD, (*(other for other in odd() if other != name), name))


def read_int(name: str, default: int, low: int, high: int, step: int = 1) -> int:
    """The whole number ``name`` of the URL if it is one of ``low, low + step ... high``, otherwise ``default``."""
    text = str(st.query_params.get(name, ""))
    value = int(text) if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) else low - 1
    if low <= value <= high and (value - low) % step == 0:
        return value
    _repair(name)
    return default


def read_choice(name: str, options: Iterable[C], default: C) -> C:
    """The value ``name`` of the URL if it is one of ``options``, otherwise ``default``.

    The former name of a network counts as the one that took its place, where that is offered and the old one is not.
    """
    value, codes = str(st.query_params.get(name, "")), list(options)
    found = next((option for wanted in (value, current(value)) for option in codes if option == wanted), None)
    if found is None:
        _repair(name)
        return default
    return found


def read_ints(name: str, default: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """As many whole numbers as ``default`` has, written ``3.14.15``, each from ``low`` to ``high``; or ``default``."""
    parts = str(st.query_params.get(name, "")).split(".")
    if len(parts) == len(default) and all(re.fullmatch(r"-?[0-9]{1,9}", part, re.ASCII) for part in parts):
        values = tuple(map(int, parts))
        if all(low <= value <= high for value in values):
            return values
    _repair(name)
    return default


def read_pin(default: tuple[int, int]) -> tuple[int, int]:
    """The pinned pixel of the URL in thousandths of the photo's width and height, 0 to 1000 each, or ``default``."""
    x, y = read_ints(PIN, default, 0, THOUSAND)
    return x, y


def write(name: str, value: str | int | bool | tuple[int, ...] | None, default: object = None) -> None:
    """Put ``value`` into the URL, or take ``name`` out when it is ``None`` or the default. The rest stays."""
    if value is None or value == default:
        if name in st.query_params:
            del st.query_params[name]
        return
    text = ".".join(map(str, value)) if isinstance(value, tuple) else str(int(value) if value is True else value)
    if st.query_params.get(name) != text:
        st.query_params[name] = text


# ---------------------------------------------------------------------------------------------- the pinned pixel


def to_pixel(pin: tuple[int, int], photo: Photo) -> tuple[int, int]:
    """The pixel (x, y) of a page's own that shows the middle of thousandth ``pin``; inside ``photo`` always, which may
    be outside of what the page shows."""
    (left, top, width, height), (x, y) = photo, (min(v, THOUSAND - 1) for v in pin)
    return math.floor(left + (2 * x + 1) * width / 2000), math.floor(top + (2 * y + 1) * height / 2000)


def to_pin(pixel: tuple[int, int], photo: Photo) -> tuple[int, int]:
    """The reverse of :func:`to_pixel`: exact where ``photo`` has whole numbers and is at most a thousand pixels wide
    and high. A pixel beside the photo becomes the nearest place on its rim."""
    (left, top, width, height), (x, y) = photo, pixel
    across, down = (2 * (x - left) + 1) * 500 // width, (2 * (y - top) + 1) * 500 // height
    return min(max(int(across), 0), THOUSAND), min(max(int(down), 0), THOUSAND)


def to_shares(pin: tuple[int, int]) -> tuple[float, float]:
    """The middle of thousandth ``pin`` as shares of the photo's width and height, above 0 and below 1."""
    x, y = (min(v, THOUSAND - 1) for v in pin)
    return (2 * x + 1) / 2000, (2 * y + 1) / 2000


# -------------------------------------------------------------------------------------- widgets bound to the URL


def key(name: str) -> str:
    """Session key of parameter ``name`` on the open page, the same in every run."""
    return f"{recall(_PAGE, '')}/{name}"


def bind(
    name: str, default: V, read: Callable[[], V], fits: Callable[[Any], bool] = lambda _value: True
) -> dict[str, Any]:
    """``key`` and ``on_change`` of a widget whose value is the URL's parameter ``name``.

    Args:
        name: short ASCII name in the URL.
        default: value that is not written.
        read: takes the value from the URL, ``default`` when it is absent or odd.
        fits: whether the widget can have a value. A browser sends no other, but not everybody has a browser.
    """
    own = key(name)
    if url_leads() or own not in st.session_state:
        st.session_state[own] = read()
    elif not fits(st.session_state[own]):
        st.session_state[own] = default

    def follow() -> None:
        value: Any = st.session_state[own]
        known: Any = value if fits(value) else default
        write(name, known, default)

    return {"key": own, "on_change": follow}


def bind_int(name: str, low: int, high: int, default: int, step: int = 1) -> tuple[dict[str, Any], int]:
    """:func:`bind` for a widget of whole numbers, and what it will show: for what is drawn above it."""

    def fits(value: Any) -> bool:
        return isinstance(value, int) and low <= value <= high and (value - low) % step == 0

    bound = bind(name, default, lambda: read_int(name, default, low, high, step), fits)
    return bound, int(st.session_state[bound["key"]])


def slider(label: str, name: str, low: int, high: int, default: int, step: int = 1, **arguments: Any) -> int:
    """``st.slider`` over whole numbers, bound to the URL."""
    bound, _value = bind_int(name, low, high, default, step)
    return int(st.slider(label, low, high, step=step, **bound, **arguments))


def bind_choice(name: str, options: Iterable[C], default: C) -> tuple[dict[str, Any], C]:
    """:func:`bind` for a widget that offers ``options``, and what it will show."""
    codes = list(options)
    # The options may depend on another widget and have changed.
    bound = bind(name, default, lambda: read_choice(name, codes, default), codes.__contains__)
    chosen: C = st.session_state[bound["key"]]
    return bound, chosen


def choice(
    label: str,
    name: str,
    options: Iterable[C],
    default: C,
    format_func: Callable[[C], str] = str,
    look: str = "segmented",
    **arguments: Any,
) -> C:
    """One of ``options`` (short ASCII codes, which the URL shows), bound to the URL.

    Args:
        format_func: what is shown for a code, in the reader's language.
        look: ``segmented``, ``pills`` or ``radio``. A select box would keep its old words after a language switch.
    """
    codes = list(options)
    bound, chosen = bind_choice(name, codes, default)
    if look == "radio":
        chosen = st.radio(label, codes, format_func=format_func, **bound, **arguments)
        return chosen
    widget = st.pills if look == "pills" else st.segmented_control
    chosen = widget(label, codes, format_func=format_func, required=True, **bound, **arguments)
    return chosen


def toggle(label: str, name: str, default: bool = False, **arguments: Any) -> bool:
    """``st.toggle``, ``0`` or ``1`` in the URL."""
    bound = bind(name, default, lambda: bool(read_int(name, int(default), 0, 1)))
    return bool(st.toggle(label, **bound, **arguments))


def reset() -> None:
    """Forget every value of the open page, in the session and in the URL."""
    for name in [str(name) for name in st.session_state if str(name).startswith(key(""))]:
        del st.session_state[name]
    for name in [name for name in st.query_params if name not in KEPT]:
        del st.query_params[name]
