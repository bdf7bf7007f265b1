"""The transposed-convolution player in a browser: every preset, every sum against PyTorch, keys, edits, files."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from core.concepts.transposed.screen.controls import NUMBERS, PRESETS
from core.maths import transposed
from core.maths.transposed import Axis
from core.models import kernels
from tests.support.sums import contributors
from tests.support.visits import Visit, ready, says

FIRST = PRESETS["uneven"]
ALL = "/transposed?way=all"
"""The three pictures side by side, as the player's tests watch them."""


def address(axis: Axis, kernel: str = "ones", rest: str = "") -> str:
    query = "&".join(f"{name}={getattr(axis, field)}" for name, *_, field in NUMBERS)
    return f"/transposed?{query}&w={kernel}&way=all{rest}"


def theirs(x: np.ndarray, kernel: np.ndarray, axis: Axis) -> np.ndarray:
    """PyTorch's answer, in float64."""
    out = torch.nn.functional.conv_transpose2d(
        torch.tensor(x, dtype=torch.float64)[None, None],
        torch.tensor(kernel, dtype=torch.float64)[None, None],
        stride=axis.stride,
        padding=axis.padding,
        output_padding=axis.output_padding,
        dilation=axis.dilation,
    )
    return out[0, 0].numpy()


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def count(page: Page) -> tuple[int, int]:
    step, _, of = (page.locator(".count").text_content() or "").split()
    return int(step), int(of)


def sent_by_actions(tab: Visit, page: Page, act: Callable[[], None]) -> int:
    before = tab.sent
    act()
    page.wait_for_timeout(300)
    return tab.sent - before


PLAYED = ("unet", "dilated")
"""Presets that are watched from the first step to the last; the others jump there."""


@pytest.mark.parametrize("code", PRESETS)
def test_preset_goes_to_its_end_and_every_sum_is_pytorchs(visit: Callable[..., Visit], code: str) -> None:
    preset = PRESETS[code]
    tab = visit()
    page = tab.open("/transposed?way=all&i=5&k=5&s=3" if code == "uneven" else ALL)
    page.get_by_text(preset.title, exact=True).click()
    ready(page)
    axis = preset.axis
    x, kernel = kernels.pattern("count", axis.size), kernels.named(preset.kernel, axis.kernel).values
    answer = theirs(x, kernel, axis)
    expect(page.locator("svg.paint .output .cell")).to_have_count(axis.out**2)
    expect(page.locator(".forward")).to_contain_text(f"= {axis.out}")
    sent = tab.sent
    page.locator(".controls select").select_option("8")
    for order, length in (("paint", axis.size**2), ("slide", axis.out**2)):
        page.locator(f'[data-order="{order}"]').click()
        page.locator('[data-act="first"]').click()
        expect(page.locator(".count")).to_have_text(f"0 of {length}")
        page.locator(f'[data-act="{"play" if code in PLAYED else "last"}"]').click()
        expect(page.locator(".count")).to_have_text(f"{length} of {length}", timeout=60_000)
        expect(page.locator('[data-act="play"]')).to_contain_text("Play")
        for view in ("paint", "slide"):
            shown = page.locator(f"svg.{view} .output text").all_text_contents()
            np.testing.assert_allclose([number(t) for t in shown], answer.ravel(), atol=0.00501)
    for i in random.Random(code).sample(range(answer.size), 10):
        page.locator(f'svg.paint .output .cell[data-i="{i}"]').hover()
        terms = contributors(axis, axis, *divmod(i, axis.out))
        assert number(page.locator(".transposed .sum .total").text_content() or "0" if terms else "0") == pytest.approx(
            answer.flat[i], abs=5.01e-5
        )
        weights = [number(t) for t in page.locator(".transposed .sum .weight").all_text_contents()]
        values = [number(t) for t in page.locator(".transposed .sum .value").all_text_contents()]
        assert values == [x[t.input] for t in terms]
        assert weights == pytest.approx([kernel[t.tap] for t in terms], abs=5.01e-5)
        expect(page.locator("svg.paint .input .lit")).to_have_count(len({t.input for t in terms}))
        expect(page.locator("svg.slide .wide .lit")).to_have_count(len({t.input for t in terms}))
        expect(page.locator("svg.matrix .band.blue")).to_have_count(len({t.input for t in terms}))
    assert tab.sent == sent


