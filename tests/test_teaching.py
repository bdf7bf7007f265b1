"""The lecturer's guide: its addresses open what they name, and its answers are computed."""

from __future__ import annotations

import re

import pytest

from core.concepts.home import tasks
from core.maths import arithmetic
from tests.support.paths import ROOT
from tests.ui.test_pages import opened, step_names

GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
ADDRESSES = sorted(set(re.findall(r"`/(\w+)\?step=(\w+)`", GUIDE)))


def test_it_leads_through_the_whole_chapter() -> None:
    assert len({page for page, _step in ADDRESSES}) >= 10


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize("page", sorted({page for page, _step in ADDRESSES}))
def test_its_addresses_name_steps_that_are_there(page: str) -> None:
    names = step_names(opened(page, step="none"))
    assert {step for where, step in ADDRESSES if where == page} <= set(names)


def test_the_answers_that_it_gives_are_computed() -> None:
    assert "(3 − 1) · 2 + 3 = 7" in GUIDE
    assert arithmetic.transposed_output_size(3, kernel=3, stride=2) == 7
    found = tasks.answers()
    assert found.pieces() < len(found.kinds) == 5, "five horses, fewer pieces"
    layer = arithmetic.Layer("rate 2", 3, dilation=2)
    assert arithmetic.receptive_field([layer]).size == 5
