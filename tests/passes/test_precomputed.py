"""Stored answers are those of a fresh computation, and can be read without PyTorch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.passes import precomputed
from core.passes.heatmaps import View
from core.pictures import images


@pytest.mark.parametrize("question", precomputed.QUESTIONS, ids=lambda q: q.file.stem)
def test_stored_answer_is_the_computed_one(question: precomputed.Question) -> None:
    stored = precomputed.find(question.model, images.sample(question.sample), question.view)
    assert stored is not None
    fresh = precomputed.compute(question)
    assert stored.input_size == fresh.input_size
    assert stored.probabilities.dtype == fresh.probabilities.dtype
    assert np.abs(stored.probabilities.astype(float) - fresh.probabilities.astype(float)).max() < 2e-3


def test_other_questions_have_no_stored_answer() -> None:
    assert precomputed.find("efficientnet-lite0", images.sample("dog"), precomputed.FIRST_VIEW) is None
    assert precomputed.find("alexnet", images.sample("kitten"), precomputed.FIRST_VIEW) is None
    assert precomputed.find("efficientnet-lite0", images.sample("kitten"), View("whole", 480)) is None


def test_nothing_is_stored_that_nobody_asks_for() -> None:
    assert {q.file for q in precomputed.QUESTIONS} == set(precomputed.FOLDER.glob("*.npz"))


def test_reading_needs_no_torch() -> None:
    code = (
        "import sys\nfrom core.passes import precomputed\nfrom core.pictures import images\n"
        "q = precomputed.QUESTIONS[-1]\n"
        "assert precomputed.find(q.model, images.sample(q.sample), q.view).rows == 8\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
