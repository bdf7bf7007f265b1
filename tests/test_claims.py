"""General statements of README and pages, against what is computed, measured or bundled."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.concepts.deconvnet.screen import results as deconvnet
from core.concepts.unet.screen import live as unet
from core.engine import inference
from core.models import measured
from core.models.registry import SPECS
from core.passes import precomputed
from core.passes.segmentation import segment
from core.pictures import images
from core.pictures.labels import VOC
from tests.support.paths import ROOT

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
CLAIMS = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")


def test_readmes_scores_are_the_measured_ones() -> None:
    known = measured.measurements()

    def ends(names: tuple[str, ...], data: str) -> str:
        found = [getattr(known[name], data).miou for name in names]
        return f"{min(found):.2f} to {max(found):.2f}"

    compared = ("fcn32s", "fcn16s", "fcn8s", "pspnet", "deeplabv3", "deeplabv3plus")
    assert f"mIoU of {ends(compared, 'voc')} on a subset of VOC 2012" in README
    assert f"{ends(compared, 'pets')} on cats and dogs" in README
    long = [known[name].voc for name in ("unet-mobilenetv2", "deconvnet-mobilenetv2")]
    for voc in long:
        assert voc is not None
        assert set(sorted(voc.iou, key=voc.iou.__getitem__)[:5]) >= {"boat", "bicycle", "chair"}, "their weakest"
        assert abs(float(re.search(r"learn more slowly: ([\d.]+)", README)[1]) - long[0].miou) <= 0.0051  # type: ignore[index,union-attr]
    run = measured.comparison()
    assert run is not None
    assert f"learned from {sum(run.pictures.values()):,} photos" in README


def test_every_page_but_the_overview_gives_its_code() -> None:
    for page in (ROOT / "pages").glob("*.py"):
        room = ROOT / "core" / "concepts" / page.stem / "screen"
        source = "".join(file.read_text(encoding="utf-8") for file in (page, *room.glob("*.py")))
        assert ("page.copy_as_pytorch(" in source) is (page.stem != "home"), page.stem


def test_only_the_first_view_is_computed_beforehand() -> None:
    assert {question.sample for question in precomputed.QUESTIONS} == {images.SAMPLES[0].key}


def test_compared_networks_learned_from_equally_many_batches() -> None:
    """What the page Compare says of them in one sentence, and `comparison` refuses where records differ."""
    run = measured.comparison()
    assert run is not None
    assert {"fcn32s", "fcn16s", "fcn8s", "pspnet", "deeplabv3", "deeplabv3plus"} <= set(run.names)
    assert run.encoder == "at rest"
    assert all(SPECS[name].encoder == "mobilenetv2" for name in run.names)


@pytest.mark.usefixtures("torch_loaded")
def test_default_networks_call_the_first_sample_a_cat() -> None:
    """The pages of U-Net and DeconvNet open a photo with these; a kitten that is a dog would teach nothing."""
    picture, cat = images.sample(images.SAMPLES[0].key), VOC.index("cat")
    for name in (deconvnet.networks()[0], unet._made_for(False, unet.networks())):
        counts = np.bincount(segment(inference.load(name), picture).ids.ravel(), minlength=len(VOC))
        assert int(counts[1:].argmax()) + 1 == cat, name


def rows() -> list[list[str]]:
    """The table of ``docs/claims.md``: claim, page, kind, test or source."""
    lines = [line for line in CLAIMS.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:] if "---" not in line]


def test_every_computed_or_measured_claim_names_a_test_that_exists() -> None:
    assert len(rows()) > 20
    for claim, _page, kind, proof in rows():
        assert kind in {"computed", "measured", "cited", "definition"}, claim
        named = re.findall(r"`(tests/[\w/]+\.py)(?:(?:::[A-Z]\w+)?::(\w+))?`", proof)
        assert named or kind in {"cited", "definition"}, claim
        for file, function in named:
            source = (ROOT / file).read_text(encoding="utf-8")
            assert not function or f"def {function}(" in source, (claim, proof)
