"""Particles by the last sound of a value, in Python and in the players alike; lines that do not break."""

from __future__ import annotations

import json
import re
import shutil
import string
import subprocess

import pytest

from core.locale import messages
from core.locale.korean import FINAL, NONE, RIEUL, Text, ending, josa, no_break
from core.ui import component, language

WORDS = {
    **{
        "개": NONE,
        "고양이": NONE,
        "네트워크": NONE,
        "사람": FINAL,
        "말": RIEUL,
        "식탁": FINAL,
        "비행기": NONE,
        "핥": FINAL,
    },
    **{str(n): end for n, end in enumerate((FINAL, RIEUL, NONE, FINAL, NONE, NONE, FINAL, RIEUL, RIEUL, NONE))},
    **{"10": FINAL, "20": FINAL, "100": FINAL, "1,000": FINAL, "18": RIEUL, "1, 2, 4": NONE, "320 × 320": FINAL},
    **{"10000000000000": NONE, "0.5": NONE, "1.0": FINAL, "56 × 56": FINAL, "12, 24, 36": FINAL, "-3": FINAL},
    **{"16%": NONE, "100%": NONE, "+0.1%p": NONE, "22 ms": NONE, "1.2 s": NONE, "3 px": RIEUL, "8 MB": NONE},
    **{
        "FCN": FINAL,
        "FCN-32s": NONE,
        "U-Net": FINAL,
        "PSPNet": FINAL,
        "VGG16": FINAL,
        "DeepLabv3+": NONE,
        "DeepLabv3": NONE,
        "MobileNetV3": NONE,
        "v1": FINAL,
        "V6": NONE,
        "HTML": RIEUL,
    },
    **{
        "MobileNetV2": NONE,
        "mIoU": NONE,
        "BVLC": NONE,
        "DeepLab": FINAL,
        "network": NONE,
        "table": RIEUL,
        "a.json": FINAL,
    },
    **{
        "고양이(모든 품종)": NONE,
        "사람 (3)": FINAL,
        "(304, 224)": NONE,
        "(x, 3)": FINAL,
        "“말”": RIEUL,
        "‘개’ ": NONE,
        "": NONE,
    },
    **{"U-Net (핵)": FINAL, "[6]": FINAL, "…": NONE},
}
PARTICLES = {
    **{"은": ("는", "은", "은"), "이": ("가", "이", "이"), "을": ("를", "을", "을"), "와": ("와", "과", "과")},
    **{"으로": ("로", "으로", "로"), "이라고": ("라고", "이라고", "이라고"), "이면": ("면", "이면", "이면")},
}
FILLED = [
    ("{n:은} {w:을} 봅니다", {"n": 18, "w": "개"}, "18은 개를 봅니다"),
    ("{n:은} {w:을} 봅니다", {"n": 64, "w": "말"}, "64는 말을 봅니다"),
    ("“{w:”이라고} 부릅니다", {"w": "왼쪽 위"}, "“왼쪽 위”라고 부릅니다"),
    ("{w:으로} {n}칸", {"w": "9", "n": 1}, "9로 1칸"),
]


@pytest.mark.parametrize("word", WORDS)
def test_ending_is_the_last_sound(word: str) -> None:
    assert ending(word) == WORDS[word]


@pytest.mark.parametrize("particle", PARTICLES)
def test_a_particle_follows_the_sound(particle: str) -> None:
    vowel, consonant, rieul = PARTICLES[particle]
    for given in {vowel, consonant}:  # either form may be written
        assert (josa("개", given), josa("사람", given), josa("말", given)) == (vowel, consonant, rieul)


def test_every_syllable_with_and_without_a_final_consonant() -> None:
    for code in range(ord("가"), ord("힣") + 1):
        final = (code - ord("가")) % 28
        assert josa(chr(code), "을") == ("을" if final else "를")
        assert josa(chr(code), "로") == ("으로" if final not in (0, 8) else "로")


@pytest.mark.parametrize(("template", "values", "text"), FILLED)
def test_format_gives_each_value_its_particle(template: str, values: dict[str, object], text: str) -> None:
    assert re.sub("\u2060", "", Text(template).format(**values)) == text