def test_sums_grow_stamp_by_stamp_in_all_views(visit: Callable[..., Visit]) -> None:
    page = visit(reduced_motion="reduce").open(ALL)
    axis, x = FIRST.axis, kernels.pattern("count", 3)
    page.locator('[data-act="first"]').click()
    for step in range(1, 10):
        page.locator('[data-act="forward"]').click()
        expect(page.locator(".count")).to_have_text(f"{step} of 9")
        so_far = transposed.paint(x, np.ones((3, 3), int), axis, axis, first=step)
        stamped = transposed.paint((np.arange(9) < step).reshape(3, 3) * 1, np.ones((3, 3), int), axis, axis)
        wanted = [str(v) if n else "" for v, n in zip(so_far.flat, stamped.flat, strict=True)]
        for view in ("paint", "slide"):
            assert page.locator(f"svg.{view} .output text").all_text_contents() == wanted
        row, column = divmod(step - 1, 3)
        expect(page.locator(".transposed .sum")).to_contain_text(f"Input, row {row + 1}, column {column + 1} is {step}")
        expect(page.locator("svg.slide .wide .spot text")).to_have_text(str(step))
        expect(page.locator("svg.matrix .band.green")).to_have_count(9)


def test_scrubbing_pointing_and_stepping_send_nothing(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(f"{ALL}&step=all")
    scrub = page.locator(".controls input[type=range]")
    scrub.scroll_into_view_if_needed()
    box = scrub.bounding_box()
    assert box is not None

    def act() -> None:
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        seen = set()
        for share in (0.1, 0.3, 0.5, 0.7, 0.9, 1.0):
            page.mouse.move(box["x"] + box["width"] * share - 2, box["y"] + box["height"] / 2)
            seen.add(count(page)[0])
        page.mouse.up()
        assert len(seen) > 3
        page.locator("svg.slide .wide .cell.value").first.hover()
        expect(page.locator(".transposed .sum")).to_contain_text("Input, row 1, column 1")
        page.locator("svg.matrix .entries").last.hover(position={"x": 10, "y": 10})
        expect(page.locator(".transposed .sum")).to_contain_text("Output, row 1")
        page.locator(".trip svg.middle .cell").first.hover()
        expect(page.locator(".trip .sum")).to_contain_text("=")
        page.locator(".overlap svg.table .cell").first.hover()
        expect(page.locator(".overlap .sum")).to_contain_text("k = 1, s = 1;")
        page.locator(".loupe .picture").first.hover()

    assert sent_by_actions(tab, page, act) == 0


def test_keys_alone(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(ALL)
    page.locator(".transposed").focus()
    sent = tab.sent
    page.keyboard.press("End")
    assert count(page) == (9, 9)
    page.keyboard.press("ArrowLeft")
    assert count(page) == (8, 9)
    page.keyboard.press("Home")
    assert count(page) == (0, 9)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".count")).to_have_text("1 of 9")
    page.keyboard.press("Space")
    expect(page.locator('[data-act="play"]')).to_contain_text("Pause")
    page.keyboard.press("Space")
    expect(page.locator('[data-act="play"]')).to_contain_text("Play")
    page.locator('[data-order="paint"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-order="slide"]')).to_be_focused()
    assert count(page)[1] == 49
    cells = page.locator("svg.paint .output .cell[tabindex]")
    expect(cells).to_have_count(1)  # a grid is one stop for the Tab key
    cells.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".transposed .sum .total")).to_have_text("12")
    assert tab.sent == sent


def test_editing_a_cell_changes_sum_and_address(visit: Callable[..., Visit]) -> None:
    page = visit().open(ALL)
    page.locator("svg.paint .input .cell").nth(4).click()
    page.keyboard.type("-7")
    page.keyboard.press("Enter")
    expect(page.locator("svg.paint .input .cell").nth(4)).to_have_text("−7")
    page.locator('svg.paint .kernel .cell[data-i="0"]').focus()
    page.keyboard.type("2.5")  # typing on a cell opens it
    page.keyboard.press("Enter")
    expect(page.locator('svg.paint .kernel .cell[data-i="0"]')).to_have_text("2.5")
    expect(page.locator('svg.paint .kernel .cell[data-i="0"]')).to_be_focused()
    ready(page)
    x, kernel = kernels.pattern("count", 3), np.ones((3, 3))
    x[1, 1], kernel[0, 0] = -7, 2.5
    answer = theirs(x, kernel, FIRST.axis)
    says(page, "x=1.2.3.4.-7.6.7.8.9")
    shared = page.url[page.url.index("/transposed") :]
    again = visit().open(shared)
    for where in (page, again):
        for i in (0, 16, 24, 30):
            where.locator(f'svg.paint .output .cell[data-i="{i}"]').hover()
            assert number(where.locator(".transposed .sum .total").text_content() or "") == answer.flat[i]
    again.get_by_role("button", name="Reset").click()
    ready(again)
    expect(again.locator("svg.paint .input .cell").nth(4)).to_have_text("5")
    says(again, "x=", no=True)


