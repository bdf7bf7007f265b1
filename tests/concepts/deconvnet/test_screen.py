"""The page about DeconvNet with and without the network's weights, in both languages, without a browser."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.concepts.deconvnet.enlarging import COARSE
from core.concepts.deconvnet.hourglass import NETWORKS, SHARED, SLIM
from core.concepts.deconvnet.screen.hourglass import liveliest
from core.models import measured
from core.ui import budget
from core.ui.kit import from_scratch
from core.ui.language import LANGUAGES
from tests.support.bundles import random_weights
from tests.ui.test_pages import opened, words

pytestmark = pytest.mark.usefixtures("torch_loaded")


def forget() -> None:
    """Nothing of one test's weights may be shown to another."""
    st.cache_data.clear()
    st.cache_resource.clear()
    budget.clear()


def drawn(test: AppTest) -> set[str]:
    """Names of the page's components."""
    names = (str(getattr(getattr(element, "proto", None), "component_name", "")) for element in test.main)
    return {name.removeprefix("segscope-") for name in names if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("network", NETWORKS)
def test_with_weights_everything_is_there(language: str, network: str, tmp_path: Path) -> None:
    forget()
    (tmp_path / "more").mkdir()
    with random_weights(network, tmp_path), random_weights(COARSE, tmp_path / "more"):
        test = opened("deconvnet", lang=language, net=network)
        assert not test.exception
        assert not test.error
        assert not test.info
        assert {"hourglass", "unpool-player", "dot-meter", "loupe"} <= drawn(test)
        text = words(test)
        assert ("switches" if language == "en" else "스위치") in text
        assert "251,805,653" in text, "the published network's parameters"
        assert len(test.subheader) == 6, "one for each step"
        known = measured.measurements()
        assert (f"{known[SLIM].voc.miou:.0%}" in from_scratch_of(test)) is (network == SLIM)
        for name in (SHARED, COARSE):
            if network == SHARED and SHARED in known and COARSE in known:
                assert f"{known[name].voc.miou:.0%}" in text
    forget()


def from_scratch_of(test: AppTest) -> str:
    """What is said of a network that began with nothing, if anything."""
    found = [c.value for c in test.caption if "mIoU" in c.value and "FCN-32s" not in c.value]
    return found[0] if found else ""


def test_the_page_opens_on_the_shared_encoder(tmp_path: Path) -> None:
    forget()
    with random_weights(SHARED, tmp_path):
        test = opened("deconvnet")
        assert test.session_state[f"{test.session_state['url_page']}/net"] == SHARED
        assert "321 × 428" in words(test), "the whole photo, not a square of it"
        assert "net" not in test.query_params
    forget()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"pictures": {"voc": 800, "pets": 4200}}, "from 5,000 photos and nothing before"),
        ({}, "from a few thousand photos and nothing before"),
    ],
)
def test_what_a_network_from_scratch_can_know_is_measured(
    record: dict[str, object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scores(miou: float, cat: float) -> dict[str, object]:
        iou = {"background": 0.8, "cat": cat, "tvmonitor": 0.31, "bird": 0.19}
        return {"pictures": 9, "miou": miou, "accuracy": 0.9, "boundary": 0.5, "iou": iou}

    file = tmp_path / "results.json"
    known = {SLIM: {"voc": scores(0.123, 0.4), "training": record}, SHARED: {"voc": scores(0.677, 0.9)}}
    file.write_text(json.dumps(known))
    monkeypatch.setattr(from_scratch, "measured", SimpleNamespace(
        measurements=lambda: measured.measurements(file), pictures=lambda name: measured.pictures(name, file),
    ))  # fmt: skip
    sentence = from_scratch.sentence(SLIM, SHARED)
    assert said in sentence
    assert "a mIoU of 12% (68% on the shared encoder)" in sentence
    assert sentence.endswith("of 20 kinds of objects it knows 2, with an IoU of 20% or more: cat, TV monitor.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_weights_the_rest_is_there(language: str, tmp_path: Path) -> None:
    forget()
    with random_weights(COARSE, tmp_path):
        for network in NETWORKS:
            (tmp_path / f"{network}.safetensors").unlink(missing_ok=True)
        test = opened("deconvnet", lang=language)
        assert not test.exception
        assert not test.error
        assert len(test.info) == 1, "one sentence says what is missing"
        names = drawn(test)
        assert {"unpool-player", "dot-meter", "loupe"} <= names
        assert "hourglass" not in names
        assert len(test.subheader) == 4
    forget()


def test_the_guess_is_judged() -> None:
    test = opened("deconvnet", step="depth")
    box = test.radio(key="deconvnet_guess")
    assert box.value is None
    assert "Right: 112 × 112" in words(box.set_value("same").run())
    assert "It is 112 × 112 and not 224 × 224" in words(test.radio(key="deconvnet_guess").set_value("double").run())
    assert test.session_state["guesses"] == {"deconvnet/size": True}, "the first answer counts"


def test_a_closer_look_begins_where_cells_differ_most() -> None:
    values = np.zeros((60, 90), np.float32)
    values[20:30, 70:80] = np.random.default_rng(0).random((10, 10))
    x, y = liveliest(values)
    assert 70 <= x * 90 <= 80
    assert 20 <= y * 60 <= 30
