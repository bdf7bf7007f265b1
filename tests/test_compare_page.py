"""The page that compares all networks, without a browser: table, scores, links, in both languages."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import comparison, images, reference, scoreboard
from core.labels import VOC
from core.models.registry import spec
from core.ui.language import LANGUAGES, catalogue
from core.ui.panels import compare_live
from core.ui.panels.compare_table import _place

SHELL = Path(__file__).parents[1] / "core" / "ui" / "shell.py"
PAGE = "../../pages/compare.py"
pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.fixture(scope="module", params=LANGUAGES)
def finished(request: pytest.FixtureRequest, torch_loaded: None) -> AppTest:
    """The page in one language, with every network's answer, and a pinned pixel in the URL."""
    test = AppTest.from_file(str(SHELL), default_timeout=300)
    test.query_params["lang"] = request.param
    test.query_params["img"] = "cat"
    test.run()
    test.query_params["pin"] = "250.750"
    work = compare_live.job(images.sample("cat"))
    work._rounds = 1  # one timed pass will do
    test.switch_page(PAGE).run()
    give_up = time.monotonic() + 300
    while work.progress().running and time.monotonic() < give_up:
        time.sleep(0.1)
    test.run()
    assert not test.exception
    return test


def in_every_language(text: str) -> set[str]:
    return {catalogue(language).gettext(text) for language in LANGUAGES}


def test_table_and_areas_show_what_was_computed(finished: AppTest) -> None:
    progress = compare_live.job(images.sample("cat")).progress()
    assert progress.done == progress.total
    names = comparison.networks()
    _scores, table, areas = (frame.value for frame in finished.dataframe)
    rows = scoreboard.rows(names, progress.costs, progress.seconds)
    assert list(table.iloc[:, 0]) == [spec(name).title for name in names]
    assert list(table.iloc[:, 3]) == [row.parameters for row in rows]
    assert list(table.iloc[:, 6]) == pytest.approx([row.milliseconds for row in rows])
    assert list(table.iloc[:, 13]) == pytest.approx([row.paper or np.nan for row in rows], nan_ok=True)
    masks = [progress.answers[name].ids for name in names]
    shares = comparison.areas(masks)
    for column, row in enumerate(shares, start=1):
        assert sorted(areas.iloc[:, column]) == pytest.approx(sorted(100 * row[shares.max(0) > 0]))


def test_a_samples_own_reference_is_scored_at_once(finished: AppTest) -> None:
    """In both languages: no upload, a sentence that says whose it is, every class of the reference in a column."""
    cat = images.sample("cat")
    progress = compare_live.job(cat).progress()
    truth = reference.bundled(cat)
    assert truth is not None
    table = finished.dataframe[0].value
    assert list(table.iloc[:, 0]) == [spec(name).title for name in comparison.networks()]
    expected = [comparison.score(truth.ids, progress.answers[name].ids) for name in comparison.networks()]
    assert list(table.iloc[:, 1]) == pytest.approx([100 * s.miou for s in expected])
    assert list(table.iloc[:, 2]) == pytest.approx([100 * s.boundary for s in expected])
    assert list(table.iloc[:, 3]) == pytest.approx([100 * s.accuracy for s in expected])
    for column, label in ((4, 0), (5, VOC.index("cat"))):
        found = [s.iou.get(label, np.nan) for s in expected]
        assert list(table.iloc[:, column]) == pytest.approx([100 * v for v in found], nan_ok=True)
    assert table.shape[1] == 6
    said = in_every_language(
        "The reference of this picture was drawn by hand for SegScope, before any network was asked. Bring or draw your"
        " own, and it takes its place."
    )
    assert said & {node.value for node in finished.markdown}
    assert not [b for b in finished.button if b.key == "compare-forget"]  # there is nothing of the visitor's
    payloads = [json.loads(node.proto.bytes) for node in finished.get("bidi_component") if node.proto.bytes]
    grid = next(payload for payload in payloads if "masks" in payload)
    assert grid["masks"][0]["kind"] == "reference"
    assert grid["masks"][0]["title"] in in_every_language("Reference, drawn by hand")
    assert [entry[0] for entry in grid["masks"][0]["labels"]] == [VOC.index("cat")]
    question = grid["questions"][0]
    assert question["text"] in in_every_language("Which network will agree best with the reference?")
    assert list(question["values"].values()) == pytest.approx([s.miou for s in expected], abs=1e-5)


def test_links_carry_photo_and_pixel(finished: AppTest) -> None:
    labels = {catalogue(language).gettext("Same photo, same pixel") for language in LANGUAGES}
    links = [node.proto for node in finished.get("page_link")]
    found = [parse_qs(link.query_string) for link in links if link.label in labels]
    assert found
    for query in found:
        assert query["img"] == ["cat"]
        x, y = map(int, query["pin"][0].split("."))
        picture = images.sample("cat")
        assert compare_live.pixel(picture, (x, y)) == compare_live.pixel(picture, (250, 750))


def test_a_reference_is_scored_and_survives_a_reset() -> None:
    test = AppTest.from_file(str(SHELL), default_timeout=300)
    test.query_params["img"] = "cat"
    test.run()
    picture = images.sample("cat")
    height, width = picture.pixels.shape[:2]
    shape = {"label": 8, "corners": [[0, 0], [width // 2, 0], [width // 2, height], [0, height]]}
    test.session_state["compare-reference"] = reference.draw([shape], picture)
    test.switch_page(PAGE).run()
    next(b for b in test.button if b.key == "reset").click().run()
    assert not test.exception
    assert test.session_state["compare-reference"].picture == picture.digest
    next(b for b in test.button if b.key == "compare-forget").click().run()  # back to the sample's own
    assert "compare-reference" not in test.session_state
    assert any("drawn by hand for SegScope" in node.value for node in test.markdown)


@given(st.integers(16, 1000), st.integers(16, 1000), st.data())
def test_pinned_pixels_survive_the_url(width: int, height: int, data: st.DataObject) -> None:
    picture = images.Picture(np.zeros((height, width, 3), np.uint8), "", "", (width, height))
    pixel = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    there = compare_live.thousandths(picture, pixel)
    assert all(0 <= v <= 999 for v in there)
    assert compare_live.pixel(picture, there) == pixel


def test_names_in_the_chart_keep_out_of_each_others_way() -> None:
    points = [(1.0, 10.0), (1.0, 10.5), (9.0, 30.0)]
    assert [_place(x, y, points) for x, y in points] == ["bottom center", "top center", "top center"]
    assert _place(1.0, 1.0, [(1.0, 1.0)]) == "top center"
