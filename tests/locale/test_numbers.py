"""Every number that a text of the catalogue holds as a word is what it is compared with, or needs nothing."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from core.ui.language import LOCALE_FOLDER
from tests.locale.written_numbers import REASONS, WRITTEN

_NAMES = re.compile(
    r"VGG-?16|DeepLabv3|FCN-\d+s|MobileNetV[23]|Lite0|ReLU6|ResNet-?\d+|v3\+|JPEG 2000|fc[678]|PhC-U373|val2017"
    r"|ILSVRC12|VOC ?20\d\d|\{[^}]*\}|`[^`]*`|\(part:[^)]*\)|\b1 ?[×x] ?1\b"
)
"""What has a digit in it and is a name; places that are filled in; 1 × 1, which is the name of a convolution here."""


@cache
def texts() -> dict[str, frozenset[float]]:
    """Texts with a number of their own, and their numbers."""
    with (LOCALE_FOLDER / "ko" / "LC_MESSAGES" / "segscope.po").open("rb") as file:
        catalogue = read_po(file)
    found = {}
    for message in catalogue:
        for text in [message.id] if isinstance(message.id, str) else message.id:
            numbers = re.findall(r"\d+(?:[.,]\d+)*", _NAMES.sub(" ", text))
            if text and numbers:
                found[text] = frozenset(float(number.replace(",", "")) for number in numbers)
    return found


@pytest.mark.parametrize("text", texts())
def test_a_number_in_a_text_is_registered(text: str) -> None:
    assert [start for start in WRITTEN if text.startswith(start)], "enter it in written_numbers.py"


@pytest.mark.parametrize("start", WRITTEN)
def test_a_registered_number_is_what_it_is_compared_with(start: str) -> None:
    meant = [numbers for text, numbers in texts().items() if text.startswith(start)]
    assert meant, "no text begins like this any longer: take it out of written_numbers.py"
    origin = WRITTEN[start]
    if isinstance(origin, str):
        assert origin in REASONS
    else:
        assert frozenset().union(*meant) <= {float(value) for value in origin()}
