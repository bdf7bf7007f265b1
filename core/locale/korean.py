"""Korean texts with their values filled in: the particle that a value takes, and where no line may break.

A particle depends on the sound before it, and the sound on the value: 64는, but 32는 and 16은. A translation therefore
writes the particle inside the field, after the field's format: ``{rate:은}``, ``{share:.0%를}``, ``{name:이라고}``, and
with what closes a quotation or bracket between the two, ``“{name:”을}``. ``core/ui/kit/text.js`` does the same for the
players; a test compares them.
"""

from __future__ import annotations

import gettext
import re
import string
from functools import lru_cache
from typing import Any

AFTER_CONSONANT = {"는": "은", "가": "이", "를": "을", "와": "과", "로": "으로", "야": "아"}
"""The particle after a vowel -> its form after a consonant. Forms of 이다 (이라고/라고, 이면/면 ...) follow a rule."""
_AFTER_VOWEL = {consonant: vowel for vowel, consonant in AFTER_CONSONANT.items()}

NONE, FINAL, RIEUL = "", "consonant", "ㄹ"
"""How a word ends: in a vowel, in a consonant, in ㄹ (after which 으로 is 로)."""

_DIGITS = (FINAL, RIEUL, NONE, FINAL, NONE, NONE, FINAL, RIEUL, RIEUL, NONE)  # 영 일 이 삼 사 오 육 칠 팔 구
_VERSIONS = (
    NONE,
    FINAL,
    NONE,
    NONE,
    NONE,
    NONE,
    NONE,
    FINAL,
    NONE,
    FINAL,
)  # 제로 원 투 쓰리 포 파이브 식스 세븐 에이트 나인
_LETTERS = {"l": RIEUL, "r": RIEUL, "m": FINAL, "n": FINAL}  # 엘 알 엠 엔; the names of the others end in vowels
_SIGNS = {"%": NONE, "+": NONE, "°": NONE}  # 퍼센트, 플러스, 도
_UNITS = {"px": RIEUL}  # 픽셀
_BRACKETS = {")": "(", "]": "[", "」": "「", "』": "『"}
_CLOSING = "”’\"'」』)]"
_FIELD = re.compile(rf"(?P<format>.*?)(?P<closing>[{re.escape(_CLOSING)}]*)(?P<particle>[가-힣]+)", re.DOTALL)
_JOINER, _SPACE = "\u2060", "\u00a0"


def _before_brackets(text: str) -> str:
    """``text`` up to what is read last: 말(동물) is read by 말, a value that is one bracket by its inside."""
    while text and not (text[-1].isalnum() or text[-1] in _SIGNS):
        opening = _BRACKETS.get(text[-1])
        start = text.rfind(opening) if opening else -1
        text = text[:start] if start > 0 and text[:start].strip() else text[:-1]
    return text


def _word(word: str) -> str:
    """How a word in Latin letters ends when it is read in Korean: letter by letter, or as the loan word."""
    if word in _UNITS:
        return _UNITS[word]
    low = word.lower()
    if len(word) == 1 or word[-1].isupper():
        return _LETTERS.get(low[-1], NONE)
    if low.endswith(("le", "l")):
        return RIEUL
    if low.endswith(("ne", "me", "n", "m", "ng")):
        return FINAL
    short = re.search(r"(?:^|[^aeiou])[aeiou][bckpt]$", low)  # 넷, 랩, 웹; but 네트워크, 히트
    return FINAL if short else NONE


def ending(text: str) -> str:
    """How ``text`` ends when it is read aloud in Korean: :data:`NONE`, :data:`FINAL` or :data:`RIEUL`.

    Digits are read as Sino-Korean numbers, but the number of a version in English (DeepLabv3: 쓰리); Latin letters by
    their names or as loan words. What cannot be read counts as a vowel.
    """
    text = _before_brackets(text)
    last = text[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return RIEUL if final == 8 else FINAL if final else NONE
    if last.isdecimal() and last.isascii():
        if re.search(r"[vV]\d$", text):
            return _VERSIONS[int(last)]
        zeros = re.search(r"(?<![.\d,])[1-9][\d,]*?((?:,?0)+)$", text)
        if zeros and 12 <= zeros[1].count("0") < 16:
            return NONE  # 조
        return _DIGITS[int(last)]
    if last in _SIGNS:
        return _SIGNS[last]
    word = re.search(r"[A-Za-z]+$", text)
    return _word(word[0]) if word else NONE


def josa(text: str, particle: str) -> str:
    """``particle``, given in either form, in the form that follows ``text``: 은 or 는, 이라고 or 라고 ..."""
    end = ending(text)
    if particle in ("으로", "로"):
        return "으로" if end == FINAL else "로"
    if particle in AFTER_CONSONANT or particle in _AFTER_VOWEL:
        vowel = _AFTER_VOWEL.get(particle, particle)
        return AFTER_CONSONANT[vowel] if end else vowel
    stem = particle.removeprefix("이")
    return f"이{stem}" if end else stem


@lru_cache(4096)
def no_break(text: str) -> str:
    """``text`` with a product, a number with its unit, and a word with its particle held on one line.

    What stands between backticks or dollars is code or a formula and is left alone.
    """
    parts = re.split(r"(`[^`]*`|\$[^$]*\$)", text)
    parts[::2] = map(_held, parts[::2])
    return "".join(parts)


def _held(text: str) -> str:
    text = re.sub(r"(?<=[\w}%)]) ([×x]) (?=[\w{(−-])", rf"{_SPACE}\1{_SPACE}", text)
    text = re.sub(r"(?<=[\d}]) (?=(?:%|MB|GB|ms|px|s)(?![A-Za-z]))", _SPACE, text)
    text = re.sub(r"(?<=\d), (?=\d)", f",{_SPACE}", text)
    text = re.sub(r"(?<=[한두세네]) (?=번(?![가-힣]*호))|(?<=스트라이드) (?=[\d{])|(?<=팽창률) (?=[\d{])", _SPACE, text)
    return re.sub(r"(?<=[%)”’])(?=[가-힣])", _JOINER, text)


@lru_cache(4096)
def _has_particles(template: str) -> bool:
    return any(spec and _FIELD.fullmatch(spec) for _, _, spec, _ in string.Formatter().parse(template))


class _Filler(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        field = _FIELD.fullmatch(format_spec)
        if field is None:
            return super().format_field(value, format_spec)
        word = str(super().format_field(value, field["format"]))
        return word + field["closing"] + josa(word, field["particle"])


class Text(str):
    """A Korean text: its ``format`` gives each value its particle, and no line breaks where it must not."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """As ``str.format``, and a field may end in a particle."""
        filled = _Filler().vformat(self, values, named) if _has_particles(self) else super().format(*values, **named)
        return no_break(filled)


def _said(text: str) -> str:
    """A text of the catalogue. One with fields is held together when they are filled in: a field is no text."""
    return Text(text if "{" in text else no_break(text))


class Translations(gettext.GNUTranslations):
    """The Korean catalogue, whose texts are :class:`Text`."""

    def gettext(self, message: str) -> str:
        """``message`` in Korean, held together where a line must not break."""
        return _said(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The same for ``n`` things; Korean has one form."""
        return _said(super().ngettext(msgid1, msgid2, n))
