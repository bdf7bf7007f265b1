"""No text of the source is without a translation, and no translation without a text."""

from __future__ import annotations

import ast
import string

import pytest
from babel.messages.catalog import Catalog, Message

from core.locale import messages
from core.ui.language import LANGUAGES

SOURCE = messages.extract()


def texts(catalogue: Catalog) -> dict[str, Message]:
    return {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}


def fields(text: str) -> set[str]:
    """The ``{names}`` in a text, without their formats."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_collector_sees_every_marked_text() -> None:
    """Babel overlooks a text inside an f-string, which would stay English for good."""
    found = set()
    for file in (*(messages.ROOT / "core").rglob("*.py"), *(messages.ROOT / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "N_", "gettext")
            ):
                found |= {
                    arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
    assert len(found) > 500
    assert found - texts(SOURCE).keys() == set(), "take them out of the f-string"


def test_every_language_has_a_catalogue() -> None:
    assert messages.codes() == sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("code", messages.codes())
class TestCatalogue:
    def test_is_up_to_date(self, code: str) -> None:
        catalogue = messages.read(code)
        assert texts(SOURCE).keys() == texts(catalogue).keys(), "run `make messages`"
        assert not catalogue.obsolete

    def test_is_complete(self, code: str) -> None:
        missing = [
            message.id
            for message in texts(messages.read(code)).values()
            if message.fuzzy or not message.string or not all(message.string)
        ]
        assert missing == []

    def test_keeps_fields_and_layout(self, code: str) -> None:
        """A lost ``{name}`` is a crash or a lie; a lost line break or ``$`` breaks Markdown and formulas."""
        for text, message in texts(messages.read(code)).items():
            translations = [message.string] if isinstance(message.string, str) else message.string
            for translation in filter(None, translations):
                braces = "python-brace-format" in message.flags
                assert not braces or fields(translation) == fields(text), text
                for mark in ("\n\n", "`", "$", "**"):
                    assert translation.count(mark) == text.count(mark), (mark, text)

    def test_compiled_file_is_the_same(self, code: str) -> None:
        file = messages.po_file(code)
        assert file.with_suffix(".mo").read_bytes() == messages.compiled(messages.read(code)), "run `make messages`"
