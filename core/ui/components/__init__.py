"""Pieces of the page that run in the browser: hand-written JavaScript and CSS beside the Python that feeds them.

``player.py`` says ``_mount = register(__file__)`` and keeps its browser half in ``player.js`` (an ES module whose
default export draws), ``player.css`` and ``player.html``, any of which may be missing. The JavaScript gets every
text it shows from Python, translated already, through ``data``.

A browser half that several components need, such as ``grid_board.js``, lies here too: ``register(__file__,
"grid_board")`` puts its JavaScript and CSS in front of the component's own. Such a file exports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


@cache
def _renderer(script: Path, shared: tuple[str, ...]) -> Callable[..., Any]:
    """Streamlit's renderer of the component beside ``script``, registered once for the process."""
    parts = [*(Path(__file__).with_name(name) for name in shared), script]

    def read(suffix: str) -> str | None:
        files = [file for part in parts if (file := part.with_suffix(suffix)).is_file()]
        return "\n".join(file.read_text(encoding="utf-8") for file in files) or None

    name = "segscope-" + script.stem.replace("_", "-")
    return st.components.v2.component(name, html=read(".html"), css=read(".css"), js=read(".js"))


def register(file: str, *shared: str) -> Callable[..., Any]:
    """The component whose browser half lies beside the Python file ``file``; call the result to draw it.

    ``shared`` names browser halves in this folder that come before the component's own. Registration waits for the
    first drawing, so that importing a component costs nothing and needs no server. The arguments are those of a
    ``st.components.v2`` component: ``key``, ``data``, ``default``, ``on_NAME_change`` ...
    """
    script = Path(file)

    def mount(**arguments: Any) -> Any:
        return _renderer(script, shared)(**arguments)

    return mount
