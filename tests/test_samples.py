"""The bundled pictures: complete, free, small, and described in SAMPLES.md exactly as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core import images
from core.samples import FOLDER, SAMPLES, Sample

TABLE = Path(__file__).parent.parent / "SAMPLES.md"
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


def test_all_together_are_small() -> None:
    assert sum(sample.path.stat().st_size for sample in SAMPLES) <= 1_000_000


def test_a_sample_is_decoded_once() -> None:
    assert images.sample("cat") is images.sample("cat")


def test_unknown_sample_names_the_known_ones() -> None:
    with pytest.raises(images.ImageError, match=r"no sample picture named unicorn: choose one of kitten, cat, dog"):
        images.sample("unicorn")
