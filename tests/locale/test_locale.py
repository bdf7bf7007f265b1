"""No text of the source is without a translation, and no translation without a text."""

from __future__ import annotations

import ast
import re
import string

import pytest
from babel.messages.catalog import Catalog, Message

from core.locale import glossary, messages
from core.ui import story
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


def korean_texts() -> list[tuple[str, str]]:
    return [
        (key, text)
        for key, message in texts(messages.read("ko")).items()
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]


class TestGlossary:
    @pytest.mark.parametrize(("variant", "instead"), glossary.FORBIDDEN)
    def test_one_word_for_one_concept(self, variant: str, instead: str) -> None:
        found = [f"{key} -> {text}" for key, text in korean_texts() if re.search(variant, text)]
        found += [term.sense for term in glossary.TERMS if re.search(variant, term.sense)]
        assert found == [], f"say {instead}"

    def test_the_chapters_words_are_used(self) -> None:
        said = " ".join(text for _, text in korean_texts())
        words = "이미지 분할,업 샘플링,다운 샘플링,바운딩 박스,컨텍스트,트레이드오프,제로 패딩,완전연결층,객체,역합성곱"
        words += ",완전 합성곱 네트워크,슬라이딩 윈도우,수축 경로,확장 경로,순전파,최대 풀링,팽창률,정답 마스크"
        assert [word for word in words.split(",") if word not in said] == []

    def test_terms_are_whole(self) -> None:
        names = {entry.name for entry in story.STORY}
        for term in glossary.TERMS:
            assert (term.meaning[-1], term.sense[-3:]) == (".", "니다."), term
            assert set(term.pages) <= names, term
            assert not re.search("[가-힣]", term.english + term.meaning), term
        for words in ({term.english for term in glossary.TERMS}, {term.korean for term in glossary.TERMS}):
            assert len(words) == len(glossary.TERMS) > 32
        assert all(glossary.of_page(name) for name in names)


NAMES = {
    *("1, 2, 3 …", "DeconvNet", "DeepLab", "FCN", "IoU of {name}, %", "PSPNet", "U-Net", "U-Net: k2 s2", "fc7, {size}"),
    *("VOC mIoU, %", "mIoU", "mIoU, %", "torchvision’s", "x {x}, y {y}", "{data}: mIoU, %"),
    *("{ms} ms", "{size} × {channels}", "{step} of {of}", "{name}: {share} %", "{title}, {unit}"),
}


def test_a_korean_text_holds_korean() -> None:
    """What is the same in both languages is a name, a number or a formula, and stands on this list."""
    same = {key for key, text in korean_texts() if not re.search("[가-힣]", text)}
    assert same == NAMES, same ^ NAMES


_NETWORK = r"\*\*\{(network|keeps|best|finest|plus)[^}]*\}\*\*(?=\w)"


def test_no_star_of_bold_text_is_shown() -> None:
    """Bold ends behind a particle, not before: ``**DeepLabv3+**에`` is not bold to Markdown, because of the plus. And
    what points at a figure knows no bold."""
    for code in messages.codes():
        for text, message in texts(messages.read(code)).items():
            shown = [message.string] if isinstance(message.string, str) else message.string
            assert not [line for line in (text, *shown) if re.search(_NETWORK, line)]
            assert "(part:" not in text or not [line for line in (text, *shown) if "**" in line], text
