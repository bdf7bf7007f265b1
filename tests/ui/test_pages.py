"""Every page, in every language, without a browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.language import LANGUAGES
from core.ui.story import available
from tests.support.paths import ROOT

SHELL = ROOT / "core" / "ui" / "shell.py"
NAMES = [entry.name for entry in available()]


def opened(name: str, **parameters: str) -> AppTest:
    """The page ``name`` after its first run, all its steps on one page unless ``step`` says which. The way leads
    through the overview, which takes out of the address what it does not know: that is set behind it."""
    parameters.setdefault("step", "all")
    test = AppTest.from_file(str(SHELL), default_timeout=120)
    for key in parameters.keys() if name == NAMES[0] else parameters.keys() & {"lang", "img"}:
        test.query_params[key] = parameters[key]
    test.run()
    if name == NAMES[0]:
        return test
    for key, value in parameters.items():
        test.query_params[key] = value
    return test.switch_page(f"../../pages/{name}.py").run()


def unfolded(test: AppTest) -> AppTest:
    """With the code to copy in sight, which is not sent before."""
    for expander in test.expander:
        if expander.proto.id.endswith(("/snippet", "/network")):
            test.session_state[expander.proto.id.split("-", 2)[2]] = True
    return test.run()


def step_names(test: AppTest) -> list[str]:
    """The page's steps, as its strip has them; none where the page is not walked."""
    strips = [node for node in test.get("bidi_component") if node.proto.component_name == "segscope-steps"]
    return [name for strip in strips for name in json.loads(strip.proto.bytes)["names"]]


def words(test: AppTest) -> str:
    return "\n".join(str(e.value) for e in [*test.title, *test.subheader, *test.markdown, *test.caption])


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize("name", NAMES)
class TestPage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_runs(self, name: str, language: str) -> None:
        test = opened(name, lang=language)
        assert not test.exception
        assert not test.error
        assert len(test.title) == 1
        korean = any("가" <= letter <= "힣" for letter in words(test).replace(LANGUAGES["ko"], ""))
        assert korean is (language == "ko")

    def test_each_step_opens_by_its_address_and_shows_less_than_all(self, name: str) -> None:
        everything = opened(name)
        names = step_names(everything)
        assert len(set(names)) == len(names) <= 6
        for step in names:
            test = opened(name, step=step)
            assert not test.exception
            assert not test.error
            assert len(words(test)) < len(words(everything))

    def test_survives_odd_parameters(self, name: str) -> None:
        test = AppTest.from_file(str(SHELL), default_timeout=120).run()
        test.switch_page(f"../../pages/{name}.py")
        source = (SHELL.parents[2] / "pages" / f"{name}.py").read_text(encoding="utf-8")
        for parameter in {word for word in source.replace("'", '"').split('"')[1::2] if word.isidentifier()}:
            test.query_params[parameter] = '١\' OR "1"="1<script>\0' + "9" * 30
        test.run()
        assert not test.exception
        assert len(test.title) == 1
