"""Sentences about training come from the run's record, and say nothing without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import facts
from core.concepts.deeplab import atrous
from core.concepts.deeplab.screen import decoder, exactly
from core.maths import geometry
from core.models.measured import Run, Scores
from core.ui.kit import trained

RUN = Run(
    names=("pspnet", "fcn32s", "deeplabv3"),
    batches=4321,
    planned=5000,
    batch=8,
    sides=(193, 257),
    pictures={"voc": 1000, "pets": 234},
    teacher="deeplabv3-released",
    encoder="at rest",
    minutes=90.0,
)


def test_the_sentence_is_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained, "comparison", lambda: RUN)
    found = trained.sentence(["pspnet", "fcn32s"])
    for part in ("PSPNet, FCN-32s", "4,321 batches", "8 pieces", "1,234 photos", "as released", *facts.ENCODER_SAW):
        assert part in found
    assert trained.sentence(["pspnet", "unet"]) == "", "one of them did not learn in this run"
    monkeypatch.setattr(trained, "comparison", lambda: replace(RUN, encoder="fine-tuned"))
    assert "rests" not in trained.sentence(["pspnet"])
    monkeypatch.setattr(trained, "comparison", lambda: None)
    assert trained.sentence(["pspnet"]) == ""


def test_taps_of_the_pieces_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exactly, "comparison", lambda: RUN)
    found = exactly.pieces(12, 16)
    for side in RUN.sides:
        cells = geometry.cells(side, 16)
        assert f"{side} pixels a side, {cells} cells: {atrous.mean_taps(cells, cells, 12):.1f} taps" in found
    monkeypatch.setattr(exactly, "comparison", lambda: replace(RUN, names=("pspnet",)))
    assert exactly.pieces(12, 16) == ""


@pytest.mark.parametrize("names", [["deeplabv3", "deeplabv3plus"], ["pspnet", "fcn32s"]])
def test_the_pages_networks_are_in_one_run(names: list[str]) -> None:
    """The weights that are bundled come with the record of their run."""
    assert trained.sentence(names)


def test_what_the_decoder_gains_is_said_as_it_is() -> None:
    v3, plus = Scores(9, 0.697, 0.9, 0.614, {}), Scores(9, 0.685, 0.9, 0.632, {})
    assert "brings no mIoU on VOC (−1.2 points)" in decoder.against_paper(v3, plus)
    assert "changes by +1.8 points" in decoder.against_paper(v3, plus)
    assert "brings +1.2 points of mIoU on VOC, and −1.8 points" in decoder.against_paper(plus, v3)
    assert decoder.against_paper(None, plus) == ""
