"""General statements of README and pages, against what is computed, measured or bundled."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import claims
from core.concepts.deconvnet.screen import results as deconvnet
from core.concepts.unet.screen import live as unet
from core.engine import inference
from core.locale.korean import no_break
from core.models import measured
from core.models.registry import SPECS
from core.passes import precomputed
from core.passes.segmentation import segment
from core.pictures import images
from core.pictures.labels import VOC
from core.ui.story import available
from tests.support.paths import ROOT

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


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


def test_the_table_is_what_its_command_writes() -> None:
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == claims.as_markdown()


def test_every_computed_or_measured_claim_names_a_test_that_exists() -> None:
    for claim in claims.claims():
        assert claim.kind in claims.KINDS, claim
        assert claim.tests or (claim.kind in {"cited", "definition"} and claim.source), claim
        for test in claim.tests:
            file, *parts = test.split("::")
            source = (ROOT / file).read_text(encoding="utf-8")
            assert parts, "a whole file is no proof"
            assert all(f"def {part}(" in source or f"class {part}:" in source for part in parts), test


def test_every_page_has_claims_and_every_claim_a_page() -> None:
    names = {entry.name for entry in available()}
    assert {page for claim in claims.claims() for page in claim.pages} == names | {"README"}
    for claim in claims.claims():
        assert bool(claim.korean) is (claim.pages != ("README",)), claim


@pytest.mark.parametrize("code", ["en", "ko"])
def test_a_page_shows_its_claims_when_they_are_asked_for(code: str) -> None:
    def script(code: str) -> None:
        import streamlit as st

        from core.ui import origins

        st.session_state["language"] = code
        origins.draw("pspnet")

    page = AppTest.from_function(script, kwargs={"code": code}).run()
    assert not page.exception
    assert not page.markdown
    page.session_state[page.expander[0].proto.id.split("-", 2)[2]] = True
    (said, *_more) = page.run().markdown
    for claim in claims.of_page("pspnet"):
        assert (no_break(claim.korean) if code == "ko" else claim.text) in said.value
        assert all(test in said.value for test in claim.tests)
