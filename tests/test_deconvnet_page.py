"""The page about DeconvNet with and without the network's weights, in both languages, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import measured
from core.models import weights
from core.ui import budget
from core.ui.language import LANGUAGES
from tests.bundles import random_weights
from tests.test_pages import opened, words

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
def test_with_weights_everything_is_there(language: str, tmp_path: Path) -> None:
    forget()
    with random_weights("deconvnet", tmp_path):
        test = opened("deconvnet", lang=language)
        assert not test.exception
        assert not test.error
        assert not test.info
        assert {"hourglass", "unpool-player", "dot-meter", "loupe"} <= drawn(test)
        text = words(test)
        assert ("switches" if language == "en" else "스위치") in text
        assert "251,805,653" in text, "the published network's parameters"
        own, other = (measured.measurements()[name].pets for name in ("deconvnet", "fcn32s"))
        assert own
        assert other
        assert f"{own.miou:.0%}" in text
        assert f"{other.miou:.0%}" in text
        assert len(test.subheader) == 4
    forget()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_weights_the_rest_is_there(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in weights.FOLDER.iterdir():
        if file.stem != "deconvnet":
            (tmp_path / file.name).symlink_to(file)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    test = opened("deconvnet", lang=language)
    assert not test.exception
    assert not test.error
    assert len(test.info) == 1, "one sentence says what is missing"
    names = drawn(test)
    assert {"unpool-player", "dot-meter", "loupe"} <= names
    assert "hourglass" not in names
    assert len(test.subheader) == 3


def test_the_guess_is_judged() -> None:
    test = opened("deconvnet")
    box = test.radio(key="deconvnet_guess")
    assert box.value is None
    assert "Right: 112 × 112" in words(box.set_value("same").run())
    assert "It is 112 × 112" in words(test.radio(key="deconvnet_guess").set_value("double").run())
