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
    name = address.removeprefix(component.PREFIX).removesuffix(".js")
    scope = {"type": "http", "method": "GET", "path": address, "headers": [], "path_params": {"name": name}}
    scope |= {"query_string": b"", "server": ("127.0.0.1", 80), "scheme": "http", "root_path": ""}
    return asyncio.run(component._serve(Request(scope)))


def half(module: object) -> component._Half:
    return component._halves[Path(str(module.__file__)).stem]  # type: ignore[attr-defined]


def test_a_module_holds_all_its_parts_in_order() -> None:
    text = half(transposed_player).module
    places = [text.index(f"class {name}") for name in ("Board", "Links", "Transport", "PaintPicture", "Player")]
    assert places == sorted(places)
    assert "export default" not in text
    assert text.count("export function mount") == 1
    assert "--strong-green" in text  # the style of a shared part


FORGETFUL = """
from core.ui import component
from core.ui.component import _half, _halves, _modules
assert {"picker", "language", "transposed_player", "unpool_player"} <= set(_modules())
assert "unpool_player" not in _halves and _half("unpool_player").script.stem == "unpool_player"
assert _half("os") is _half("../language") is _half("") is None
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
    assert bytes(answer.body).decode() == half(module).module


@pytest.mark.parametrize("name", ["overlap", "overlap-000000000000", "nothing-000000000000", "..%2f__init__-0"])
def test_other_addresses_are_not_found(name: str) -> None:
    assert get(f"{component.PREFIX}{name}.js").status_code == 404


def test_address_follows_the_content(tmp_path: Path) -> None:
    script = tmp_path / "thing.py"
    script.with_suffix(".js").write_text("export default function () {}")
    before = component._Half(script, (), None).address
    assert component._Half(script, (), None).address == before
    script.with_suffix(".css").write_text("p { color: red; }")
    assert component._Half(script, (), None).address != before


def test_room_is_a_straight_line_between_its_two_heights() -> None:
    style = component._Half(Path("thing.py"), (), (1200, 310)).style
    assert style.startswith(':is(.st-key-thing, [class*="st-key-thing-of-"]):not(:has([data-component]))')
    base, slope = re.search(r"calc\((-?\d+)px \+ (-?[\d.]+)vw\)", style).groups()  # type: ignore[union-attr]
    assert "clamp(310px, " in style
    assert ", 1200px)" in style
    for window, height in ((component.PHONE, 1200), (component.DESKTOP, 310)):
        assert int(base) + float(slope) * window / 100 == pytest.approx(height, abs=1)
    assert not component._Half(Path("thing.py"), (), None).style


def test_document_keeps_room_for_every_player() -> None:
    kept = set(re.findall(r"st-key-([a-z_]+),", component.rooms()))
    assert kept == {name for name, each in component._halves.items() if each.room}
    assert kept >= {"score_explorer", "transposed_player", "hourglass", "u_map", "race", "parts", "mask_grid"}


@pytest.mark.parametrize("name", sorted(component._modules()))
def test_every_player_fills_in_texts_the_same_way(name: str) -> None:
    """One function knows particles and line breaks; a second one in the same module would be a syntax error."""
    half = component._half(name)
    if half is not None:
        assert half.module.count("function fill(") == 1
        assert half.module.count("const fill =") == 0
        assert half.module.count(r"replace(/\{(\w+)") == 1
