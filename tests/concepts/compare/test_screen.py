"""The page that compares all networks, without a browser: table, scores, links, in both languages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import facts
from core.concepts.compare import scoreboard, votes
from core.concepts.compare import work as comparing
from core.concepts.compare.screen import table
from core.concepts.compare.work import Comparing, Progress
from core.models import pretrained, segmenters
from core.models.registry import spec
from core.pictures import images, reference
from core.pictures.labels import VOC
from core.ui.chapters import CHAPTERS
from core.ui.language import LANGUAGES, catalogue
from tests.support.paths import ROOT
from tests.support.weights_server import instead_of_torchvision

SHELL = ROOT / "core" / "ui" / "shell.py"
PAGE = "../../pages/compare.py"
pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.fixture(scope="module", params=LANGUAGES)
def finished(request: pytest.FixtureRequest, torch_loaded: None) -> Iterator[AppTest]:
    """The page in one language, with every network's answer, and a pinned pixel in the URL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "ROUNDS", 1)  # one timed pass will do
        yield _finished(request)


def _job(test: AppTest) -> Comparing:
    """The comparison of the visitor on whose page ``test`` is."""
    work: Comparing = test.session_state["compare_work"][1]
    return work


def _finished(request: pytest.FixtureRequest) -> AppTest:
    test = AppTest.from_file(str(SHELL), default_timeout=300)
    test.query_params["lang"] = request.param
    test.query_params["img"] = "cat"
    test.run()
    test.query_params["pin"] = "250.750"
    test.query_params["step"] = "all"
    test.switch_page(PAGE).run()
    work, give_up = _job(test), time.monotonic() + 300
    while work.progress().running and time.monotonic() < give_up:
        time.sleep(0.1)
    test.run()
    assert not test.exception
    return test


def titles(test: AppTest, names: Iterable[str]) -> list[str]:
    """What networks are called in the language of the visitor on whose page ``test`` is."""
    code = "ko" if "ko" in test.query_params["lang"] else "en"
    return [catalogue(code).gettext(spec(name).title) for name in names]


def in_every_language(text: str) -> set[str]:
    return {catalogue(language).gettext(text) for language in LANGUAGES}


def test_table_and_areas_show_what_was_computed(finished: AppTest) -> None:
    progress = _job(finished).progress()
    assert progress.done == progress.total
    names = segmenters.networks()
    areas = finished.dataframe[1].value  # the sample's own reference scores first
    table = _table(finished)
    rows = scoreboard.rows(names, progress.costs, progress.seconds)
    assert list(table.iloc[:, 0]) == titles(finished, names)
    assert list(table.iloc[:, 3]) == [row.parameters for row in rows]
    assert list(table.iloc[:, 6]) == pytest.approx([row.milliseconds for row in rows])
    assert list(table.iloc[:, 13]) == pytest.approx([row.paper or np.nan for row in rows], nan_ok=True)
    masks = [progress.answers[name].ids for name in names]
    shares = votes.areas(masks)
    for column, row in enumerate(shares, start=1):
        assert sorted(areas.iloc[:, column]) == pytest.approx(sorted(100 * row[shares.max(0) > 0]))


def test_a_samples_own_reference_is_scored_at_once(finished: AppTest) -> None:
    """In both languages: no upload, a sentence that says whose it is, every class of the reference in a column."""
    cat = images.sample("cat")
    progress = _job(finished).progress()
    truth = reference.bundled(cat)
    assert truth is not None
    table = finished.dataframe[0].value
    assert list(table.iloc[:, 0]) == titles(finished, segmenters.networks())
    expected = [votes.score(truth.ids, progress.answers[name].ids) for name in segmenters.networks()]
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
    texts = {catalogue(language).gettext("Open the page “{name}” with this photo and pixel") for language in LANGUAGES}
    labels = {text.format(name=chapter.name) for text in texts for chapter in CHAPTERS}
    links = [node.proto for node in finished.get("page_link")]
    found = [parse_qs(link.query_string) for link in links if link.label in labels]
    assert found
    for query in found:
        assert query["img"] == ["cat"]
        x, y = map(int, query["pin"][0].split("."))
        assert (x, y) == (250, 750)


