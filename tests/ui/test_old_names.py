"""Addresses and commands that hold a network's former name lead to the network of today."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.cli import main
from core.models import registry
from core.pictures.samples import SAMPLES
from tests.support.paths import ROOT

SHELL = ROOT / "core" / "ui" / "shell.py"


def opened(name: str, **parameters: str) -> AppTest:
    """The page ``name`` at an address with ``parameters``."""
    test = AppTest.from_file(str(SHELL), default_timeout=120)
    for key, value in parameters.items():
        test.query_params[key] = value
    test.run()
    return test.switch_page(f"../../pages/{name}.py").run()


def chosen(test: AppTest, name: str) -> object:
    """What the widget bound to parameter ``name`` holds."""
    (group,) = [group for group in test.button_group if group.key and group.key.endswith(f"/{name}")]
    return group.value


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize("page", ["home", "fcn", "sliding_window"])
@pytest.mark.parametrize(
    ("asked", "shown"),
    [("googlenet-slim", "googlenet"), ("googlenet", "googlenet"), ("googlenet-fat", "efficientnet-lite0")],
)
def test_network_of_an_address(page: str, asked: str, shown: str) -> None:
    where = {"home": "where", "fcn": "places", "sliding_window": "race"}
    test = opened(page, net=asked, side="224", crop="square", step=where[page])
    assert not test.exception
    assert chosen(test, "net") == shown


def test_an_old_name_is_itself_where_it_is_still_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def script() -> None:
        import streamlit as st

        from core.ui import state

        st.text(state.read_choice("a", ["first", "second", "third"], "first"))
        st.text(state.read_choice("a", ["first", "third"], "first"))
        st.text(state.read_choice("b", ["first", "third"], "first"))

    monkeypatch.setattr(registry, "ALIASES", {"second": "third", "fourth": "fifth"})
    test = AppTest.from_function(script)
    test.query_params["a"], test.query_params["b"] = "second", "fourth"
    test.run()
    assert [text.value for text in test.text] == ["second", "third", "first"]


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cat = next(str(sample.path) for sample in SAMPLES if sample.key == "cat")
    answers = []
    for name in ("googlenet", "googlenet-slim"):
        out = tmp_path / name / "heat.png"
        out.parent.mkdir()
        common = ["--label", "any cat", "--side", "224", "--out", str(out)]
        assert main(["heatmap", cat, "--model", name, *common]) == 0
        answers.append((capsys.readouterr().out.split("ms")[0].rsplit(" ", 2)[0], out.read_bytes()))
    assert answers[0] == answers[1]
    assert "1 x 5 cells" in answers[0][0]
