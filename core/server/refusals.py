"""Answers of the server that are no page: one sentence each, in the reader's language, with nothing about the inside.

A sentence and not Streamlit's or Starlette's own text, because people read it: under the upload button, or instead of
a page. No path, no traceback, no version.
"""

from __future__ import annotations

import html
import random
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Scope

from core.errors import N_
from core.ui.language import LANGUAGES, catalogue, guess

RETRY = (15, 30)
"""Seconds after which a page that found no place asks again: drawn by lot, so that not all ask at once."""

FULL = N_("SegScope is full: all {limit} places are taken.")
FULL_RETRY = N_("This page tries again by itself in about {seconds} seconds. You can also reload it.")
NOT_FOUND = N_("There is nothing at this address.")
WAY_BACK = N_("To the overview of all pages")
FAILED = N_("Something went wrong on our side. Try again in a minute.")


def languages(scope: Scope) -> list[str]:
    """Codes of our languages, the reader's first: what the address asks for, then the page that a file is sent from,
    then what the browser prefers."""
    headers = Headers(scope=scope)
    asking = bytes(scope.get("query_string") or b"").decode("latin-1"), headers.get("referer", "").partition("?")[2]
    asked = next((code for query in asking for code in parse_qs(query).get("lang", [])[:1] if code in LANGUAGES), "")
    first = asked or guess(headers.get("accept-language"))
    return [first, *(code for code in LANGUAGES if code != first)]


def say(message: str, scope: Scope, **values: object) -> str:
    """``message`` in the reader's language, filled in."""
    return catalogue(languages(scope)[0]).gettext(message).format(**values)


def sentence(message: str, status: int, scope: Scope, retry: float = 0, **values: object) -> Response:
    """An answer of one sentence; ``retry`` are seconds after which it may be asked for again."""
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(max(1, round(retry)))} if retry else {})
    return PlainTextResponse(say(message, scope, **values) + "\n", status, headers)


def full_page(scope: Scope, limit: int) -> Response:
    """The page of a server without a free place: says so in every language and asks again by itself, without script."""
    seconds = random.randint(*RETRY)
    paragraphs = ""
    for code in languages(scope):
        gettext = catalogue(code).gettext
        first, second = gettext(FULL).format(limit=limit), gettext(FULL_RETRY).format(seconds=seconds)
        paragraphs += f'<section lang="{code}"><h1>{html.escape(first)}</h1><p>{html.escape(second)}</p></section>\n'
    head = f'<meta http-equiv="refresh" content="{seconds}" />'
    return HTMLResponse(_page(scope, head, paragraphs), 503, {"Cache-Control": "no-store", "Retry-After": str(seconds)})


def nothing_here(scope: Scope, up: str) -> Response:
    """The page of an address that leads nowhere, with a way back: ``up`` is the relative address of the first page."""
    asked = f"?lang={languages(scope)[0]}" if b"lang=" in scope["query_string"] else ""
    way = f'<p><a href="{html.escape(up + asked)}">{html.escape(say(WAY_BACK, scope))}</a></p>'
    body = f"<h1>{html.escape(say(NOT_FOUND, scope))}</h1>{way}\n"
    return HTMLResponse(_page(scope, "", body), 404, {"Cache-Control": "no-store"})


_ICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><text y=".9em" font-size="90">🔬</text></svg>'
)
"""The same as the pages have: a browser that finds none asks the root of the host for one, which may not be ours."""


def _page(scope: Scope, head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{languages(scope)[0]}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
{head}
<link rel="icon" href="{_ICON}" />
<title>SegScope</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.6 sans-serif; max-width: 34rem; margin: 15vh auto 0; padding: 0 1.5rem; word-break: keep-all; }}
h1 {{ font-size: 1.25rem; margin: 2.5rem 0 0; }}
p {{ margin: 0.25rem 0 0; }}
</style>
</head>
<body><main>
{body}</main></body>
</html>
"""


async def _failed(request: Request, _error: Exception) -> Response:
    return sentence(FAILED, 500, request.scope)


EXCEPTION_HANDLERS = {500: _failed}
"""For :class:`streamlit.App`. The exception itself goes to the server's log, as Starlette raises it again."""
