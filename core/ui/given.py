"""Whether what a client gives a widget is something that a browser could have sent.

Anybody can write to a server what no page of it would: a text to a slider, NaN, JSON that is none or has no end. Such a
value counts as not sent. What it says, the page's own code looks at: a class that is none, a cell beside the grid.
"""

from __future__ import annotations

import json
import math
from typing import Any

LARGEST = 10**21
"""JavaScript writes whole numbers from here on with an exponent."""
OWN = ("$$ID-", "$$STREAMLIT_INTERNAL_KEY_$$ID-")
"""How the names of widgets begin that Streamlit makes: nobody else's are a browser's to set."""


def sound(state: Any, field: str | None) -> bool:
    """Whether ``state`` is a value for a widget whose values come in ``field``; ``None`` stands for any.

    Args:
        state: a ``WidgetState`` of Streamlit's protocol.
        field: of it.
    """
    given = state.WhichOneof("value")
    if not state.id.startswith(OWN) or (field and given and _kind(given) != _kind(field)):
        return False
    match given:  # nothing at all is what a browser sends of a field that was emptied: the default
        case "double_value":
            return math.isfinite(state.double_value)
        case "double_array_value":
            return all(map(math.isfinite, state.double_array_value.data))
        case "json_value":
            return isinstance(_read(state.json_value), dict)
        case "json_trigger_value":
            events = _read(state.json_trigger_value)
            events = events if isinstance(events, list) else [events]
            return all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events)
    return True


def _kind(field: str) -> str:
    """What stands in ``field``. Streamlit registers a field of whole numbers as one of any, and its page sends them in
    the other."""
    return field.replace("int_", "double_")


def offered(value: Any, deserializer: Any) -> bool:
    """Whether ``value`` is among the options of the widget whose ``deserializer`` (a method of the object that has
    them) made it; always, for one without options."""
    options = getattr(getattr(deserializer, "__self__", None), "options", None)
    return options is None or value is None or value in options


def _read(text: str) -> Any:
    """What ``text`` says; ``None`` where ``JSON.stringify`` does not write such a thing."""
    try:
        found = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
        text.encode()
        json.dumps(found, ensure_ascii=False).encode() if "\\ud" in text.lower() else None
    except (ValueError, RecursionError):  # halves of characters among them
        return None
    return found


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _whole(text: str) -> int:
    number = int(text)
    return number if abs(number) < LARGEST else _refuse(text)
