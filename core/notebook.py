"""A figure of SegScope in a notebook: ``from core.notebook import figure``, then ``figure("/unet?step=depths")``.

The address is that of a view, as *Copy link* gives it, without the host: its page runs here, without a server and
without a browser, and what it sends to its player goes into the one HTML file that *Take this figure* makes too
(:mod:`core.ui.takeaway`). The notebook shows that file in a frame; it needs no network, and saved as HTML or sent to
somebody it plays on.
"""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from core.errors import N_, SegScopeError
from core.pictures.images import encode_png
from core.pictures.samples import SAMPLES
from core.ui import component, language, takeaway
from core.ui.kit import feature_sheets
from core.ui.story import available, opening

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

SHELL = Path(takeaway.__file__).with_name("shell.py")
PATIENCE = 120.0
"""Seconds that a page may take."""
_LISTENS = """\
<script>
window.segscopeHeights ??= addEventListener("message", ({ source, data }) => {
  if (data?.segscope !== "height") return;
  for (const frame of document.querySelectorAll("iframe.segscope"))
    if (frame.contentWindow === source) frame.style.height = `${data.height}px`;
}) ?? true;
</script>"""
"""What the frame says of its height is taken; where a notebook runs no scripts, the frame scrolls."""


class NotebookError(SegScopeError):
    """An address without a page, or a page without that figure; the sentence says so."""


@dataclass(frozen=True)
class Figure:
    """A figure as one file.

    Attributes:
        html: the file.
        name: of its component, as *Take this figure* puts it into the file's name.
        title: of the step that it stands in.
        height: of the frame in CSS pixels, until it says its own.
    """

    html: str
    name: str
    title: str
    height: int

    def _repr_html_(self) -> str:
        """The file in a frame of its own, from which it reaches nothing around it."""
        return (
            f'<iframe class="segscope" srcdoc="{html.escape(self.html)}" title="{html.escape(self.title)}"'
            f' sandbox="allow-scripts allow-downloads" style="width: 100%; height: {self.height}px; border: 0">'
            "</iframe>" + _LISTENS
        )

    def save(self, path: str | Path) -> Path:
        """Write the file, as UTF-8."""
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path


def figure(address: str, name: str = "", *, height: int = 720) -> Figure:
    """The figure of a view, with what it shows there.

    Args:
        address: of the view, such as ``/unet?step=depths&img=cat&lang=ko``; what stands before the page's name is
            ignored, so that a copied link will do.
        name: which figure, where the step has several: ``panes``, ``panes.2``. Empty is the first.
        height: of the frame in CSS pixels, until it says its own.

    Raises:
        NotebookError: there is no such page, or no such figure on it.
    """
    parts = urlsplit(address)
    page, asked = parts.path.rstrip("/").rpartition("/")[2] or available()[0].name, dict(parse_qsl(parts.query))
    pages = [entry.name for entry in available()]
    if page not in pages:
        raise NotebookError(N_("There is no page {name}: choose one of {names}."), name=page, names=", ".join(pages))
    view = _settled(page, asked)
    found = list(_figures(view))
    names = [each["called"] for each in found]
    if not found or (name and name not in names):
        raise NotebookError(N_("This step has no figure {name}; it has: {names}."), name=name, names=", ".join(names))
    chosen = found[names.index(name) if name else 0]
    code = asked["lang"] if asked.get("lang") in language.LANGUAGES else "en"
    text = takeaway.filled(chosen["name"], code, _given(chosen, asked.get("img") or opening(page)))
    return Figure(text, chosen["called"], chosen["title"], height)


def _opened(page: str, asked: dict[str, str]) -> AppTest:
    """The page as somebody finds it who follows a link. The way leads through the first page, which takes out of the
    address what it does not know: that is set behind it."""
    from streamlit.testing.v1 import AppTest

    first = available()[0].name
    test = AppTest.from_file(str(SHELL), default_timeout=PATIENCE)
    for key in asked if page == first else asked.keys() & {"lang", "img"}:
        test.query_params[key] = asked[key]
    test.run()
    if page != first:
        test.query_params.update(asked)
        test.switch_page(str(SHELL.parents[2] / "pages" / f"{page}.py")).run()
    return test


