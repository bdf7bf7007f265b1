"""The reader of our own measurements."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import measured
from core.measured import MeasuredError


def test_every_figure_is_the_files() -> None:
    known = json.loads(measured.FILE.read_text(encoding="utf-8"))
    found = measured.measurements()
    assert set(found) == {name for name, entry in known.items() if "voc" in entry or "pets" in entry}
    for name, entry in found.items():
        for data, scores in (("voc", entry.voc), ("pets", entry.pets)):
            if data not in known[name]:
                assert scores is None
                continue
            assert scores is not None
            theirs = known[name][data]
            assert (scores.pictures, scores.miou, scores.accuracy, scores.boundary) == tuple(
                theirs[key] for key in ("pictures", "miou", "accuracy", "boundary")
            )
            assert dict(scores.iou) == {k: v for k, v in theirs["iou"].items() if v is not None}


def test_nothing_measured_is_no_error(tmp_path: Path) -> None:
    assert measured.measurements(tmp_path / "absent.json") == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": {"voc": 3}}', '{"a": {"voc": {"miou": 1}}}', '{"a": {"pets": {"miou": "x"}}}', "[1]"]
)
def test_a_damaged_file_is_one_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    if text == "[]":
        text = "[1]"
        file.write_text(text)
    with pytest.raises(MeasuredError, match=r"results\.json are damaged"):
        measured.measurements(file)


def test_pictures_are_those_of_all_lists_of_the_record(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert measured.pictures("a", file) is None
    made = {"a": {"training": {"pictures": {"voc": 812, "pets": 3115}}}, "b": {"training": {"batches": 3}}, "c": {}}
    file.write_text(json.dumps(made))
    assert [measured.pictures(name, file) for name in ("a", "b", "c", "d")] == [3927, None, None, None]
    file.write_text('{"a": {"training": {"pictures": 3}}}')
    with pytest.raises(MeasuredError, match=r"results\.json are damaged"):
        measured.pictures("a", file)


def test_reading_needs_no_pytorch() -> None:
    code = "import sys, core.scoreboard, core.reference, core.comparing; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
