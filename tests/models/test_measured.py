"""The reader of our own measurements."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.paths import ROOT

from core.models import measured
from core.models.measured import MeasuredError


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


RECORD = {
    "recipe": "together",
    "batches": 3000,
    "planned": 4000,
    "batch": 8,
    "sides": [193, 257],
    "pictures": {"voc": 800, "pets": 200},
    "teacher": "deeplabv3-released",
    "teacher_share": 0.6,
    "encoder": "at rest",
    "minutes": 90.5,
}


def _file(folder: Path, **entries: object) -> Path:
    file = folder / "results.json"
    file.write_text(json.dumps({name: {"training": entry} for name, entry in entries.items()}))
    return file


def test_networks_that_learned_together_have_one_record(tmp_path: Path) -> None:
    file = _file(tmp_path, pspnet=RECORD, fcn32s=RECORD, unet={"recipe": "alone"})
    found = measured.comparison(file)
    pictures = {"voc": 800, "pets": 200}
    assert found == measured.Run(
        ("pspnet", "fcn32s"), 3000, 4000, 8, (193, 257), pictures, "deeplabv3-released", "at rest", 90.5
    )
    assert measured.comparison(_file(tmp_path, unet={"recipe": "alone"})) is None
    assert measured.comparison(tmp_path / "absent.json") is None
    parts = measured.comparison(_file(tmp_path, pspnet=RECORD, unet=RECORD, fcn8s=RECORD | {"minutes": 9.5}))
    assert parts is not None
    assert parts.minutes == 100  # two processes
    for change in ({"batches": 2999}, {"seed": 1}, {"sides": [193]}, {"teacher": ""}, {"pictures": {"voc": 800}}):
        with pytest.raises(MeasuredError):
            measured.comparison(_file(tmp_path, pspnet=RECORD, fcn8s=RECORD | change))


@pytest.mark.parametrize("change", [{"batches": "many"}, {"pictures": [1]}, {"sides": None}, {"minutes": "x"}])
def test_a_damaged_record_is_one_sentence(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(MeasuredError, match=r"results\.json are damaged"):
        measured.comparison(_file(tmp_path, pspnet=RECORD | change))


def test_a_record_lacking_something_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(MeasuredError):
        measured.comparison(_file(tmp_path, pspnet={"recipe": "together", "pictures": {"voc": 1}}))


def test_the_record_is_what_the_training_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from core.training import run, sampling, together

    torch.save({"step": 1200, "spent": 600.0}, tmp_path / "last.pt")
    monkeypatch.setattr(sampling, "pictures", lambda _data, _cache, _name: [None] * 10)
    written = run.record(tmp_path, 4000, together.facts(["fcn32s"], tmp_path, tmp_path))
    found = measured.comparison(_file(tmp_path, fcn32s=written))
    assert found is not None
    assert (found.batches, found.planned, found.minutes) == (1200, 4000, 10)
    assert found.pictures == dict.fromkeys(sampling.SHARES, 10) | {"pets": 9}  # every twelfth is held out
    assert (found.batch, found.sides) == (together.BATCH, (together.SIDE, together.SECOND_SIDE))
    assert found.encoder == "at rest"


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
    code = "import sys, core.concepts.compare.scoreboard, core.pictures.reference, core.concepts.compare.work; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
