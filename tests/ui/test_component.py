"""The browser halves of components: what Streamlit is given, what is served, under which address."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

import core
from core.concepts.deconvnet.screen import hourglass
from core.concepts.transposed.screen import (
    overlap,
    round_trip,
    size_quiz,
    transposed_player,
)
from core.ui import component
from tests.support.paths import ROOT


def get(address: str) -> Response:
    """What the route answers to a request for ``address``."""
    path = address.removeprefix("/").removeprefix(component.PREFIX[1:])
    scope = {"type": "http", "method": "GET", "path": address, "headers": [], "path_params": {"path": path}}
    scope |= {"query_string": b"", "server": ("127.0.0.1", 80), "scheme": "http", "root_path": ""}
    return asyncio.run(component._serve(Request(scope)))


def half(module: object) -> component._Half:
    return component._halves[Path(str(module.__file__)).stem]  # type: ignore[attr-defined]


def test_no_two_files_have_one_name() -> None:
    """They are served by bare file name, from whatever folder."""
    files = list(Path(core.__file__).parent.rglob("*.js"))
    assert len({file.name for file in files}) == len(files) == len(component.sources())


def test_every_import_is_there_and_written_so_that_it_is_found() -> None:
    for file in component.sources().values():
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)  # types are imported in comments
        wanted = re.findall(r'\bfrom "([^"]+)";$', text, re.MULTILINE) + re.findall(
            r'^import "([^"]+)"', text, re.MULTILINE
        )
        assert all(re.fullmatch(r"\./[\w-]+\.js", name) for name in wanted), (file, wanted)
        assert len(wanted) == len(component._IMPORT.findall(text)) == text.count('"./'), file
        assert {name[2:-3] for name in wanted} <= set(component.sources())
        assert "import(" not in text


def test_an_entry_names_all_that_the_component_imports_and_brings_the_style_of_each() -> None:
    text = component.entry("transposed_player")
    places = [text.index(f'"./{name}.js"') for name in ("grid_board", "grid_links", "transposed_player")]
    assert places == sorted(places)
    assert text.count("export const mount") == 1
    assert "--strong-green" in text  # the style of a shared part
    assert component.imported("transposed_player")[-1] == "transposed_player"
    own = half(hourglass).script.with_suffix(".css").read_text().splitlines()[0][:40]
    text = component.entry("hourglass")
    assert text.index(".browse-head") < text.index(own), "its own style has the last word"


FORGETFUL = """
from core.ui import component
for name in ("picker", "language", "transposed_player", "unpool_player"):
    assert "component" in component.served(f"{component.tree()}/{name}.mount.js")
assert not component._halves
"""


def test_source_is_served_before_any_page_has_drawn_it() -> None:
    """A page that another replica has drawn asks this process, which has imported nothing yet."""
    subprocess.run([sys.executable, "-c", FORGETFUL], check=True, cwd=ROOT)


@pytest.mark.parametrize("module", [transposed_player, overlap, round_trip, size_quiz])
def test_source_is_served_under_its_own_address(module: object) -> None:
    answer = get(half(module).address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    text = bytes(answer.body).decode()
    assert text == component.entry(half(module).script.stem)
    for name in re.findall(r'"\./([\w-]+\.js)"', text):  # as a browser resolves them against the entry's address
        other = get(f"{component.PREFIX}{component.tree()}/{name}")
        assert bytes(other.body).decode() == component.sources()[name.removesuffix(".js")].read_text()


@pytest.mark.parametrize(
    "path",
    ["overlap.js", "000000000000/overlap.js", "{tree}/nothing.js", "{tree}/overlap.css", "{tree}/overlap.x.js",
     "{tree}/../__init__.js", "{tree}/..%2f__init__.js", "{tree}/", "{tree}", "", "{tree}/ui/kit/overlap.js"],
)  # fmt: skip
def test_other_addresses_are_not_found(path: str) -> None:
    assert get(component.PREFIX + path.format(tree=component.tree())).status_code == 404


@pytest.mark.parametrize("suffix", [".js", ".css", ".html"])
def test_address_follows_the_content(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "deep" / "thing.js"
    script.parent.mkdir()
    script.write_text("export default function () {}")
    monkeypatch.setattr(component, "_CORE", tmp_path)

    def forget() -> None:
        for known in (component.sources, component._contents, component.tree):
            known.cache_clear()

    def now() -> str:
        forget()
        return component._Half(script, None).address

    try:
        before = now()
        assert now() == before
        script.with_suffix(suffix).write_text("p { color: red; }")
        assert now() != before
    finally:
        monkeypatch.undo()
        forget()


def test_room_is_a_straight_line_between_its_two_heights() -> None:
    style = component._Half(Path("thing.py"), (1200, 310)).style
    assert style.startswith(':is(.st-key-thing, [class*="st-key-thing-of-"]):not(:has([data-component]))')
    base, slope = re.search(r"calc\((-?\d+)px \+ (-?[\d.]+)vw\)", style).groups()  # type: ignore[union-attr]
    assert "clamp(310px, " in style
    assert ", 1200px)" in style
    for window, height in ((component.PHONE, 1200), (component.DESKTOP, 310)):
        assert int(base) + float(slope) * window / 100 == pytest.approx(height, abs=1)
    assert not component._Half(Path("thing.py"), None).style


def test_document_keeps_room_for_every_player() -> None:
    kept = set(re.findall(r"st-key-([a-z_]+),", component.rooms()))
    assert kept == {name for name, each in component._halves.items() if each.room}
    assert kept >= {"score_explorer", "transposed_player", "hourglass", "u_map", "race", "parts", "mask_grid"}


@pytest.mark.parametrize("name", sorted(component.sources()))
def test_every_player_fills_in_texts_the_same_way(name: str) -> None:
    """One function knows particles and line breaks."""
    text = component.sources()[name].read_text(encoding="utf-8")
    assert (r"replace(/\{(\w+)" in text) == (name == "text")
