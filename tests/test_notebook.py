"""A view's figure as an object that a notebook shows: which one, with what, and one sentence where there is none."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.notebook import NotebookError, figure
from core.ui import takeaway

pytestmark = pytest.mark.usefixtures("torch_loaded")


def given(text: str) -> dict[str, Any]:
    """What the file shows."""
    found = re.search(r'id="given">(.*?)</script>', text)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_a_copied_link_will_do() -> None:
    found = figure("http://127.0.0.1:8501/transposed?step=ways&at=5&lang=ko#here")
    assert found.name == "transposed_player"
    assert '<html lang="ko"' in found.html
    shown = given(found.html)
    assert shown["title"] == found.title != ""
    assert shown["question"]
    assert shown["words"]["pieces"]
    assert shown["data"]["begin"]["at"] == 5


def test_one_of_several_by_its_name() -> None:
    several = "/deconvnet?step=all"
    names = {figure(several, name).title for name in ("loupe", "loupe.2")}
    assert len(names) == 2
    assert given(figure(several, "loupe").html)["data"] != given(figure(several, "loupe.2").html)["data"]


def test_maps_come_along_where_they_are_seen() -> None:
    depths, cut = figure("/unet?step=depths"), figure("/unet?step=cut")
    assert depths.name == cut.name == "u_map"
    stages = given(depths.html)["data"]["stages"]
    assert all("figure" in stage["images"] for stage in stages)
    kept = {len(stage["images"]) for stage in stages}
    assert min(kept) >= 2
    assert not any(stage.get("images") for stage in given(cut.html)["data"]["stages"])
    assert len(depths.html.encode()) <= takeaway.MOST_BYTES
    assert "BBBC038v1" in given(depths.html)["credit"], "the picture with which the page opens"


def test_a_notebook_shows_it_in_a_frame_that_reaches_nothing(tmp_path: Path) -> None:
    found = figure("/fcn?step=weights", height=400)
    shown = found._repr_html_()
    inside = re.search(r'srcdoc="([^"]*)"', shown)
    assert inside
    assert html.unescape(inside[1]) == found.html
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "height: 400px" in shown
    assert found.save(tmp_path / "fold.html").read_text(encoding="utf-8") == found.html


@pytest.mark.parametrize(
    ("address", "name", "sentence"),
    [
        ("/nothing", "", "There is no page nothing: choose one of home, "),
        ("/transposed?step=ways", "u_map", "This step has no figure u_map; it has: transposed_player."),
    ],
)
def test_what_is_not_there_gets_a_sentence(address: str, name: str, sentence: str) -> None:
    with pytest.raises(NotebookError) as error:
        figure(address, name)
    assert str(error.value).startswith(sentence)