def test_edits_that_are_no_numbers_change_nothing(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(ALL)
    sent = tab.sent
    for keys in (["Escape"], ["a", "Enter"], ["Backspace", "Enter"], ["Enter"]):
        page.locator("svg.paint .input .cell").first.click()
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator(".editor")).to_be_hidden()
        expect(page.locator("svg.paint .input .cell").first).to_have_text("1")
    page.wait_for_timeout(300)
    assert tab.sent == sent


def test_parameter_change_keeps_focus_place_and_is_small(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(ALL)
    page.locator('[data-act="last"]').click()
    field = page.get_by_role("spinbutton", name="input size i")
    field.focus()
    for size in (4, 5):
        received = tab.received
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        out = Axis(size, 3, 2).out
        expect(page.locator("svg.paint .output .cell")).to_have_count(out**2)
        ready(page)
        expect(field).to_be_focused()
        assert count(page) == (size**2, size**2)
        says(page, f"i={size}")
        assert tab.received - received < 20 * 1024


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("s=1&o=2", "Output padding must be smaller than stride or dilation"),
        ("i=1&k=1&p=3", "The padding removes the whole output"),
    ],
)
def test_impossible_combinations_are_a_sentence(visit: Callable[..., Visit], query: str, sentence: str) -> None:
    page = visit().open(f"{ALL}&{query}")
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator("svg.paint .output .cell").first).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


