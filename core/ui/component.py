"""Pieces of the page that run in the browser: hand-written JavaScript and CSS beside the Python that feeds them.

``player.py`` says ``_mount = register(__file__)`` and keeps its browser half in ``player.js`` (an ES module whose
default export draws), ``player.css`` and ``player.html``, any of which may be missing. The JavaScript gets every
text it shows from Python, translated already, through ``data``.

All JavaScript below ``core`` is served as it stands, by bare file name from one address that has the hash of all of it:
wherever a file lies, ``import { Board } from "./grid_board.js"`` finds it, without a build step, and a browser fetches
what several players share once. The style beside a file that a player imports, directly or not, comes with the player's
own, in the order of the imports.

Streamlit repeats a component's source in every message that draws it. So what it gets is one line that loads the
source from an address of ours, once per visit: moving a slider then costs the numbers alone. Until that has come, a
style in the document's head keeps the component's room, so that what stands below does not jump.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import core

PREFIX = "/components/"
_CORE = Path(core.__file__).parent
_IMPORT = re.compile(r'^(?:import|export) (?:[^"]* from )?"\./([\w-]+)\.js";$', re.MULTILINE)
_ENTRY = """\
{imports}
import {{ component }} from "./mount.js";
import render from "./{name}.js";
export const mount = component({title}, {html}, {css}, render, {figure});
"""
FURNITURE = frozenset(
    {"file_gate", "language", "photo_keeper", "picker", "pointing", "polygon_pen", "steps", "stroke_brush", "tools"}
)
"""Components that show nothing by themselves: the frame's, sentences, and what only hands over to Python."""
PHONE, DESKTOP = 390, 1280
"""Widths of the window in CSS pixels for which a component's room is given."""
_LOADER = """\
const loaded = import(new URL({address}, document.baseURI).href);
export default async function (component) {{ return (await loaded).mount(component); }}
"""


@cache
def sources() -> dict[str, Path]:
    """Every JavaScript file of SegScope by its bare name without ``.js``, which no two of them share."""
    return {file.stem: file for file in sorted(_CORE.rglob("*.js"))}


@cache
def _contents() -> dict[str, str]:
    """Every file of a browser half by its name, read once: what is served is what :func:`tree` is the hash of, even if
    somebody changes a file under a running server."""
    files = (file.with_suffix(suffix) for file in sources().values() for suffix in (".js", ".css", ".html"))
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.is_file()}


@cache
def tree() -> str:
    """Hash of all browser halves: another address as soon as anything in them changes, so that browsers may keep it."""
    return hashlib.sha256(json.dumps(_contents()).encode()).hexdigest()[:12]


@cache
def imported(name: str) -> tuple[str, ...]:
    """What ``name`` imports, directly or not, each after all that it imports itself, and ``name`` last."""
    found: dict[str, None] = {}

    def visit(each: str, open_: tuple[str, ...]) -> None:
        if each in found or each in open_:
            return
        for other in _IMPORT.findall(_contents()[f"{each}.js"]):
            visit(other, (*open_, each))
        found[each] = None

    visit(name, ())
    return tuple(found)


@cache
def entry(name: str) -> str:
    """The module that mounts component ``name``. It names all that the component needs, so that one round trip after
    it everything is on its way."""
    *others, own = imported(name)

    files = _contents()
    styles = "\n".join(files[f"{each}.css"] for each in (*others, own) if f"{each}.css" in files)
    imports = "\n".join(f'import "./{each}.js";' for each in others)
    html, css = json.dumps(files.get(f"{own}.html", "")), json.dumps(styles)
    figure = json.dumps(own not in FURNITURE)
    return _ENTRY.format(imports=imports, name=own, title=json.dumps(own), html=html, css=css, figure=figure)


@dataclass(frozen=True)
class _Half:
    """The browser half of the component beside ``script``, and the room that is kept for it."""

    script: Path
    room: tuple[int, int] | None

    @property
    def address(self) -> str:
        """Where its entry is served, from any page: relative, because a host may serve all this below a path."""
        return f"{PREFIX[1:]}{tree()}/{self.script.stem}.mount.js"

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


def register(file: str, *, room: tuple[int, int] | None = None) -> Callable[..., Any]:
    """The component whose browser half lies beside the Python file ``file``; call the result to draw it.

    Registration waits for the first drawing, so that importing a component costs nothing and needs no server. The
    arguments are those of a ``st.components.v2`` component: ``key``, ``data``, ``default``, ``on_NAME_change`` ...

    Args:
        file: ``__file__`` of the caller.
        room: how high it stands, in CSS pixels, in a window that is :data:`PHONE` and one that is :data:`DESKTOP`
            pixels wide; while the component's key is its file's name, or begins with that and ``-of-``.
    """
    half = _Half(Path(file), room)
    _halves[half.script.stem] = half

    def mount(*, data: Any = None, **arguments: Any) -> Any:
        # As bytes: Streamlit writes anything else as JSON twice, and looks whether each value is some kind of table.
        return _renderer(half)(**arguments, data=json.dumps(data, allow_nan=False, separators=(",", ":")).encode())

    return mount


def _registered() -> dict[str, _Half]:
    """Every component, whether a page has drawn it yet or not."""
    for file in sources().values():
        if file.with_suffix(".py").is_file():
            import_module(".".join(("core", *file.relative_to(_CORE).with_suffix("").parts)))
    return _halves


def rooms() -> str:
    """Style that keeps the room of every component while it is on its way."""
    halves = _registered()
    return "".join(halves[name].style for name in sorted(halves))


def figures() -> tuple[str, ...]:
    """Names of the components that show something by themselves: players, maps, curves."""
    return tuple(sorted(set(_registered()) - FURNITURE))


def source(file: str) -> str:
    """The text of a browser half's file, such as ``alone.html``, as :func:`tree` has it."""
    return _contents()[file]


def served(path: str) -> str | None:
    """The source at an address below :data:`PREFIX`, ``None`` where nothing is. Files are looked up by name, never by
    path; and a browser may ask before any page that draws it has run in this process: its own ran in a replica that is
    gone, or before this server started."""
    at, _, file = path.partition("/")
    name, _, kind = file.partition(".")
    if at != tree() or name not in sources() or kind not in ("js", "mount.js"):
        return None
    return entry(name) if kind == "mount.js" else _contents()[f"{name}.js"]


async def _serve(request: Request) -> Response:
    text = await run_in_threadpool(served, str(request.path_params["path"]))
    if text is None:
        return PlainTextResponse("not found\n", 404)
    return Response(
        text, media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


ROUTE = Route(PREFIX + "{path:path}", _serve, methods=["GET", "HEAD"])
"""Serves the browser halves of the components."""