def test_a_reference_is_scored_and_survives_a_reset() -> None:
    test = AppTest.from_file(str(SHELL), default_timeout=300)
    test.query_params["img"] = "cat"
    test.run()
    picture = images.sample("cat")
    height, width = picture.pixels.shape[:2]
    shape = {"label": 8, "corners": [[0, 0], [width // 2, 0], [width // 2, height], [0, height]]}
    test.session_state["compare-reference"] = reference.draw([shape], picture)
    test.query_params["step"] = "reference"
    test.switch_page(PAGE).run()
    next(b for b in test.button if b.key == "reset").click().run()
    assert not test.exception
    assert test.session_state["compare-reference"].picture == picture.digest
    test.session_state[f"{test.session_state['url_page']}/step"] = "reference"  # reset leads back to the first step
    test.run()
    next(b for b in test.button if b.key == "compare-forget").click().run()  # back to the sample's own
    assert "compare-reference" not in test.session_state
    assert any("drawn by hand for SegScope" in node.value for node in test.markdown)


def test_a_chart_that_is_empty_yet_has_its_axes() -> None:
    assert table._places([], []) == []
    assert table._room([]) == (0.0, 1.18)
    low, high = table._room([2.0, 10.0])
    assert low <= 0.2 < 10 < high


def test_what_was_learned_from_scratch_is_said_beside_the_chart(finished: AppTest) -> None:
    said = [node.value for node in finished.markdown]
    names = titles(finished, ("unet", "deconvnet", "unet-mobilenetv2", "deconvnet-mobilenetv2"))
    (found,) = [text for text in said if all(part in text for part in (*names, "128", "224"))]
    assert found.startswith("**")


# ------------------------------------------------------------------------------------------------- networks to fetch

ADDED = "lraspp-mobilenetv3"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Two networks are enough."""
    monkeypatch.setattr(segmenters, "networks", lambda: ("unet", "deeplabv3-released"))
    return segmenters.networks()


def _page(language: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(SHELL), default_timeout=300)
    test.query_params["lang"] = language
    test.query_params["img"] = "cat"
    test.run()
    for name, value in ({"step": "all"} | query).items():
        test.query_params[name] = value
    return test.switch_page(PAGE).run()


def _table(test: AppTest) -> Any:
    """Costs and scores of all networks; before them stand other tables, once there are masks."""
    costs, gains = (found.value for found in test.dataframe[-2:])
    assert list(costs.iloc[:, 0]) == list(gains.iloc[:, 0])
    return pd.concat([costs, gains.iloc[:, 1:]], axis=1)


def _button(test: AppTest, key: str) -> AppTest:
    return next(b for b in test.button if b.key == key).click().run()


def _finish(test: AppTest, names: tuple[str, ...]) -> Progress:
    work = _job(test)
    assert work.names == names
    give_up = time.monotonic() + 300
    while (progress := work.progress()).running and time.monotonic() < give_up:
        time.sleep(0.1)
    return progress


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_network_of_torchvisions_is_fetched_and_compared(language: str, few: tuple[str, ...], tmp_path: Path) -> None:
    say = catalogue(language).gettext
    with instead_of_torchvision(ADDED, tmp_path) as source:
        test = _page(language)
        assert not [e for e in test.info if "LR-ASPP" in e.value]
        test = _page(language, **{"with": f"nonsense.{ADDED}", "b": ADDED})
        offered = say(
            "Torchvision’s weights of {title} are {size} MB and not on this machine yet. The other networks are"
            " compared anyway."
        ).format(title=say(spec(ADDED).title), size=12)
        assert [e.value for e in test.info] == [offered]
        assert list(_table(test).iloc[:, 0]) == titles(test, few)

        source.server.go_on.clear()
        test = _button(test, f"fetch-{ADDED}")
        job = pretrained.job(ADDED)
        assert job is not None
        while job.done == 0:
            time.sleep(0.01)
        test.run()
        assert [e.value for e in test.info] == [
            say("Fetching torchvision’s weights of {title}.").format(title=say(spec(ADDED).title))
        ]
        bars = [bar.proto.text for bar in test.get("progress")]
        told = say("{done:.0f} of {total:.0f} MB").replace("{done:.0f}", r"\d+").replace("{total:.0f}", "12")
        assert any(re.fullmatch(told.replace(" ", r"\s"), text) for text in bars)  # Korean breaks no line before MB
        test = _button(test, f"stop-{ADDED}")
        source.server.go_on.set()
        job.join(60)
        assert job.state == "stopped"
        assert [e.value for e in test.run().info] == [offered]

        body = source.server.files.pop(source.file.name)
        _button(test, f"fetch-{ADDED}")
        pretrained.job(ADDED).join(60)  # type: ignore[union-attr]
        (words,) = [e.value for e in test.run().warning]
        assert "404" in words
        assert words.endswith(say("The networks above need no download."))

        source.server.files[source.file.name] = body
        _button(test, f"fetch-{ADDED}")
        pretrained.job(ADDED).join(60)  # type: ignore[union-attr]
        test.run()
        assert not test.exception
        progress = _finish(test, (*few, ADDED))
        test.run()
        assert list(progress.answers) == [*few, ADDED]
        assert len(np.unique(progress.answers[ADDED].ids)) > 1
        assert not test.info
        told = test.session_state[f"{test.session_state['url_page']}/setting-told"]
        assert told[0].right == ADDED  # the browser hears again of what the address asked for
        table = _table(test)
        assert list(table.iloc[:, 0]) == titles(test, (*few, ADDED))
        assert table.iloc[2, 1] == say("torchvision’s")
        assert table.iloc[2, 3] == 3_221_538
        assert table.iloc[2, 13] == facts.RELEASED[ADDED].value
        stands_apart = say(
            "**Torchvision’s weights, trained on COCO:** {names}. Another encoder, far more pictures and a shorter side"
            " of {side} pixels: what they do better says what those are worth, and little about the idea."
        ).format(names=say(spec(ADDED).title), side=520)
        assert stands_apart in [e.value for e in test.markdown]
        assert parse_qs(urlencode(test.query_params, doseq=True))["with"] == [f"nonsense.{ADDED}"]


def test_the_choice_is_in_the_address_and_a_reset_ends_it(few: tuple[str, ...], tmp_path: Path) -> None:
    with instead_of_torchvision(ADDED, tmp_path):
        pretrained.start(ADDED).join(60)
        test = _page("en")
        _button(test, f"add-{ADDED}")
        assert test.query_params["with"] in (ADDED, [ADDED])
        assert len(_table(test)) == 3
        _button(test, "add-fcn-resnet50")
        assert test.query_params["with"] in (f"fcn-resnet50.{ADDED}", [f"fcn-resnet50.{ADDED}"])
        assert any("135 MB" in e.value for e in test.info)
        _button(test, "add-fcn-resnet50")
        assert test.query_params["with"] in (ADDED, [ADDED])
        assert not test.info
        _button(test, "reset")
        assert "with" not in test.query_params
        test.session_state[f"{test.session_state['url_page']}/step"] = "all"  # a reset leads back to the first step
        test.run()
        assert len(_table(test)) == 2
        assert not test.exception
