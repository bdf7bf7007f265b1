"""Every page, in every language, without a browser."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from typing import Any, ClassVar, Self

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from core.ui import language
from core.ui.language import LANGUAGES
from core.ui.story import available
from tests.support.paths import ROOT
from tests.ui.printed_numbers import CHOICE, ELEMENTS, EVERYWHERE, ORDINAL, PLAYERS, SOMETIMES

SHELL = ROOT / "core" / "ui" / "shell.py"
NAMES = [entry.name for entry in available()]
UNSEEN = {
    "id",
    "tag",
    "pageScriptHash",
    "url",
    "src",
    "icon",
    "page",
    "rawValues",
    "queryString",
    "deferredFileId",
    "columns",
    "formId",
}
"""Parts of an element that no reader sees."""


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


class Filled(str):
    """A text of the catalogue; what is filled into it is one, too."""

    said: ClassVar[set[str]] = set()

    def __new__(cls, text: str) -> Self:
        cls.said.add(text)
        return super().__new__(cls, text)

    def format(self, *args: object, **values: object) -> str:
        return Filled(str.format(self, *args, **values))


class English(NullTranslations):
    """The source's own texts, which write down what was shown of them."""

    def gettext(self, message: str) -> str:
        return Filled(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return Filled(msgid1 if n == 1 else msgid2)


@cache
def whole(name: str) -> tuple[AppTest, frozenset[str]]:
    """The page with all its steps, in English, and the texts of the catalogue that it took, filled in. Not changed."""
    Filled.said.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "catalogue", lambda _code: English())
        return opened(name), frozenset(Filled.said)


def _nodes(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        if hasattr(child, "proto"):
            yield child
        yield from _nodes(child)


def _shown(value: object, key: str = "") -> Iterator[str]:
    """The texts of an element that a reader sees."""
    if isinstance(value, str) and key not in UNSEEN:
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _shown(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _shown(part, key)


def unworded(test: AppTest, said: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Kind of element and text, where digits stand outside of the catalogue's texts."""
    longest_first = re.compile("|".join(re.escape(text) for text in sorted(said, key=len, reverse=True) if text))
    for node in _nodes(test.main):
        if node.type in ("code", "bidi_component", "plotly_chart", "imgs"):
            continue
        for text in _shown(MessageToDict(node.proto)):
            if re.search(r"\d", longest_first.sub(" ", text)):
                yield node.type, text


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
        everything, _said = whole(name)
        names = step_names(everything)
        assert len(set(names)) == len(names) <= 6
        for step in names:
            test = opened(name, step=step)
            assert not test.exception
            assert not test.error
            assert len(words(test)) < len(words(everything))

    def test_each_number_has_an_origin(self, name: str) -> None:
        """A value filled into a text, a word of it (which tests/locale looks at), or registered."""
        found = dict(unworded(*whole(name)))
        assert not {kind: text for kind, text in found.items() if kind not in ELEMENTS[name]}
        assert set(ELEMENTS[name]) <= found.keys() | SOMETIMES, "no longer needed: take it out of printed_numbers.py"

    def test_each_player_has_a_test_of_its_numbers(self, name: str) -> None:
        test, _said = whole(name)
        players = {node.proto.component_name.removeprefix("segscope-") for node in test.get("bidi_component")}
        assert players - set(EVERYWHERE) <= set(PLAYERS)

    def test_survives_odd_parameters(self, name: str) -> None:
        test = AppTest.from_file(str(SHELL), default_timeout=120).run()
        test.switch_page(f"../../pages/{name}.py")
        source = (SHELL.parents[2] / "pages" / f"{name}.py").read_text(encoding="utf-8")
        for parameter in {word for word in source.replace("'", '"').split('"')[1::2] if word.isidentifier()}:
            test.query_params[parameter] = '١\' OR "1"="1<script>\0' + "9" * 30
        test.run()
        assert not test.exception
        assert len(test.title) == 1


def test_every_origin_is_a_test() -> None:
    named = {*PLAYERS.values(), *(origin for page in ELEMENTS.values() for origin in page.values())} - {CHOICE, ORDINAL}
    assert set(ELEMENTS) == set(NAMES)
    for test in named:
        assert "def test_" in (ROOT / test).read_text(encoding="utf-8"), test


def test_no_number_is_filled_in_as_it_was_typed() -> None:
    """What a text is filled with is computed: ``_("... {share} ...").format(share=0.7)`` would be a claim of nobody."""
    typed = []
    for file in [*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        if file.name == "snippet.py":  # a program, whose output is compared
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                filled = [*node.args, *(keyword.value for keyword in node.keywords)]
                typed += [
                    f"{file.relative_to(ROOT)}:{node.lineno}"
                    for value in filled
                    if isinstance(value, ast.Constant) and isinstance(value.value, int | float)
                ]
    assert not typed
