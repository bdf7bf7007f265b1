"""What nobody's browser sends, made from a seed: values of widgets, of players, addresses, whole messages.

The same seed gives the same case on the same page. Values of players are made of the words that players and pages know
(:func:`words`), so that many of them come past the first look.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

import core

_CORE = Path(core.__file__).parent
NUMBERS: tuple[float, ...] = (
    0, 1, -1, 2, 3, 7, 32, 320, 448, 1000, 10**6, -(10**6), 2**31, 2**53, 0.5, 1e-300, 1e300, 1e18, -1e18,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
TEXTS = (
    "", "0", "1", "-1", "nan", "1e400", "null", "x", "Infinity", "0x10", "١٢", "cat", "own", "dog", "\u202e", "e\u0301",
    "가나다", "<b>", "`$x$`", "{0}", "{name}", "%s", "../../etc/passwd", "a" * 10_000, "\x00", "\ud7ff", "#", "1.2.3",
    "1.2", "-5.1200", "$$ID-x-None", "None", "__class__",
)  # fmt: skip
ODD = ("", "%", "%zz", "&&&=", "=", "?", "#", "a=" + "b" * 5000, "%00=%00", "img=%ED%A0%80", ";", "embed=true", "x[]=1")


@cache
def words() -> tuple[str, ...]:
    """Short words in quotes in the sources: names of fields, of settings, of choices."""
    found: set[str] = set()
    for kind in ("*.py", "*.js"):
        for file in sorted(_CORE.rglob(kind)):
            found.update(re.findall(r"""["']([a-z][a-z0-9_-]{0,14})["']""", file.read_text(encoding="utf-8")))
    return tuple(sorted(found))


@cache
def events() -> tuple[str, ...]:
    """Names of what players tell."""
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(_CORE.rglob("*.py")))
    return tuple(sorted(set(re.findall(r"\bon_([a-z_]+)_change\b", text))))


@cache
def parameters() -> tuple[str, ...]:
    """Names of settings in addresses, as the sources write them."""
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(_CORE.rglob("*.py")))
    known = re.findall(r"""(?:read_\w+|bind\w*|slider|choice|toggle)\((?:[^"()]*"[^"]*"\)?, )?"(\w{1,16})\"""", text)
    return tuple(sorted({*known, "img", "lang", "pin"}))


def value(chance: random.Random, depth: int = 3) -> Any:
    """Anything that JSON can say, and NaN and infinities, which Python reads too."""
    kinds: list[Callable[[], Any]] = [
        lambda: chance.choice(NUMBERS),
        lambda: chance.randint(-3, 1100),
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(words()),
        lambda: chance.choice([None, True, False]),
    ]
    if depth:
        few = chance.choice([0, 1, 2, 2, 3, 4, 9])
        kinds += [
            lambda: [value(chance, depth - 1) for _ in range(few)],
            lambda: [chance.choice(NUMBERS) for _ in range(few)],
            lambda: {chance.choice(words()): value(chance, depth - 1) for _ in range(few)},
        ]
    return chance.choice(kinds)()


def like(chance: random.Random, good: Any) -> Any:
    """``good`` with something of it changed."""
    if isinstance(good, dict) and good and chance.random() < 0.8:
        key = chance.choice(sorted(good))
        return {**good, key: like(chance, good[key])}
    if isinstance(good, list) and good and chance.random() < 0.8:
        at = chance.randrange(len(good))
        return [*good[:at], like(chance, good[at]), *good[at + 1 :]]
    return value(chance)


GOOD: tuple[Any, ...] = (
    {"x": 3, "y": 4}, [3, 4], [[0.1, 0.2], [0.8, 0.2], [0.5, 0.9]], {"row": 1, "column": 2, "value": 3.5},
    {"what": "kernel", "row": 0, "column": 1, "value": 2}, [{"class": 1, "points": [[0.1, 0.1], [0.5, 0.5]]}],
    [{"label": 1, "size": 8, "points": [[10, 10], [20, 30]]}], {"value": "cat", "round": 1}, True, "cat", 3, 0.25,
    [0.0, 1.0, 0.5], ["input", 1, 2, 3.0], {"name": "a.jpg", "data": "data:image/jpeg;base64,/9j/4AAQ"},
)  # fmt: skip
"""Shapes as players send them."""


