"""The page about U-Net without a browser: what it sends, and what it says in both languages."""

from __future__ import annotations

import pytest

from tests.test_pages import opened, unfolded, words


@pytest.mark.usefixtures("torch_loaded")
@pytest.mark.parametrize(("language", "said"), [("en", "To be exact"), ("ko", "드롭아웃은 한 곳에만")])
def test_whole_page(language: str, said: str) -> None:
    test = opened("unet", lang=language)
    assert not test.exception
    assert not test.error
    assert said in words(test)
    assert not test.code
    assert "decode" in unfolded(test).code[0].value


@pytest.mark.usefixtures("torch_loaded")
def test_membranes_show_tiles_and_their_price() -> None:
    test = opened("unet", net="unet-em", img="cells")
    assert not test.exception
    assert test.metric[0].value == "2.17 ×"


@pytest.mark.usefixtures("torch_loaded")
def test_table_of_sizes_is_the_papers() -> None:
    test = opened("unet")
    steps = test.dataframe[0].value.iloc[:, 2].tolist()
    assert steps[0] == "572 → 570 → 568"
    assert steps[4] == "32 → 30 → 28"
    assert steps[-1] == "392 → 390 → 388"
    assert "31,030,658" in words(test)
