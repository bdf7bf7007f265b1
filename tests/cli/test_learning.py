"""``train`` and ``teach``: what they write, and what they refuse in one line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from core import cli
from core.passes.learning import strokes
from core.passes.learning.strokes import Stroke
from core.pictures import images
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("torch_loaded")
CAT = ROOT / "core" / "samples" / "cat.jpg"


def test_train_writes_curve_film_and_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert cli.main(["train", "shapes", "--skips", "off", "--loss", "dice", "--steps", "7", "--out", str(out)]) == 0
    assert "shapes: 7 steps" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO((out / "curve.csv").read_text())))
    assert [row["step"] for row in rows] == ["0", "5", "7"]
    assert 0 < float(rows[1]["loss"]) < 1
    assert {"iou_disc", "iou_square", "iou_ring", "iou_teaching"} < set(rows[0])
    with Image.open(out / "masks.gif") as film:
        assert (film.size, film.n_frames) == ((2 * 384, 2 * 128), 3)  # type: ignore[attr-defined]
    with Image.open(out / "curve.png") as curve:
        assert len(curve.convert("RGB").getcolors(10_000) or []) > 4
    assert load_file(out / "weights.safetensors")["head.weight"].shape == (4, 8, 1, 1)
    assert cli.main(["train", "shapes", "--steps", "7", "--out", str(out)]) == cli.MISTAKE, "nothing is overwritten"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cubes"], "choose one of shapes"),
        (["shapes", "--loss", "hinge"], "choose one of cross-entropy"),
        (["shapes", "--steps", "0"], "choose 1 to 2000"),
        (["shapes", "--depth", "9"], "choose one of 1, 2, 3, 4"),
        (["rare", "--rate", "1e30", "--steps", "20"], "not a number any more"),
    ],
)
def test_train_refuses_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", *arguments, "--out", str(tmp_path / "run")]) == cli.MISTAKE
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1


def test_teach_cuts_out_what_was_stroked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = images.sample("cat")
    height, width = picture.pixels.shape[:2]
    known = [Stroke(1, 8, ((150, 100), (250, 150))), Stroke(0, 8, ((430, 20), (430, 280)))]
    drawn = tmp_path / "strokes.png"
    drawn.write_bytes(images.encode_png(strokes.painted(known, (width, height))))
    out = tmp_path / "mask.png"
    assert cli.main(["teach", str(CAT), "--strokes", str(drawn), "--out", str(out)]) == 0
    assert "pixels under the strokes" in capsys.readouterr().out
    mask = np.asarray(Image.open(out))
    assert mask.shape == (height, width)
    assert (mask[120, 190], mask[150, 430]) == (1, 0)
    only = tmp_path / "only.png"
    only.write_bytes(images.encode_png(strokes.painted(known[:1], (width, height))))
    assert cli.main(["teach", str(CAT), "--strokes", str(only), "--out", str(tmp_path / "b.png")]) == cli.MISTAKE
    assert "one on the background" in capsys.readouterr().err
    high = tmp_path / "high.png"
    high.write_bytes(images.encode_png(np.full((height, width), 9, np.uint8)))
    assert cli.main(["teach", str(CAT), "--strokes", str(high), "--out", str(tmp_path / "b.png")]) == cli.MISTAKE
    assert "classes go from 0 to 5" in capsys.readouterr().err
    missing = ["--strokes", str(tmp_path / "no.png"), "--out", str(out), "--force"]
    assert cli.main(["teach", str(CAT), *missing]) == cli.MISTAKE