def told(chance: random.Random) -> Any:
    """What a player might tell, or not quite."""
    return like(chance, chance.choice(GOOD)) if chance.random() < 0.7 else value(chance)


def fill(state: WidgetState, chance: random.Random, field: str = "") -> None:
    """Give ``state`` a value in ``field``, or in any."""
    fields = [f.name for f in WidgetState.DESCRIPTOR.fields if f.name != "id"]
    field = field or chance.choice(fields)
    number, text = chance.choice(NUMBERS), chance.choice([*TEXTS, chance.choice(words())])
    whole = int(number) if abs(number) < 2**62 else 2**62
    many = chance.choice([0, 1, 1, 2, 3, 100])
    match field:
        case "trigger_value" | "bool_value":
            setattr(state, field, chance.random() < 0.7)
        case "double_value":
            state.double_value = number
        case "int_value":
            state.int_value = whole
        case "string_value":
            state.string_value = text
        case "double_array_value":
            state.double_array_value.data.extend(chance.choice(NUMBERS) for _ in range(many))
            state.double_array_value.SetInParent()
        case "int_array_value":
            state.int_array_value.data.extend([whole] * many)
            state.int_array_value.SetInParent()
        case "string_array_value":
            state.string_array_value.data.extend(chance.choice([*TEXTS, chance.choice(words())]) for _ in range(many))
            state.string_array_value.SetInParent()
        case "json_value":
            names = chance.sample(events(), chance.choice([1, 1, 2]))
            odd = chance.choice(["{", "[]", "null", '"x"', "[" * 2000, "1" * 5000, text])
            sound = json.dumps({name: told(chance) for name in names})
            state.json_value = odd if chance.random() < 0.15 else sound
        case "json_trigger_value":
            listed = [{"event": chance.choice([*events(), text]), "value": told(chance)} for _ in range(many % 4)]
            state.json_trigger_value = json.dumps(chance.choice([listed, listed[:1], told(chance)]))
        case "arrow_value":
            state.arrow_value.data = text.encode("utf-8", "replace")
        case "bytes_value":
            state.bytes_value = text.encode("utf-8", "replace")
        case "file_uploader_state_value":
            for _ in range(many):
                file = state.file_uploader_state_value.uploaded_file_info.add()
                file.file_id, file.name, file.size = text[:100], text, max(0, whole)
                file.file_urls.file_id = text[:100]
            state.file_uploader_state_value.SetInParent()
        case "string_trigger_value":
            state.string_trigger_value.data = text
        case "chat_input_value":
            state.chat_input_value.data = text
        case _:
            raise ValueError(field)


def query(chance: random.Random) -> str:
    """An address's settings, most of them odd."""
    if chance.random() < 0.2:
        return chance.choice(ODD)
    pairs = []
    for _ in range(chance.randint(1, 4)):
        name = chance.choice([*parameters(), chance.choice(TEXTS)])
        text = chance.choice(
            [*TEXTS, str(chance.choice(NUMBERS)), str(chance.randint(-2, 600)), chance.choice(words())]
        )
        pairs.append(f"{quote(name, errors='replace')}={quote(text[:2000], errors='replace')}")
    return "&".join(pairs)


def broken(chance: random.Random, message: BackMsg) -> bytes:
    """The bytes of a message, some of them changed, lost or doubled."""
    data = bytearray(message.SerializeToString())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(3):
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 8)]
            case _:
                data[at:at] = data[at : at + chance.randint(1, 8)]
    return bytes(data)


def path(chance: random.Random, names: Sequence[str]) -> str:
    """A path that a stranger might ask for."""
    parts = [
        *names, "_stcore", "stream", "health", "host-config", "upload_file", "media", "component", "components",
        "static", "..", "%2e%2e", ".", "%00", "%ff", "maps", "a" * 3000, "%ea%b0%80", "\\", "~", "favicon.png", "FCN",
        "index.html", "thumbnails", "feature-sheets", "_stcore%2fhealth", "x.mount.js", "robots.txt", "readyz", "0",
    ]  # fmt: skip
    way = "/" + "/".join(chance.choice(parts) for _ in range(chance.randint(1, 4)))
    return way + ("?" + quote(query(chance), safe="=&%") if chance.random() < 0.3 else "")
