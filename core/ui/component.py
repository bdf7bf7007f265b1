"""Pieces of the page that run in the browser: hand-written JavaScript and CSS beside the Python that feeds them.

``player.py`` says ``_mount = register(__file__)`` and keeps its browser half in ``player.js`` (an ES module whose
default export draws), ``player.css`` and ``player.html``, any of which may be missing. The JavaScript gets every
text it shows from Python, translated already, through ``data``.

A browser half that several components need, such as ``grid_board.js``, lies in ``kit``: ``register(__file__,
"grid_board")`` puts its JavaScript and CSS in front of the component's own. ``text.js``, which fills values into texts,
stands in front of all.

Streamlit repeats a component's source in every message that draws it. So what it gets is one line that loads the
source from an address of ours, once per visit: moving a slider then costs the numbers alone. Until that has come, a
style in the document's head keeps the component's room, so that what stands below does not jump.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PREFIX = "/components/"
KIT = Path(__file__).with_name("kit")
"""The browser halves that several components share."""
_MODULE = """\
const HTML = {html}, STYLE = new CSSStyleSheet(), DRAWN = new WeakSet(), WORDS = new TextDecoder();
STYLE.replaceSync({css});

{js}

export function mount(component) {{
  const {{ parentElement: root }} = component, sheets = root.getRootNode();
  if (!DRAWN.has(root) || !root.firstChild) {{
    root.innerHTML = HTML;
    setTimeout(() => (sheets.host.dataset.component = {name}), 1000); // its pictures come a moment later
    DRAWN.add(root);
    sheets.adoptedStyleSheets = [...sheets.adoptedStyleSheets.filter((sheet) => sheet !== STYLE), STYLE];
  }}
  return render_component({{ ...component, data: JSON.parse(WORDS.decode(component.data)) }});
}}
"""
PHONE, DESKTOP = 390, 1280
"""Widths of the window in CSS pixels for which a component's room is given."""
_LOADER = """\
const loaded = import(new URL({address}, window.location.origin).href);
export default async function (component) {{ return (await loaded).mount(component); }}
"""


@dataclass(frozen=True)
class _Half:
    """The browser half of the component beside ``script``, with the names of those that it shares with others."""

    script: Path
    shared: tuple[str, ...]
    room: tuple[int, int] | None

    @cached_property
    def module(self) -> str:
        """All of it as one ES module, which exports ``mount``."""
        parts = [KIT / "text", *map(self._beside, self.shared), self.script]

        def read(suffix: str) -> str:
            files = [file for part in parts if (file := part.with_suffix(suffix)).is_file()]
            return "\n".join(file.read_text(encoding="utf-8") for file in files)

        script = read(".js").replace("export default function (", "function render_component(")
        name = json.dumps(self.script.stem)
        return _MODULE.format(name=name, html=json.dumps(read(".html")), css=json.dumps(read(".css")), js=script)

    def _beside(self, name: str) -> Path:
        """Where the half ``name`` lies, without its ending: beside this one, or with those that all pages share."""
        own = self.script.with_name(name)
        return own if own.with_suffix(".js").is_file() else KIT / name

    @cached_property
    def address(self) -> str:
        """Where it is served; another one as soon as anything in it changes, so that browsers may keep it."""
        return f"{PREFIX}{self.script.stem}-{hashlib.sha256(self.module.encode()).hexdigest()[:12]}.js"

    @property
    def style(self) -> str:
        """Style of the document that keeps the component's room until it has drawn itself and its pictures: a straight
        line through its two heights, and level beyond."""
        if self.room is None:
            return ""
        phone, desktop = self.room
        slope = (desktop - phone) / (DESKTOP - PHONE)
        line = f"calc({phone - slope * PHONE:.0f}px + {100 * slope:.2f}vw)"
        height = f"clamp({min(self.room)}px, {line}, {max(self.room)}px)"
        key = f"st-key-{self.script.stem}"
        return f':is(.{key}, [class*="{key}-of-"]):not(:has([data-component])) {{ min-height: {height}; }}\n'


_halves: dict[str, _Half] = {}


@cache
def _renderer(half: _Half) -> Callable[..., Any]:
    """Streamlit's renderer of a component, registered once for the process."""
    name = "segscope-" + half.script.stem.replace("_", "-")
    return st.components.v2.component(name, js=_LOADER.format(address=json.dumps(half.address)))


def register(file: str, *shared: str, room: tuple[int, int] | None = None) -> Callable[..., Any]:
    """The component whose browser half lies beside the Python file ``file``; call the result to draw it.

    Registration waits for the first drawing, so that importing a component costs nothing and needs no server. The
    arguments are those of a ``st.components.v2`` component: ``key``, ``data``, ``default``, ``on_NAME_change`` ...

    Args:
        file: ``__file__`` of the caller.
        shared: browser halves beside it or in ``kit`` that come before the component's own.
        room: how high it stands, in CSS pixels, in a window that is :data:`PHONE` and one that is :data:`DESKTOP`
            pixels wide; while the component's key is its file's name, or begins with that and ``-of-``.
    """
    half = _Half(Path(file), shared, room)
    _halves[half.script.stem] = half

    def mount(*, data: Any = None, **arguments: Any) -> Any:
        # As bytes: Streamlit writes anything else as JSON twice, and looks whether each value is some kind of table.
        return _renderer(half)(**arguments, data=json.dumps(data, allow_nan=False, separators=(",", ":")).encode())

    return mount


@cache
def _modules() -> dict[str, str]:
    """Name of each module with JavaScript beside it -> the module."""
    root = Path(__file__).parents[1]
    found = (script.with_suffix(".py") for script in root.rglob("*.js"))
    return {
        file.stem: ".".join(("core", *file.relative_to(root).with_suffix("").parts)) for file in found if file.is_file()
    }


def rooms() -> str:
    """Style that keeps the room of every component while it is on its way."""
    for name in _modules():
        _half(name)
    return "".join(_halves[name].style for name in sorted(_halves))


def _half(name: str) -> _Half | None:
    """The browser half ``name``. A browser may ask before any page that draws it has run in this process: its own ran
    in a replica that is gone, or before this server started."""
    if name not in _halves and name in _modules():
        import_module(_modules()[name])
    return _halves.get(name)


async def _serve(request: Request) -> Response:
    half = await run_in_threadpool(_half, str(request.path_params["name"]).rpartition("-")[0])
    if half is None or request.url.path != half.address:
        return PlainTextResponse("not found\n", 404)
    return Response(
        half.module, media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


ROUTE = Route(PREFIX + "{name}.js", _serve, methods=["GET", "HEAD"])
"""Serves the browser halves of the components."""