def test_format_keeps_formats_and_conversions() -> None:
    text = Text("{share:.1%가} {path!r}, {share:.0%를} {plain:.2f}").format(share=0.5, path="a", plain=2)
    assert text.replace("\u2060", "") == "50.0%가 'a', 50%를 2.00"


def test_no_line_breaks_inside_a_product_or_before_a_particle() -> None:
    assert no_break("3 × 3 합성곱") == "3\u00a0×\u00a03 합성곱"
    assert Text("{rows} × {columns}칸, {share}입니다").format(rows=16, columns=22, share="100%") == (
        "16\u00a0×\u00a022칸, 100%\u2060입니다"
    )
    assert no_break("흰색(9)으로 60 % 8 MB 1, 2, 4") == "흰색(9)\u2060으로 60\u00a0% 8\u00a0MB 1,\u00a02,\u00a04"
    assert no_break("한 번의 순전파") == "한\u00a0번의 순전파"
    assert no_break("`a x 3 × 3` $3 × 3$") == "`a x 3 × 3` $3 × 3$"
    assert no_break(no_break("3 × 3, 6%는")) == no_break("3 × 3, 6%는")


HALVES = [str(component.sources()[name]) for name in ("josa", "text")]


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_players_half_says_the_same() -> None:
    code = f"""
        import {{ readFileSync }} from "node:fs";
        const [first, second] = {json.dumps(HALVES)}.map((file) => readFileSync(file, "utf8"));
        const source = Buffer.from(first + second.replace(/^import .*$/m, ""));
        const url = "data:text/javascript;base64," + source.toString("base64");
        const {{ ending, josa, fill, noBreak }} = await import(url);
        const {{ words, particles, filled, broken }} = JSON.parse(readFileSync(0));
        console.log(JSON.stringify({{
          endings: words.map(ending),
          josa: particles.map((p) => words.map((w) => josa(w, p))),
          filled: filled.map(([template, values]) => fill(template, values)),
          broken: broken.map(noBreak),
          english: fill("{{n}} × {{n}} of {{all}}", {{ n: 3, all: 9 }}),
        }}));
    """
    broken = ["3 × 3 합성곱", "9(칸)으로 60 % 8 MB", "한 번의 순전파, 1, 2, 4", "팽창률 6, 스트라이드 {s}"]
    data = {"words": list(WORDS), "particles": list(PARTICLES), "filled": [f[:2] for f in FILLED], "broken": broken}
    run = subprocess.run(
        ["node", "--input-type=module", "-e", code], input=json.dumps(data), capture_output=True, text=True, check=True
    )
    said = json.loads(run.stdout)
    assert dict(zip(WORDS, said["endings"], strict=True)) == WORDS
    assert said["josa"] == [[josa(w, p) for w in WORDS] for p in PARTICLES]
    assert said["filled"] == [Text(template).format(**values) for template, values, _ in FILLED]
    assert said["broken"] == [no_break(text) for text in broken]
    assert said["english"] == "3 × 3 of 9"


def test_every_text_can_be_filled_in() -> None:
    """As the pages get it: a field that was changed on its way is a crash."""
    ko = language.catalogue("ko")
    for message in messages.read("ko"):
        if message.id and "python-brace-format" in message.flags:
            one = message.id if isinstance(message.id, str) else message.id[0]
            text = ko.gettext(one) if isinstance(message.id, str) else ko.ngettext(*message.id, 2)
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            filled = text.format(**dict.fromkeys(names, 2))
            assert "{" not in filled, one
            assert "2" in filled, one


def test_no_particle_of_the_catalogue_is_guessed() -> None:
    """Neither both forms at once, 을(를), nor one form behind a value that may end in any sound."""
    for message in messages.read("ko"):
        texts = [message.string] if isinstance(message.string, str) else message.string
        for text in texts if message.id else ():
            assert not re.search(r"[가-힣]\([이가은는을를과와으]\)|\([으이]\)[가-힣]", text), text
            assert not re.search(r"\}[”’]?(?:은|는|이|가|을|를|과|와|으로|로)(?![가-힣])", text), text
