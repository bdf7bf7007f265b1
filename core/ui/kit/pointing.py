"""Two or three sentences beside a figure, whose phrases light the parts that they speak of.

``[the first bin](part:bins)`` in a text is a phrase; the figure's part is an element of a player with
``data-part="bins"`` or a container of the page, :func:`part`. Pointing at either lights both (``lights.js``).
"""

from __future__ import annotations

import re
import zlib

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.component import register

_mount = register(__file__)
_PHRASE = re.compile(r"\[([^\]]+)\]\(part:([a-z0-9-]+)\)")


def pieces(text: str) -> list[tuple[str, str]]:
    """The words of ``text`` in their order, each with the part that they point at, empty for none.

    >>> pieces("Look at [the bins](part:bins).")
    [('Look at ', ''), ('the bins', 'bins'), ('.', '')]
    """
    found: list[tuple[str, str]] = []
    at = 0
    for phrase in _PHRASE.finditer(text):
        found += [(text[at : phrase.start()], ""), (phrase[1], phrase[2])]
        at = phrase.end()
    found.append((text[at:], ""))
    return [(words, part) for words, part in found if words]


def pointing(text: str) -> None:
    """Draw ``text``, translated already, with its phrases to touch."""
    _mount(key=f"pointing-of-{zlib.crc32(text.encode()):08x}", data={"pieces": pieces(text)}, height="content")


def part(name: str) -> DeltaGenerator:
    """A container that phrases can light: ``with part("table"): ...``."""
    return st.container(key=f"part-{name}")
