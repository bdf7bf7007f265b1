"""Answers to the questions that a first visit asks, computed beforehand, so that no first picture waits for PyTorch.

``stored`` beside this file holds what :func:`core.passes.heatmaps.scan` gave for a few samples and views. ``python -m
core.passes.precomputed`` computes them anew; a test compares them with a fresh computation.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.passes.heatmaps import NATIVE_VIEW, ScoreGrid, View
from core.pictures import images

FOLDER = Path(__file__).parent / "stored"


class Question(NamedTuple):
    """A network, a sample and a view of it."""

    model: str
    sample: str
    view: View

    @property
    def file(self) -> Path:
        """Where the answer lies."""
        return FOLDER / f"{self.model}-{self.sample}-{self.view.crop}-{self.view.side}.npz"


FIRST_VIEW = View("whole", 448)
"""What the page on heatmaps shows first."""

QUESTIONS = tuple(Question("efficientnet-lite0", images.SAMPLES[0].key, view) for view in (NATIVE_VIEW, FIRST_VIEW))


@cache
def _by_digest() -> dict[tuple[str, str, View], Question]:
    return {(q.model, images.sample(q.sample).digest, q.view): q for q in QUESTIONS}


@cache
def _read(question: Question) -> ScoreGrid:
    with np.load(question.file, allow_pickle=False) as stored:
        width, height = stored["input_size"].tolist()
        return ScoreGrid(stored["probabilities"], (width, height), float(stored["seconds"]))


def find(model: str, picture: images.Picture, view: View) -> ScoreGrid | None:
    """The stored answer for ``picture`` seen through ``view``, or ``None``."""
    question = _by_digest().get((model, picture.digest, view))
    return _read(question) if question else None


def compute(question: Question) -> ScoreGrid:
    """The answer, computed now."""
    from core.engine import inference
    from core.passes import heatmaps

    model, picture = inference.load(question.model), images.sample(question.sample)
    heatmaps.scan(model, picture, question.view)  # the first pass of a size pays for setting it up
    return heatmaps.scan(model, picture, question.view)


def main() -> None:
    """Compute and store every answer."""
    FOLDER.mkdir(exist_ok=True)
    for question in QUESTIONS:
        grid = compute(question)
        data = io.BytesIO()
        np.savez_compressed(
            data, probabilities=grid.probabilities, input_size=np.array(grid.input_size), seconds=grid.seconds
        )
        question.file.write_bytes(data.getvalue())
        print(f"{question.file.name}: {grid.rows} x {grid.columns} cells, {len(data.getvalue()) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
