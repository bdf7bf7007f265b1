"""The bundled pictures: complete, free, small, and described in SAMPLES.md exactly as they are."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from tests.support.paths import ROOT

from core.maths.metrics import VOID
from core.pictures import images
from core.pictures.drawing import drawn, encoded, ids, outlines, rasterise
from core.pictures.labels import CELLS, VOC, voc_palette
from core.pictures.samples import FOLDER, SAMPLES, Sample

TABLE = ROOT / "SAMPLES.md"
FREE = {"CC0-1.0", "Public domain"}


def _rows() -> dict[str, list[str]]:
    """SAMPLES.md's table: file name -> cells."""
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| `([^`]+)` \|", line):
            rows[found[1]] = [cell.strip() for cell in line.split("|")[1:-1]]
    return rows


def test_kinds_that_a_visitor_is_offered() -> None:
    assert len(SAMPLES) >= 6
    assert {sample.kind for sample in SAMPLES} == {"cat", "dog", "people", "street", "cells", "scene", "nuclei"}
    assert len({sample.key for sample in SAMPLES}) == len(SAMPLES)
    assert SAMPLES[0].kind == "cat"  # what the first page shows


def test_table_covers_exactly_the_bundled_files() -> None:
    bundled = {path.name for path in FOLDER.iterdir() if path.suffix not in {".py", ""}}
    assert bundled == {sample.file for sample in SAMPLES} == set(_rows())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_table_says_what_the_code_says(sample: Sample) -> None:
    _, shows, author, licence, source, _, size, box = _rows()[sample.file]
    assert shows
    assert author.startswith(sample.author)
    assert licence == sample.licence
    assert licence in FREE
    package, _, file = sample.source.rpartition(", ")
    assert package.split(" (")[0] in source
    assert file in source
    width, height = images.sample(sample.key).original_size
    assert size == f"{width} x {height}"
    assert box == (", ".join(map(str, sample.box)) if sample.box else "")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_pictures_decode_and_need_no_reduction(sample: Sample) -> None:
    picture = images.sample(sample.key)
    assert picture.name == sample.key
    height, width = picture.pixels.shape[:2]
    assert (width, height) == picture.original_size
    assert 224 <= min(width, height) <= max(width, height) <= 800
    assert picture.pixels.std() > 5  # it shows something
    if sample.box:
        left, top, right, bottom = sample.box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def _mask(sample: Sample) -> np.ndarray:
    return np.array(Image.open(sample.mask))


MASKED = [sample for sample in SAMPLES if not sample.instances]


@pytest.mark.parametrize("sample", MASKED, ids=lambda sample: sample.key)
def test_reference_masks_are_palette_files_of_the_pictures_size(sample: Sample) -> None:
    with Image.open(sample.mask) as image:
        assert image.mode == "P"
        assert image.size == images.sample(sample.key).original_size
        palette = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
        used = np.unique(np.array(image))
        assert np.array_equal(palette[used], voc_palette()[used])


@pytest.mark.parametrize("sample", MASKED, ids=lambda sample: sample.key)
def test_a_reference_has_the_classes_of_its_sample_and_no_other(sample: Sample) -> None:
    names = CELLS if sample.labels == "cells" else VOC
    expected = {names.index(thing) for thing in sample.objects if thing in names}
    found, counts = np.unique(_mask(sample), return_counts=True)
    shares = dict(zip(found.tolist(), counts / counts.sum(), strict=True))
    assert set(shares) - {0, VOID} == expected
    assert expected
    assert all(shares[i] >= 0.002 for i in expected)  # what is smaller is void
    assert shares[VOID] <= 0.035  # thin


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.box], ids=lambda sample: sample.key)
def test_the_box_is_that_of_the_mask(sample: Sample) -> None:
    rows, columns = np.nonzero(_mask(sample) == VOC.index(sample.kind))
    box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert np.abs(np.array(box) - np.array(sample.box)).max() <= 2


@pytest.mark.parametrize("sample", drawn(), ids=lambda sample: sample.key)
def test_reference_masks_are_those_of_the_outlines(sample: Sample) -> None:
    assert np.array_equal(_mask(sample), rasterise(sample))
    assert np.array_equal(np.array(Image.open(io.BytesIO(encoded(sample)))), rasterise(sample))


def test_every_outline_belongs_to_a_sample() -> None:
    assert {path.stem for path in (FOLDER / "outlines").iterdir()} == {sample.key for sample in drawn()}
    assert {path.stem for path in (FOLDER / "masks").iterdir()} == {sample.key for sample in MASKED}
    assert outlines(SAMPLES[0]).name == "kitten.json"


def test_both_sides_of_an_outline_are_void_and_strokes_lie_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A square, a hole in it, a stroke: counted pixel by pixel."""
    shapes = [
        {"label": "cat", "corners": [[100, 100], [140, 100], [140, 140], [100, 140]]},
        {"label": "background", "corners": [[110, 110], [120, 110], [120, 120], [110, 120]]},
        {"label": "void", "line": [[0, 10.5], [50, 10.5]], "width": 3},
    ]
    monkeypatch.setattr("json.loads", lambda _text: shapes)
    found = rasterise(SAMPLES[0])
    column = found[96:145, 130].tolist()
    assert found[60:96, 130].max() == 0
    assert column.count(VOC.index("cat")) in (37, 38, 39)
    assert column.count(VOID) == 4  # two pixels at either end
    assert found[114, 115] == 0
    assert (found[105:125, 115] == VOID).sum() == 4
    assert (found[:20, 25] == VOID).sum() == 3
    assert found[9:12, 25].tolist() == [VOID] * 3


def test_a_label_that_does_not_exist_is_refused() -> None:
    assert ids("void", VOC) == VOID
    assert ids("cell", CELLS) == 1
    with pytest.raises(ValueError, match="not in tuple"):
        ids("cell", VOC)


def test_all_together_are_small() -> None:
    assert sum(sample.path.stat().st_size for sample in SAMPLES) <= 1_000_000
    assert sum(sample.mask.stat().st_size for sample in MASKED) <= 60_000
    assert sum((FOLDER / sample.instances).stat().st_size for sample in SAMPLES if sample.instances) <= 10_000


def test_a_sample_is_decoded_once() -> None:
    assert images.sample("cat") is images.sample("cat")


def test_unknown_sample_names_the_known_ones() -> None:
    with pytest.raises(images.ImageError, match=r"no sample picture named unicorn: choose one of kitten, cat, dog"):
        images.sample("unicorn")
