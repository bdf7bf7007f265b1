"""``stress``: a report and a table that say what the passes say, and one line for every mistake."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli import MISTAKE, SOME, main
from core.cli.stress import COLUMNS, photos
from core.engine import inference
from core.passes.stress import answers, kinds
from core.pictures import images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small photos, one with an awkward name, and something that is none."""
    inside = tmp_path / "photos"
    inside.mkdir()
    for name, key in (("a & <b>.png", "kitten"), ("=dog.png", "dog")):
        Image.fromarray(images.sample(key).pixels).resize((160, 128)).save(inside / name)
    (inside / "notes.txt").write_text("no photo")
    return inside


def test_the_report_and_the_table_say_what_the_passes_say(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    command = ["stress", str(folder), "--network", "unet", "--kinds", "contrast", "patch", "--out", str(out)]
    assert main(command) == 0
    assert "2 pictures, 2 disturbances" in capsys.readouterr().out
    with out.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2 * 2 * 7
    assert {row["photo"] for row in rows} == {"a & <b>.png", "'=dog.png"}
    model = inference.load("unet")
    pixels = kinds.working(np.asarray(Image.open(folder / "a & <b>.png")))
    clean = answers.answer(model, pixels)
    mine = [row for row in rows if row["photo"] == "a & <b>.png"]
    for row in mine:
        now = answers.answer(model, kinds.disturbed(pixels, row["disturbance"], int(row["strength"])))
        assert float(row["agreement"]) == pytest.approx(answers.agreement(clean, now), abs=6e-5)
    text = out.read_text(encoding="utf-8")
    assert "a &amp; &lt;b&gt;.png" in text
    assert "<b>.png" not in text
    assert text.count("<polyline") == 2 * 3
    assert not re.search(r'(?:src|href)="(?!data:)', text), "nothing is fetched"
    assert main(command) == MISTAKE, "nothing is overwritten without --force"


def test_a_bad_photo_costs_only_itself(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.jpg").write_bytes(b"no picture at all")
    out = tmp_path / "report.html"
    status = main(["stress", str(folder), "--network", "unet", "--kinds", "grey", "--out", str(out)])
    assert status == SOME
    assert "broken.jpg" in capsys.readouterr().err
    assert out.is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--network", "unet-nuclei", "--out", "r.html"], "choose one of fcn32s"),
        (["--kinds", "fog", "--out", "r.html"], "No disturbance is called fog"),
        (["--out", "r.pdf"], "must end in .html"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stress", str(folder), *arguments]) == MISTAKE
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_folders_are_read_by_name_and_an_empty_one_is_refused(folder: Path, tmp_path: Path) -> None:
    assert [path.name for path in photos([folder])] == ["=dog.png", "a & <b>.png"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["stress", str(empty), "--out", str(tmp_path / "r.html")]) == MISTAKE
