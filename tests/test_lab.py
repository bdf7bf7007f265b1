"""The investigation in ``docs/lab.md``: its numbers are computed again."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.concepts.why import asking
from core.engine import inference
from core.models import measured
from core.passes.attribution import gradients
from core.passes.attribution import question as questions
from core.pictures import images, reference
from core.pictures.labels import VOC
from tests.support.paths import ROOT

TEXT = " ".join((ROOT / "docs" / "lab.md").read_text(encoding="utf-8").split())
DOG, HORSE = VOC.index("dog"), VOC.index("horse")

pytestmark = pytest.mark.usefixtures("torch_loaded")


def looked(name: str) -> tuple[questions.Subject, asking.Verdict, list[asking.Mistake], float, float]:
    picture = images.sample("horses")
    truth = reference.bundled(picture)
    assert truth is not None
    found = re.search(r"pin=(\d+)\.(\d+)", TEXT)
    assert found
    x, y = ((2 * int(v) + 1) / 2000 for v in found.groups())
    here = questions.look(inference.load(name), picture)
    mistakes = asking.mistakes(here.ids, asking.brought(truth.ids, here.size))
    return here, asking.verdict(here, x, y, truth.ids), mistakes, x, y


def test_the_complaint_is_as_it_is_told() -> None:
    here, verdict, mistakes, x, y = looked("unet")
    assert (verdict.label, verdict.truth, verdict.rank) == (DOG, HORSE, 5)
    assert f"says *dog* with {verdict.chance:.0%}".replace("%", " %") in TEXT
    first, second, *_ = mistakes
    assert (first.truth, first.said, second.truth, second.said) == (HORSE, DOG, HORSE, 0)
    assert f"the largest, {100 * first.share:.1f} % of the photo" in TEXT
    assert f"follows with {100 * second.share:.1f} %" in TEXT
    truth = reference.bundled(images.sample("horses"))
    assert truth is not None
    on_horses = here.ids[asking.brought(truth.ids, here.size) == HORSE]
    assert (
        f"{100 * np.mean(on_horses == DOG):.0f} % are called dog, {100 * np.mean(on_horses == 0):.0f} % background"
        in TEXT
    )
    assert not (on_horses == HORSE).any()
    asked = asking.ask(here, x, y, DOG)._replace(against=HORSE)
    (cam,) = gradients.seg_grad_cam(here, asked, ["bottom"]).depths
    full = cam.at_pixels(here.size)
    inside = asking.brought(truth.ids, here.size) == HORSE
    assert full[inside].mean() > 3 * full[~inside].mean(), "the map is warm on the horses"


def test_the_same_path_up_on_the_shared_encoder_sees_a_horse() -> None:
    _here, verdict, mistakes, _x, _y = looked("unet-mobilenetv2")
    assert verdict.label == verdict.truth == HORSE
    assert f"*horse* with {verdict.chance:.0%}".replace("%", " %") in TEXT
    assert (HORSE, DOG) not in {(m.truth, m.said) for m in mistakes}


def test_the_cause_is_measured() -> None:
    known = measured.measurements()
    own, other = known["unet"].voc, known["unet-mobilenetv2"].voc
    assert own is not None
    assert other is not None
    assert (
        f"IoU is {own.iou['dog']:.2f} for *dog*, {own.iou['cat']:.2f} for *cat* and **{own.iou['horse']:.2f} for"
        in TEXT
    )
    assert f"on it *horse* has {other.iou['horse']:.2f}" in TEXT