def _settled(page: str, asked: dict[str, str]) -> AppTest:
    """The page when what it computes in the background has ended."""
    from streamlit.logger import set_log_level

    from core.engine import inference, worker

    set_log_level("error")  # it warns of every page that no browser has asked for
    inference.warm_up()
    inference.wait_until_ready(PATIENCE)
    test = _opened(page, asked)
    give_up = time.monotonic() + PATIENCE
    while worker.busy() and time.monotonic() < give_up:
        time.sleep(1)
        test.run()  # which also says that somebody still waits
    return test


def _nodes(block: Any, step: str = "") -> Iterator[tuple[str, Any]]:
    """Everything on the page in its order, each with the container of the step that it stands in."""
    for node in getattr(block, "children", {}).values():
        inside = str(getattr(node.proto, "id", "") or "").partition("-step-of-")[2] if hasattr(node, "proto") else ""
        yield inside or step, node
        yield from _nodes(node, inside or step)


def _figures(view: AppTest) -> Iterator[dict[str, Any]]:
    """The page's figures with what is written around each, as ``kit/take.js`` finds them in a browser."""
    page, question, strip = view.title[0].value, "", {}
    found: list[dict[str, Any]] = []
    counted: dict[str, int] = {}
    heading, section, asking = "", "", False
    for step, node in _nodes(view.main):
        sort = str(getattr(node, "type", ""))
        asking = asking or "-page-question" in str(getattr(getattr(node, "proto", None), "id", ""))
        if step != section:
            heading, section = "", step
        if sort == "markdown" and asking and not question:
            question = node.value.replace("**", "")
        elif sort in ("subheader", "header"):
            heading = node.value
        elif sort == "caption" and found and found[-1]["section"] == step:
            found[-1]["notes"].append(node.value.replace("**", ""))
        elif sort == "bidi_component":
            name = node.proto.component_name.removeprefix("segscope-").replace("-", "_")
            data = json.loads(node.proto.bytes or b"{}")
            if name == "steps":
                strip = dict(zip(data["names"], data["titles"], strict=True))
            elif name == "pointing" and found and found[-1]["section"] == step:
                found[-1]["words"] = found[-1]["words"] or data
            elif name in component.figures():
                counted[name] = counted.get(name, 0) + 1
                called = name if counted[name] == 1 else f"{name}.{counted[name]}"
                entry = {"name": name, "called": called, "section": step, "title": heading or strip.get(step, page)}
                found.append(entry | {"page": page, "question": question, "notes": [], "words": None, "data": data})
    yield from found


def _given(chosen: dict[str, Any], image: str) -> dict[str, Any]:
    """What ``kit/alone.js`` reads."""
    data = _with_maps(chosen["data"])
    sample = next((each for each in SAMPLES if each.key == image), SAMPLES[0])
    photo = takeaway.credit(sample) if "data:image/jpeg" in json.dumps(data) else ""
    return {
        **{name: chosen[name] for name in ("page", "question", "title", "notes", "words")},
        "credit": data.get("credit", photo),
        "address": "",
        "data": data,
        "settings": None,
    }


def _with_maps(data: dict[str, Any]) -> dict[str, Any]:
    """Maps that a browser would ask the server for come along, of each stage the strongest, as many of each as there is
    room for; a view that shows none of them needs none."""
    stages = [dict(stage, images={}) for stage in data.get("stages", []) if data.get("view") != "cut"]
    if not stages:
        return data
    room = takeaway.MOST_BYTES - 200_000 - len(json.dumps(data))

    def take(stage: dict[str, Any], kind: str) -> None:
        nonlocal room
        _maps, token, stage_name = stage["address"].strip("/").split("/")
        sheet = feature_sheets.sheet(token, stage_name, kind)
        image = "data:image/png;base64," + base64.b64encode(encode_png(sheet.pixels)).decode() if sheet else ""
        if image and len(image) <= room:
            stage["images"][kind] = image
        room -= min(room, len(image))

    for stage in stages:
        take(stage, "figure")
    for i in range(max(len(stage["figure"]["channels"]) for stage in stages)):
        for stage in stages:
            if i < len(stage["figure"]["channels"]) and room:
                take(stage, str(stage["figure"]["channels"][i]))
    return data | {"stages": stages}
