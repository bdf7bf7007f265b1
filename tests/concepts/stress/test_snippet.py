"""The code under the page of Stress runs as it stands and prints the agreement on screen."""

from __future__ import annotations

from core.concepts.stress import snippet
from core.engine import inference
from core.passes.stress import answers, kinds
from core.pictures import images
from tests.support.printed import output


def test_prints_the_agreement_on_screen(torch_loaded: None) -> None:
    picture = images.sample("kitten")
    path = next(str(sample.path) for sample in images.SAMPLES if sample.key == "kitten")
    strengths, at = {"blur": 40, "patch": 30, "noise": 0}, (0.42, 0.33)
    model, pixels = inference.load("unet"), kinds.working(picture.pixels)
    worse, where = kinds.together(pixels, answers.answer(model, pixels), strengths, at)
    value = answers.agreement(where, answers.answer(model, worse))
    assert output(snippet.disturbed(picture, path, "unet", strengths, at)) == f"agreement {value:.4f}\n"
