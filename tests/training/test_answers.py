"""The released network's answers: where they lie, and that computing them resumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.models.registry import build
from core.training import answers, sampling
from core.training.data import PictureSet
from tests.support import training_data


@given(rows=st.integers(1, 7), columns=st.integers(1, 7), seed=st.integers(0, 10**6))
def test_the_whole_picture_is_interpolation_with_corners_aligned(rows: int, columns: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(2, 21, rows, columns)).astype(np.float16)
    found = answers.Answers(((rows, columns),) * 2, scores.ravel(), (0, scores[0].size))  # type: ignore[arg-type]
    np.testing.assert_array_equal(found[1], scores[1].astype(np.float32))
    sides = [16 * (cells - 1) + 1 for cells in (rows, columns)]
    places = [(np.arange(side) + 0.5) / side for side in sides]
    expected = F.interpolate(torch.from_numpy(scores[1:]).float(), sides, mode="bilinear", align_corners=True)[0]
    assert torch.allclose(found.at(1, *places), expected, atol=1e-4)
    beyond = found.at(1, np.array([-0.5, 1.5]), np.array([-0.5, 1.5]))
    assert torch.allclose(beyond, expected[:, [0, -1]][..., [0, -1]], atol=1e-4), "beyond the picture: the edge's"


@given(st.integers(40, 600), st.integers(40, 600))
def test_the_long_side_is_513_and_both_fit_the_stride(height: int, width: int) -> None:
    seen = answers.seen_size(height, width)
    assert max(seen) == answers.LONG_SIDE
    assert all((side - 1) % answers.STRIDE == 0 and side > answers.STRIDE for side in seen)


@pytest.fixture
def pictures(tmp_path: Path) -> PictureSet:
    return sampling.pictures(training_data.make(tmp_path / "data"), tmp_path / "cache", "voc")


def test_a_computation_that_was_stopped_goes_on(
    pictures: PictureSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def answer(network: object, pixels: np.ndarray) -> Tensor:
        asked.append(int(pixels.sum()))
        rows, columns = ((side - 1) // 16 + 1 for side in answers.seen_size(*pixels.shape[:2]))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return torch.full((21, rows, columns), float(pixels[0, 0, 0]))

    monkeypatch.setattr(answers, "answer", answer)
    network = build("deeplabv3")
    with pytest.raises(KeyboardInterrupt):
        answers.prepare(network, pictures, tmp_path / "out")
    part = tmp_path / "out" / "scores.part"
    part.write_bytes(part.read_bytes() + b"half of the third")
    found = answers.prepare(network, pictures, tmp_path / "out")
    sums = [int(pictures[i][0].sum()) for i in range(3)]
    assert asked == [*sums, sums[2]], "the first two are not asked again"
    for index in range(3):
        assert (found[index] == pictures[index][0][0, 0, 0]).all()
    again = answers.prepare(network, pictures, tmp_path / "out")
    assert len(asked) == 4, "what is there is read"
    np.testing.assert_array_equal(again.scores, found.scores)


def test_an_answer_is_the_decoders_own_map(pictures: PictureSet) -> None:
    torch.manual_seed(0)
    network = build("deeplabv3").eval()
    pixels = pictures[0][0]
    down, across = answers.seen_size(*pixels.shape[:2])
    scores = answers.answer(network, pixels)
    assert scores.shape == (21, (down - 1) // 16 + 1, (across - 1) // 16 + 1)
    assert scores.isfinite().all()