@pytest.mark.parametrize(
    "query", ["i=99&k=0&s=-1&p=x&o=1e3&d=%00&w=evil&in=own&x=1.2", "w=own&wx=1.2.3.4.5", "in=own&x=" + "9." * 500 + "9"]
)
def test_odd_addresses_show_a_picture(visit: Callable[..., Visit], query: str) -> None:
    page = visit().open(f"{ALL}&{query}")
    expect(page.locator("svg.paint .output .cell")).to_have_count(49)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_who_reaches_this_cell(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(ALL)
    sent = tab.sent
    page.locator("button.ask").click()
    asked = page.locator("svg.paint .output .asked")
    expect(asked).to_have_text("?")
    row, column = divmod(int(asked.get_attribute("data-i") or ""), 7)
    truth = {t.input for t in contributors(FIRST.axis, FIRST.axis, row, column)}
    expect(page.locator(".transposed .sum .total")).to_have_count(0)
    for i, j in truth:
        page.locator("svg.paint .input .cell").nth(i * 3 + j).click()
    page.locator(".reveal").click()
    expect(page.locator(".tools .verdict")).to_have_text(f"Exactly: {len(truth)} input cells.")
    expect(page.locator("svg.slide .window")).to_be_visible()
    page.locator("button.ask").click()
    page.locator("button.ask").click()
    page.locator(".reveal").click()
    expect(page.locator(".tools .verdict")).to_contain_text("0 of ")
    page.wait_for_timeout(500)
    assert tab.sent - sent == 2, "the two guesses, for the count of the visit"


def test_size_quiz(visit: Callable[..., Visit]) -> None:
    page = visit().open("/transposed?step=size")
    guess = page.locator(".quiz input")
    guess.fill("7")
    page.keyboard.press("Enter")
    expect(page.locator(".quiz .verdict")).to_contain_text("Not quite: 8, 1 away.")
    page.locator(".quiz .next").click()
    guess.fill("5")
    page.locator(".quiz .check").click()
    expect(page.locator(".quiz .verdict")).to_contain_text("Right.")


def test_there_and_back_shows_the_computed_numbers(visit: Callable[..., Visit]) -> None:
    page = visit().open(address(Axis(3, 4, 2, 1), "bilinear", "&step=all"))
    axis, kernel = Axis(3, 4, 2, 1), kernels.bilinear(4).values
    expect(page.locator(".trip svg.start text")).to_have_count(36)
    start = np.array([int(t) for t in page.locator(".trip svg.start text").all_text_contents()]).reshape(6, 6)
    trip = transposed.round_trip(start, kernel, axis)
    for name, values in (("middle", trip.middle), ("back", trip.back), ("difference", trip.difference)):
        shown = page.locator(f".trip svg.{name} text").all_text_contents()
        np.testing.assert_allclose([number(t) for t in shown], values.ravel(), atol=0.00501)
    counts = page.locator(".overlap svg.map text").all_text_contents()
    assert [int(t) for t in counts] == transposed.overlap(axis, axis).ravel().tolist()


def test_reduced_motion_steps_without_gliding(visit: Callable[..., Visit]) -> None:
    page = visit(reduced_motion="reduce").open(ALL)
    page.locator('[data-act="first"]').click()
    page.locator('[data-act="forward"]').click()
    assert count(page) == (1, 9)  # at once
    page.locator(".controls select").select_option("8")
    page.locator('[data-act="play"]').click()
    expect(page.locator(".count")).to_have_text("9 of 9")
    expect(page.locator('[data-act="play"]')).to_contain_text("Play")


@pytest.mark.parametrize("kind", ["svg", "png", "gif"])
def test_files(visit: Callable[..., Visit], kind: str) -> None:
    page = visit().open(ALL)
    with page.expect_download(timeout=120_000) as waiting:
        page.locator(f'[data-save="{kind}"]').click()
    data = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == f"transposed-convolution.{kind}"
    if kind == "svg":
        assert data.startswith(b"<svg")
        assert b"var(--" not in data
        assert b">12<" in data
        return
    image = Image.open(io.BytesIO(data))
    assert image.format == kind.upper()
    assert image.width > 900
    if kind == "gif":
        assert image.n_frames == 10
        assert image.info["duration"] == 500
        frames = []
        for i in range(10):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB"), int))
        assert all((a != b).any() for a, b in pairwise(frames))
        assert (frames[0] > 200).mean() > 0.5  # mostly paper, so the pixels were decoded in order
    expect(page.locator(".count")).to_have_text("5 of 9")


@pytest.mark.parametrize(("scheme", "locale"), [("dark", "ko-KR"), ("light", "en-US")])
def test_phones_show_everything_in_one_column(visit: Callable[..., Visit], scheme: str, locale: str) -> None:
    page = visit(width=390, height=844, locale=locale, color_scheme=scheme, has_touch=True).open(f"{ALL}&step=all")
    tops = []
    for part in ("svg.paint", "svg.slide", "svg.matrix", ".quiz", ".trip", ".overlap svg.table", ".loupe"):
        expect(page.locator(part).first).to_be_visible()
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    page.locator("svg.paint .output .cell").nth(16).tap()
    expect(page.locator(".transposed .sum .total")).to_have_text("12")


def test_one_way_at_a_time_and_its_place_in_the_address(visit: Callable[..., Visit]) -> None:
    tab = visit(reduced_motion="reduce")
    page = tab.open("/transposed")
    expect(page.locator("svg.paint")).to_be_visible()
    expect(page.locator("svg.slide")).to_be_hidden()
    sent = tab.sent
    page.locator('[data-way="slide"]').first.click()
    expect(page.locator("svg.slide")).to_be_visible()
    expect(page.locator("svg.paint")).to_be_hidden()
    page.locator('[data-order="slide"]').click()
    page.locator('[data-act="last"]').click()
    page.locator('[data-act="back"]').click()
    for part in ("way=slide", "order=slide", "at=48"):
        says(page, part)
    assert tab.sent == sent, "the browser writes the address by itself"
    again = visit().open(page.url[page.url.index("/transposed") :])
    expect(again.locator(".count")).to_have_text("48 of 49")
    expect(again.locator("svg.slide")).to_be_visible()
    again.get_by_role("button", name="Reset").click()
    expect(again.locator(".count")).to_have_text("5 of 9")
    expect(again.locator("svg.paint")).to_be_visible()
    for part in ("way=", "order=", "at="):
        says(again, part, no=True)


def test_the_first_figure_stands_whole_beside_its_controls(visit: Callable[..., Visit]) -> None:
    page = visit(height=720).open("/transposed")
    for part in ("svg.paint", '.controls [data-act="play"]'):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, part
    field = page.get_by_role("spinbutton", name="dilation d").bounding_box()
    assert field is not None
    assert field["y"] + field["height"] <= 720


def test_matrix_bands_lie_on_their_row(visit: Callable[..., Visit]) -> None:
    page = visit().open(ALL)
    page.locator("svg.paint .output .cell").nth(24).hover()
    entries = page.locator("svg.matrix .entries").last.bounding_box()
    band = page.locator("svg.matrix .band.green").first.bounding_box()
    assert entries is not None
    assert band is not None
    assert band["y"] + band["height"] / 2 == pytest.approx(entries["y"] + entries["height"] * 24.5 / 49, abs=1.5)
    assert re.search(r"49 × 9", page.locator("svg.matrix").text_content() or "")
