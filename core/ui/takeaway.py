"""A figure to take away: one HTML file, made of the very modules that the page runs, for a lecture page or a stick.

A file on a disk may not import its neighbours. So every module that a player needs stands in an import map of the file,
as a ``data:`` address, under the name by which the others import it; nothing is fetched, and the file's own content
policy forbids it. What the player shows comes in as JSON: in the browser at a click (``kit/take.js``), which asks for
nothing but the page of modules here, the same for every visitor; or in Python (:mod:`core.notebook`).
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import N_
from core.pictures.samples import Sample
from core.ui import component, language
from core.ui.language import gettext as _

MOST_BYTES = 2_000_000
"""How large a file may be."""
_EMPTY = "{}</script>"
_SPECIFIER = re.compile(r'^((?:import|export) (?:[^"]* from )?")\./([\w-]+\.js";)$', re.MULTILINE)
_SAYS = {
    "few": N_("Of each stage’s maps this file holds the strongest; SegScope shows all of them."),
    "asked": N_("That is computed in SegScope, not in this file: the figure stands as it was computed."),
    "live": N_("Open in SegScope"),
    "theme": N_("Light / dark"),
}


def _as_data(text: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(text.encode()).decode()


def _modules(name: str) -> dict[str, str]:
    """The modules of figure ``name``, of the sentences that point at it and of the file itself, by file name, with
    imports by bare name: an import map can say where those are, in a ``data:`` address too."""
    entries = (name, "pointing")
    needed = {each for top in (*entries, "alone") for each in component.imported(top)}
    found = {f"{each}.js": component.source(f"{each}.js") for each in sorted(needed)}
    found |= {f"{each}.mount.js": component.entry(each) for each in entries}
    return {file: _SPECIFIER.sub(r"\1\2", text) for file, text in found.items()}


def _licences(name: str) -> str:
    """Notices of what others wrote among the modules of ``name``."""
    files = (component.sources()[each].with_suffix(".LICENSE") for each in component.imported(name))
    notices = [f"{file.stem}.js\n\n{file.read_text(encoding='utf-8').strip()}" for file in files if file.is_file()]
    ours = "SegScope, Copyright 2026 the SegScope authors, Apache License 2.0"
    return "\n\n".join([ours, *notices])


def page(name: str, code: str) -> str:
    """The file for figure ``name`` in language ``code``, still without what it shows.

    Raises:
        KeyError: no figure or no language is called so.
    """
    if name not in component.figures() or code not in language.LANGUAGES:
        raise KeyError(name, code)
    imports = {file: _as_data(text) for file, text in _modules(name).items()}
    words = {key: html.escape(language.catalogue(code).gettext(text)) for key, text in _SAYS.items()}
    fields = words | {
        "lang": code,
        "name": name,
        "licences": _licences(name),
        "style": component.source("alone.css"),
        "imports": json.dumps({"imports": imports}),
    }
    return re.sub(r"\{(\w+)\}", lambda field: fields[field[1]], component.source("alone.html"))


def filled(name: str, code: str, given: dict[str, Any]) -> str:
    """The file for figure ``name`` with ``given``, whose names ``kit/alone.js`` lists."""
    text = json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return page(name, code).replace(_EMPTY, text + _EMPTY[2:], 1)


def credit(sample: Sample | None) -> str:
    """Whose picture it is, in the reader's language; ``None`` is a photo that the visitor brought."""
    if sample is None:
        return _("Picture: brought by whoever took this figure, who answers for its use.")
    return _("Picture: {author}, {licence}, {source}").format(
        author=sample.author, licence=sample.licence, source=sample.source
    )


async def _serve(request: Request) -> Response:
    tree, name, code = (str(request.path_params[part]) for part in ("tree", "name", "code"))
    if tree != component.tree():
        return PlainTextResponse("not found\n", 404)
    try:
        text = await run_in_threadpool(page, name, code)
    except KeyError:
        return PlainTextResponse("not found\n", 404)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


ROUTE = Route(component.PREFIX + "{tree}/{name}.{code}.html", _serve, methods=["GET", "HEAD"])
"""Serves the pages of modules, beside the modules themselves."""
