"""The HTML document that the browser gets first: Streamlit's own, with SegScope's name and style in it.

Served at the address of every page, it also tells Streamlit where its server is: where the page itself is, whatever
path a host serves all this below. Left alone, Streamlit guesses from the address, asks ``/fcn/_stcore/health`` first,
and a cold deep link begins with two 404s in the console.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.errors import N_, SegScopeError
from core.ui import component, language, streamlit_internals
from core.ui.story import STORY

TITLE = "SegScope"
DESCRIPTION = "See inside the networks that cut a picture into objects: drag, step and hover, with every number real."
_UPLOAD = N_("Choose a file or drop it here")
_WHERE = 'window.__streamlit = { BACKEND_BASE_URL: new URL("./", window.location.href).href }'
_SLASH = """\
(({{ pathname, search, hash }}) => {{
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (last && !{names}.includes(last)) location.replace(pathname + "/" + search + hash);
}})(location);
"""
"""Every address is relative, and those of the first page need a slash at the end of where it stands. JupyterHub serves
it without one too, at ``/user/NAME/proxy/8501``, and the server cannot see the difference."""

_ALONE = """\
(() => {
  const figure = new URLSearchParams(location.search).get("figure");
  if (figure) document.documentElement.dataset.figure = figure;
})();
"""
"""``?figure=u_map`` shows that figure alone, for a frame in somebody else's page (``core/ui/kit/framed.js``)."""

_HISTORY = """\
(() => {
  let still = true; // nobody has touched anything since this page was opened
  let early = false; // since then the old page's address has got what belongs to the page that is coming
  const push = history.pushState;
  history.pushState = (state, unused, address) => {
    const stays = new URL(address ?? "", location.href).pathname === location.pathname;
    if (stays ? still : early) history.replaceState(state, unused, address);
    else push.call(history, state, unused, address);
    early = stays && !still;
    still ||= !stays;
  };
  addEventListener("popstate", () => (still = true));
  for (const event of ["pointerdown", "keydown", "click", "input", "change", "drop"])
    addEventListener(event, () => (still = early = false), true);
})();
"""
"""What the server adds to an address by itself, such as the picture that is carried along, is no step of the reader's:
it takes the place of the entry in the browser's history instead of standing behind it, where Back would get stuck."""

_AGAIN = """\
addEventListener("vite:preloadError", async () => {
  const key = "segscope:fetched-again", now = Date.now();
  if (now - Number(sessionStorage.getItem(key)) < 60000) return; // once is enough where something is really missing
  sessionStorage.setItem(key, now);
  for (let up = false; !up; ) {
    await new Promise((done) => setTimeout(done, 1000));
    up = await fetch("./_stcore/health", { cache: "no-store" }).then((answer) => answer.ok, () => false);
  }
  location.reload();
});
"""
"""Streamlit fetches the parts of a page when they are first needed. One that could not be fetched, because the server
was starting again or has other files since, leaves an error in its place for good: the page is read again then."""


def style() -> str:
    """The style of every page: its look, words where Streamlit has English ones, and the players' room."""
    words = (
        f":root:lang({code}) {{ --words-of-upload: {json.dumps(upload, ensure_ascii=False)}; }}\n"
        for code in language.LANGUAGES
        for upload in [language.catalogue(code).gettext(_UPLOAD)]
    )
    return "".join(words) + Path(__file__).with_suffix(".css").read_text(encoding="utf-8") + component.rooms()


class DocumentError(SegScopeError):
    """Streamlit's page has no place for what SegScope puts into it."""


def with_head(html: str) -> str:
    """``html`` with our title, description, server address and style in place of its title.

    Raises:
        DocumentError: there is neither a title nor a head.
    """
    head = f'<title>{TITLE}</title>\n    <meta name="description" content="{DESCRIPTION}" />\n'
    slash = _SLASH.format(names=json.dumps([entry.name for entry in STORY]))
    head += "".join(f"    <script>{script}</script>\n" for script in (slash, _WHERE, _ALONE, _HISTORY, _AGAIN))
    head += f"    <style>\n{style()}</style>"
    if title := re.search(r"<title>[^<]*</title>", html):
        return html[: title.start()] + head + html[title.end() :]
    if opening := re.search(r"<head(?:\s[^>]*)?>", html):
        return html[: opening.end()] + head + html[opening.end() :]
    raise DocumentError(N_("Streamlit's page has no head for SegScope's name and style: install requirements.txt."))


@cache
def document() -> str:
    """Streamlit's ``index.html`` with title, description, server address and a plain notice without JavaScript."""
    html = with_head(streamlit_internals.index_html())
    html = re.sub(r'\s*<!--(?:(?!-->).)*?-->\s*<link rel="service-desc"[^>]*>', "", html, count=1, flags=re.DOTALL)
    notice = "<noscript><p>SegScope needs JavaScript.</p></noscript>"
    return re.sub(r"<noscript>.*?</noscript>", notice, html, count=1, flags=re.DOTALL)


def inline_script_hashes(html: str) -> list[str]:
    """Content-policy hashes of the scripts written inside ``html``, so that no other inline script may run."""
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]


async def _serve(_request: Request) -> Response:
    return HTMLResponse(document(), headers={"Cache-Control": "no-cache"})


def routes(names: list[str]) -> list[Route]:
    """The document at ``/`` and at every page; the first page's own name leads to ``/``."""

    async def home(request: Request) -> Response:
        return RedirectResponse("./" + (f"?{request.url.query}" if request.url.query else ""), 307)

    first, *others = names
    return [
        Route("/", _serve, methods=["GET", "HEAD"]),
        Route(f"/{first}", home, methods=["GET", "HEAD"]),
        *(Route(f"/{name}", _serve, methods=["GET", "HEAD"]) for name in others),
    ]
