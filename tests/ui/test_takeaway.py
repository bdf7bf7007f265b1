"""A figure as one file: the very modules of the page, everything in it, nothing that ends it early, whose it is."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import tomllib

import pytest
from starlette.requests import Request
from starlette.responses import Response

from core.pictures.samples import SAMPLES
from core.ui import component, takeaway
from core.ui.language import LANGUAGES
from tests.support.paths import ROOT


def modules(text: str) -> dict[str, str]:
    """The modules of a file by the names under which they import each other."""
    found = re.search(r'<script type="importmap">(.*?)</script>', text)
    assert found
    head = "data:text/javascript;base64,"
    imports: dict[str, str] = json.loads(found[1])["imports"]
    assert all(address.startswith(head) for address in imports.values())
    return {name: base64.b64decode(address.removeprefix(head)).decode() for name, address in imports.items()}


@pytest.mark.parametrize("name", component.figures())
def test_it_holds_the_page_s_own_modules_and_all_that_they_import(name: str) -> None:
    text = takeaway.page(name, "en")
    found = modules(text)
    for file, code in found.items():
        wanted = re.findall(r'^(?:import|export) (?:[^"]* from )?"([^"]+)";$', code, re.MULTILINE)
        assert set(wanted) <= set(found), file
        again = re.sub(r'^((?:import|export) (?:[^"]* from )?")(?=[\w-]+\.js";$)', r"\1./", code, flags=re.MULTILINE)
        entry = file.removesuffix(".mount.js")
        assert again == (component.entry(entry) if entry != file else component.source(file)), file
    assert {f"{name}.mount.js", f"{name}.js", "pointing.mount.js", "alone.js"} <= set(found)
    assert set(re.findall(r'from "([^"]+)"', text)) <= set(found), "what the file itself begins with"
    assert len(text) < 200_000, "what is left for the data is counted with that"


def test_it_can_ask_for_nothing() -> None:
    text = takeaway.page("loupe", "en")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert not re.search(r"https?:|'self'|\*", policy[1])
    assert not re.search(r'\b(?:src|href)="(?!data:)', text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_speaks_the_reader_s_language(code: str) -> None:
    text = takeaway.page("loupe", code)
    assert f'<html lang="{code}"' in text
    assert not re.search(r"\{\w+\}", re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)), "a field is left"
    assert ("SegScope에서 열기" in text) is (code == "ko")


@pytest.mark.parametrize(("name", "code"), [("tools", "en"), ("nothing", "en"), ("loupe", "xx"), ("../loupe", "en")])
def test_what_is_no_figure_has_no_file(name: str, code: str) -> None:
    with pytest.raises(KeyError):
        takeaway.page(name, code)


def test_what_it_is_given_cannot_end_its_script() -> None:
    given = {"data": {"word": "</script><script>alert(1)</script>", "more": "<!--", "말": "뜻 {}</script>"}}
    text = takeaway.filled("loupe", "en", given)
    inside = re.search(r'<script type="application/json" id="given">(.*?)</script>', text)
    assert inside
    assert json.loads(inside[1]) == given
    assert text.count("<script") == takeaway.page("loupe", "en").count("<script")
    with pytest.raises(ValueError, match="JSON"):
        takeaway.filled("loupe", "en", {"data": float("nan")})


def test_others_modules_come_with_their_licence_and_only_where_they_are() -> None:
    notice = (component.sources()["gifenc"].with_suffix(".LICENSE")).read_text(encoding="utf-8").strip()
    for name in component.figures():
        text = takeaway.page(name, "en")
        comment = text[text.index("<!--") + 4 : text.index("-->")]
        assert (notice in comment) is ("gifenc.js" in modules(text)), name
        assert "Apache License 2.0" in comment


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_colours_are_the_page_s(theme: str) -> None:
    colours = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][theme]
    style = component.source("alone.css")
    blocks = re.findall(r":root[^{]*\{\s*color-scheme: (\w+);([^}]*)\}", style)
    assert [kind for kind, _ in blocks] == ["light", "dark", "dark"]
    for kind, block in blocks:
        said = dict(re.findall(r"--st-([\w-]+): (#\w+);", block))
        expected = {f"{n}-color": colours[f"{n}Color"].lower() for n in ("primary", "background", "text", "border")}
        expected["secondary-background-color"] = colours["secondaryBackgroundColor"].lower()
        assert kind != theme or said == expected


def test_every_sample_is_credited() -> None:
    for sample in SAMPLES:
        said = takeaway.credit(sample)
        assert sample.author in said
        assert sample.licence in said
        assert sample.source in said
    assert "brought by" in takeaway.credit(None)


def test_what_a_player_leaves_to_python_it_also_sends() -> None:
    asking = 0
    for name in component.figures():
        code = "".join(component.source(f"{each}.js") for each in component.imported(name))
        for events in re.findall(r"static asks = \[(.*?)\];", code):
            asking += 1
            for event in re.findall(r'"(\w+)"', events):
                assert re.search(rf'(?:send|trigger)\((?:[^;]*\? )?(?:"\w+" : )?"{event}"', code), (name, event)
    assert asking >= 8


def get(tree: str, name: str, code: str) -> Response:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    return asyncio.run(takeaway._serve(Request(scope | {"path_params": {"tree": tree, "name": name, "code": code}})))


def test_it_is_served_beside_the_modules() -> None:
    answer = get(component.tree(), "loupe", "ko")
    assert bytes(answer.body).decode() == takeaway.page("loupe", "ko")
    assert answer.headers["cache-control"] == "no-cache", "its words may change while the modules do not"
    for wrong in (("000000000000", "loupe", "ko"), (component.tree(), "tools", "ko"), (component.tree(), "loupe", "x")):
        assert get(*wrong).status_code == 404
    assert takeaway.ROUTE.path.startswith(component.PREFIX)
