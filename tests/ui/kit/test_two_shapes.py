"""The player of two shapes: its arithmetic is Python's, and it is sent when a reader opens what it stands in."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from inspect import signature
from itertools import product
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.locale import glossary
from core.maths import metrics, shapes
from core.ui import component
from core.ui.kit import two_shapes
from core.ui.story import STORY

GROWN = (-8, -1, 0, 2, 3, 8)
MIDDLES = (shapes.MIDDLE, (68, 56), (51, 48), (52, 50), (0, 0), (135, 95), (130, 20), (50, 95))
CASES = [
    (kind, middle, grow) for kind, middle, grow in product(shapes.HALVES, MIDDLES, GROWN) if grow >= shapes.least(kind)
]


def counted(kind: str, middle: tuple[int, int], grow: int) -> dict[str, Any]:
    """What Python says of one position."""
    truth, prediction = shapes.shape(kind).astype(np.uint8), shapes.shape(kind, middle, grow).astype(np.uint8)
    matrix, found = metrics.confusion(truth, prediction, 2), metrics.outlines(truth, prediction, two_shapes.DISTANCE)
    return {
        "both": int(matrix[1, 1]),
        "missed": int(matrix[1, 0]),
        "extra": int(matrix[0, 1]),
        "either": int((truth | prediction).sum()),
        "iou": float(metrics.iou(matrix)[1]),
        "precision": [found.predicted_near, found.predicted, found.precision],
        "recall": [found.true_near, found.true, found.recall],
        "f1": metrics.boundary_score(truth, prediction, two_shapes.DISTANCE),
    }


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_browser_counts_what_python_counts() -> None:
    source = base64.b64encode(component.sources()["shape_scores"].read_bytes()).decode()
    code = f"""
        import {{ readFileSync }} from "node:fs";
        const {{ areas, outlines, shape }} = await import("data:text/javascript;base64,{source}");
        const {{ halves, middle, size, distance, cases }} = JSON.parse(readFileSync(0));
        console.log(JSON.stringify(cases.map(([kind, at, grow]) => {{
          const truth = shape(kind, halves[kind], middle, 0, size);
          const prediction = shape(kind, halves[kind], at, grow, size);
          const {{ precision, recall, f1 }} = outlines(truth, prediction, size, distance);
          const [p, r] = [precision, recall].map(({{ hits, all, share }}) => [hits, all, share]);
          return {{ ...areas(truth, prediction), precision: p, recall: r, f1 }};
        }})));
    """
    data = {
        "halves": dict(shapes.HALVES),
        "middle": shapes.MIDDLE,
        "size": shapes.SIZE[::-1],
        "distance": two_shapes.DISTANCE,
        "cases": CASES,
    }
    run = subprocess.run(
        ["node", "--input-type=module", "-e", code], input=json.dumps(data), capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == [counted(*case) for case in CASES], "to the last bit"


def test_the_tolerance_is_the_one_of_every_page() -> None:
    assert signature(metrics.boundary_score).parameters["distance"].default == two_shapes.DISTANCE


def _words() -> None:
    import streamlit as st

    from core.ui import language, state, words

    state.begin()
    language.begin()
    words.begin(st.query_params["of"])
    words.draw()


def _expander() -> None:
    from core.concepts.compare.screen import reference
    from core.ui import language, state

    state.begin()
    language.begin()
    reference._play()


def sent(test: AppTest) -> list[dict[str, Any]]:
    """What players of two shapes are sent."""
    assert not test.exception
    nodes = [node for node in test.get("bidi_component") if node.proto.component_name == "segscope-two-shapes"]
    return [json.loads(node.proto.bytes) for node in nodes]


@pytest.mark.parametrize("page", [entry.name for entry in STORY])
@pytest.mark.parametrize("code", ["en", "ko"])
def test_a_pages_words_play_those_that_can_be_played_once_they_are_open(page: str, code: str) -> None:
    test = AppTest.from_function(_words)
    test.query_params["of"], test.query_params["lang"] = page, code
    assert sent(test.run()) == []
    test.session_state["words"] = True
    terms = glossary.of_page(page)
    modes = list(dict.fromkeys(term.plays for term in terms if term.plays))
    assert [data["modes"] for data in sent(test.run())] == ([modes] if modes else [])
    said = "\n\n".join(markdown.value for markdown in test.markdown)
    assert re.findall(r"^\*\*(.+?)\*\*", said, re.MULTILINE) == [
        term.korean if code == "ko" else term.english for term in terms
    ]


def test_the_terms_that_can_be_played() -> None:
    assert {term.english: term.plays for term in glossary.TERMS if term.plays} == {
        "mIoU": "iou",
        "IoU": "iou",
        "boundary score": "boundary",
    }


def test_compare_plays_both_when_it_is_unfolded_and_says_what_the_types_name() -> None:
    test = AppTest.from_function(_expander)
    assert sent(test.run()) == []
    test.session_state["compare-try-scores"] = True
    (data,) = sent(test.run())
    assert data["modes"] == ["iou", "boundary"]
    half = component.sources()["two_shapes"].read_text(encoding="utf-8")
    block = re.search(r"@typedef \{\{\n((?: \*.*\n)+?) \* \}\} Data", half)
    assert block
    assert set(re.findall(r"^ \*   (\w+):", block[1], re.MULTILINE)) == set(data)
    names = re.search(r"text: Record<([^,]+), string>", block[1])
    assert names
    assert set(re.findall(r'"(\w+)"', names[1])) == set(data["text"])
    assert set(data["halves"]) <= set(data["text"])
