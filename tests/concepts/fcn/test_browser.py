"""What a person does on the page about fully connected layers: drag, hover, guess, fold, share, with mouse and keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.concepts.fcn import additions
from core.concepts.home import tasks
from core.engine import inference
from core.maths import arithmetic
from core.models import imagenet
from core.models.convolutionalize import first_linear
from core.passes import heatmaps
from core.passes.heatmaps import ScoreGrid, View
from core.pictures import images
from core.pictures.labels import VOC
from tests.support.visits import Visit, ready, says

CAT = imagenet.resolve("cat")
VIEW = View("whole", 448)


@pytest.fixture(scope="module")
def grid() -> ScoreGrid:
    """What the page must show for the first picture."""
    return heatmaps.scan(inference.load("efficientnet-lite0"), images.sample("kitten"), VIEW)


def lit(page: Page) -> tuple[int, int]:
    at = page.locator('.cells button[aria-selected="true"]').get_attribute("data-at")
    assert at is not None
    row, column = at.split(",")
    return int(row), int(column)


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_cold_deep_link_lights_the_hottest_cell(visit: Callable[..., Visit], grid: ScoreGrid) -> None:
    page = visit().open("/fcn")
    expect(page.locator(".cells button")).to_have_count(grid.rows * grid.columns)
    assert lit(page) == grid.hottest(CAT)
    share = f"{grid.heat(CAT).max() * 100:.1f}%"
    expect(page.locator(".legend .high").first).to_have_text(share)
    expect(page.locator(".readout")).to_contain_text(share)
    names, best = imagenet.class_names(), grid.best[0][grid.hottest(CAT)]
    expect(page.locator('[data-bars="cell"] .name')).to_have_text([names[i] for i in best])


def test_dragging_the_window_moves_the_lit_cell_and_sends_nothing(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/fcn")
    page.locator(".photo").scroll_into_view_if_needed()
    before, start, sent = page.locator(".readout").text_content(), lit(page), tab.sent
    x, y = centre(page.locator(".window"))
    photo = page.locator(".photo").bounding_box()
    assert photo is not None
    cell = photo["width"] / VIEW.input_size(768, 576)[0] * heatmaps.STRIDE  # screen pixels from cell to cell
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3.2 * cell, y + 2.1 * cell, steps=12)
    assert lit(page) == (start[0] + 2, start[1] + 3)
    page.mouse.up()
    expect(page.locator(".readout")).not_to_have_text(before or "")
    x, y = centre(page.locator('.cells button[data-at="6,9"]'))
    page.mouse.move(x, y)
    assert lit(page) == (6, 9)
    window = centre(page.locator(".window"))
    left, top, right, bottom = ScoreGrid.window(6, 9)
    width, height = VIEW.input_size(768, 576)
    assert window[0] == pytest.approx(photo["x"] + (left + right) / 2 / width * photo["width"], abs=2)
    assert window[1] == pytest.approx(photo["y"] + (top + bottom) / 2 / height * photo["height"], abs=2)
    page.wait_for_timeout(500)
    assert tab.sent == sent


def test_every_cell_tells_the_computed_numbers(visit: Callable[..., Visit], grid: ScoreGrid) -> None:
    page = visit().open("/fcn")
    names, heat, (best, shares) = imagenet.class_names(), grid.heat(CAT), grid.best
    for row, column in [(0, 0), (3, 7), (7, 12), (4, 2)]:
        page.locator(f'.cells button[data-at="{row},{column}"]').hover()
        expect(page.locator('[data-bars="cell"] .name')).to_have_text([names[i] for i in best[row, column]])
        shown = [float(t.strip("%<")) for t in page.locator('[data-bars="cell"] .value').all_text_contents()]
        assert shown == pytest.approx((shares[row, column] * 100).tolist(), abs=0.11)
        text = page.locator(".readout").text_content() or ""
        assert float(re.findall(r"([\d.]+)%", text)[-1]) == pytest.approx(heat[row, column] * 100, abs=0.11)


def test_keys_alone_move_guess_and_reveal(visit: Callable[..., Visit], grid: ScoreGrid) -> None:
    tab = visit()
    page = tab.open("/fcn")
    page.locator(".photo").focus()
    sent = tab.sent
    page.keyboard.press("Home")
    assert lit(page) == (0, 0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert lit(page) == (1, 2)
    page.keyboard.press("End")
    assert lit(page) == (grid.rows - 1, grid.columns - 1)
    page.keyboard.press("Tab")
    expect(page.locator(".hottest")).to_be_focused()
    page.keyboard.press("Enter")
    assert lit(page) == grid.hottest(CAT)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Guess first
    expect(page.locator(".verdict")).to_contain_text("Where will the map be hottest?")
    expect(page.locator(".readout")).to_be_hidden()
    page.locator(".photo").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    row, column = grid.hottest(CAT)
    expect(page.locator(".verdict")).to_contain_text(f"row {row + 1}, column {column + 1}")
    assert lit(page) == (row, column)
    cells = page.locator('.cells button[tabindex="0"]')
    expect(cells).to_have_count(1)  # the grid is one stop for the Tab key
    cells.focus()
    page.keyboard.press("ArrowLeft")
    assert lit(page) == (row, column - 1)
    page.wait_for_timeout(500)
    assert tab.sent - sent == 1, "the guess, for the count of the visit"


def test_a_guess_with_the_mouse_is_explained(visit: Callable[..., Visit], grid: ScoreGrid) -> None:
    page = visit().open("/fcn")
    page.locator(".predict").click()
    row, column = grid.hottest(CAT)
    page.locator(f'.cells button[data-at="{row + 3},{column + 4}"]').click()
    expect(page.locator(".verdict")).to_contain_text("5.0 cells (160 pixels) away")
    expect(page.locator(".guess")).to_be_visible()
    page.locator(".predict").click()
    page.locator(f'.cells button[data-at="{row},{column}"]').click()
    expect(page.locator(".verdict")).to_contain_text("Exactly there")
    page.locator(".predict").click()
    page.locator(".photo").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".verdict")).to_be_empty()


def test_grid_grows_from_one_cell(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/fcn?crop=square&side=224")
    expect(page.locator(".cells button")).to_have_count(1)
    alone = page.locator('[data-bars="crop"] .value').all_text_contents()
    assert page.locator('[data-bars="cell"] .value').all_text_contents() == alone  # the classifier itself
    slider = page.get_by_role("slider", name="Shorter side in pixels")
    for side in (256, 288):
        slider.press("ArrowRight")
        ready(page)
        cells = arithmetic.grid_size(side)
        expect(page.locator(".cells button")).to_have_count(cells * cells)
        says(page, f"side={side}")
        expect(slider).to_be_focused()  # a new picture does not take the focus away


def test_another_label_by_search_and_by_address(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn?of=class&label=911&side=320")
    expect(page.locator(".legend-label").first).to_contain_text("wool")
    search = page.get_by_role("combobox")
    search.click()
    search.fill("tabby")
    page.keyboard.press("Enter")
    ready(page)
    expect(page.locator(".legend-label").first).to_contain_text("tabby")
    says(page, "label=281")


@pytest.mark.parametrize("query", ["side=9999&crop=evil&net=../x&of=%00&label=1e9", "side=225", "fold=vgg16&row=-1"])
def test_odd_addresses_show_the_default(visit: Callable[..., Visit], query: str, grid: ScoreGrid) -> None:
    page = visit().open(f"/fcn?{query}")
    expect(page.locator(".cells button")).to_have_count(grid.rows * grid.columns)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_missing_weights_are_offered_and_failure_is_a_sentence(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn?net=alexnet")
    expect(page.get_by_text("are 233 MB and not on this machine yet")).to_be_visible()
    page.get_by_role("button", name="Fetch 233 MB").click()
    expect(page.get_by_text("EfficientNet-Lite0 and GoogLeNet need no download")).to_be_visible()
    page.get_by_text("EfficientNet-Lite0", exact=True).first.click()
    ready(page)
    expect(page.locator(".cells button").first).to_be_visible()


def test_googlenet_answers_without_a_download_under_its_old_name_too(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn?net=googlenet-slim&img=dog&of=class&label=235&side=256")
    expect(page.get_by_text("GoogLeNet is the published network")).to_be_visible()
    expect(page.get_by_text("right for 68.7% of the pictures")).to_be_visible()
    pixels = images.sample("dog").pixels
    wide, high = View("whole", 256).input_size(pixels.shape[1], pixels.shape[0])
    cells = arithmetic.grid_size(wide) * arithmetic.grid_size(high)
    expect(page.locator(".cells button")).to_have_count(cells)
    expect(page.get_by_role("button", name="Fetch")).to_have_count(0)


def test_overview_has_a_second_network(visit: Callable[..., Visit]) -> None:
    page = visit().open("/?step=where&img=dog")
    page.get_by_text("GoogLeNet", exact=True).click()
    ready(page)
    says(page, "net=googlenet")
    answers = heatmaps.scan(inference.load("googlenet"), images.sample("dog"), VIEW)
    row, column = answers.hottest(imagenet.resolve("dog"))
    page.locator(f'.cells button[data-at="{row},{column}"]').hover()
    best = imagenet.class_names()[answers.best[0][row, column, 0]]
    expect(page.locator('[data-bars="cell"] .name').first).to_have_text(best)


def test_fold_plays_steps_and_reads_its_weights(visit: Callable[..., Visit]) -> None:
    tab = visit(reduced_motion="reduce")
    page = tab.open("/fcn?step=weights")
    fold, caption = page.locator(".fold"), page.locator(".caption")
    fold.scroll_into_view_if_needed()
    expect(caption).to_contain_text("1. Row 0")
    sent = tab.sent
    for number in (2, 3, 4):
        fold.locator('[data-act="forward"]').click()
        expect(caption).to_contain_text(f"{number}. ")
    fold.locator('[data-act="back"]').click()
    expect(caption).to_contain_text("3. ")
    fold.focus()
    page.keyboard.press("Home")
    expect(caption).to_contain_text("1. ")
    page.keyboard.press("Space")
    expect(caption).to_contain_text("4. ")
    page.keyboard.press("ArrowLeft")
    expect(caption).to_contain_text("3. ")
    page.keyboard.press("Home")
    canvas = fold.locator("> canvas")
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    for dx in range(0, 12, 2):  # squares have gaps: a few steps find one
        page.mouse.move(box["x"] + box["width"] * 0.3 + dx, box["y"] + box["height"] * 0.3 + dx)
        text = page.locator(".hover").text_content() or ""
        if "=" in text:
            break
    found = re.search(r"Value (\d+) of the row .*: ([−\d.]+)$", text)
    assert found, text
    classifier = inference.load("alexnet-slim").module  # the first whose rows fold into squares
    weight = float(first_linear(classifier).weight[0, int(found[1])])  # type: ignore[arg-type]
    assert float(found[2].replace("−", "-")) == pytest.approx(weight, abs=2e-5)
    assert tab.sent == sent


def test_fold_plays_to_its_end_with_motion(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn?step=weights")
    play = page.locator('.fold [data-act="play"]')
    play.click()
    expect(play).to_contain_text("Pause")
    expect(page.locator(".caption")).to_contain_text("4. ", timeout=30_000)
    expect(play).to_contain_text("Play")
    assert page.locator(".fold input").input_value() == "3"


@pytest.mark.parametrize("path", ["/?step=where", "/fcn"])
@pytest.mark.parametrize(("width", "scheme", "locale"), [(390, "dark", "ko-KR"), (390, "light", "en-US")])
def test_phones_show_everything_in_one_column(
    visit: Callable[..., Visit], path: str, width: int, scheme: str, locale: str
) -> None:
    page = visit(width=width, height=844, locale=locale, color_scheme=scheme, has_touch=True).open(path)
    for part in (".photo", ".cells", ".predict", '[data-bars="cell"]'):
        expect(page.locator(part).first).to_be_visible()
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def test_touch_moves_the_window(visit: Callable[..., Visit]) -> None:
    page = visit(width=390, height=844, has_touch=True, is_mobile=True).open("/fcn")
    cell = page.locator('.cells button[data-at="5,8"]')
    cell.scroll_into_view_if_needed()
    cell.tap()
    assert lit(page) == (5, 8)


def test_overview_answers_wherever_it_is_touched(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/?step=where")
    expect(page.get_by_role("heading", level=1)).to_contain_text("See inside")
    sent = tab.sent
    page.locator('.cells button[data-at="7,11"]').hover()
    expect(page.locator('[data-bars="cell"] .name').first).not_to_be_empty()
    assert lit(page) == (7, 11)
    assert tab.sent == sent
    page.get_by_role("button", name="The chapter").first.click()
    page.get_by_role("link", name="1. FCN").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Fully connected layer")


def test_the_first_figure_stands_whole_with_its_controls(visit: Callable[..., Visit]) -> None:
    page = visit(height=720).open("/fcn")
    expect(page.locator('[data-bars="cell"] li')).to_have_count(5)
    for part in (".card.classifier", ".card.converted"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, part


def test_faint_heat_looks_faint_and_says_so(visit: Callable[..., Visit]) -> None:
    page = visit().open("/?step=where&img=horses")
    expect(page.locator(".legend .high").first).to_have_text("25.0%")
    expect(page.locator(".legend-label").first).to_contain_text("the scale ends at 25%")


def test_the_cell_lives_in_the_address_and_sends_nothing(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/fcn")
    expect(page.locator(".cells button").first).to_be_visible()
    sent = tab.sent
    page.locator('.cells button[data-at="5,8"]').hover()
    says(page, "cell=5.8")
    assert tab.sent == sent
    again = visit().open("/fcn?cell=5.8")
    expect(again.locator('.cells button[data-at="5,8"]')).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("net", ["alexnet-slim", "vgg16-slim"])
def test_slim_networks_answer_at_once(visit: Callable[..., Visit], net: str) -> None:
    page = visit().open(f"/fcn?net={net}&side=320")
    answers = heatmaps.scan(inference.load(net), images.sample("kitten"), View("whole", 320))
    expect(page.locator(".cells button")).to_have_count(answers.rows * answers.columns)
    row, column = 2, 3
    page.locator(f'.cells button[data-at="{row},{column}"]').hover()
    expect(page.locator('[data-bars="cell"] .name').first).to_have_text(VOC[answers.best[0][row, column, 0]])


def test_downloads_are_marked_with_a_lock_and_their_size(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn")
    for size in ("AlexNet (233 MB)", "VGG16 (528 MB)"):
        expect(page.get_by_text(size)).to_be_visible()


def test_additions_are_switched_in_the_browser(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/fcn?step=up")
    masks = additions.masks([inference.load(name) for name in additions.NETWORKS], images.sample("kitten"))
    known = {(mask.network, mask.on): mask for mask in masks}

    def agrees(name: str, *on: bool) -> None:
        mask = known[name, on]
        expect(page.locator('[data-fact="cells"]')).to_have_text(f"{mask.cells[0]} × {mask.cells[1]}")
        expect(page.locator('[data-fact="miou"]')).to_have_text(f"{mask.miou:.0%}")
        expect(page.locator('[data-fact="boundary"]')).to_have_text(f"{mask.boundary:.0%}")
        if on:
            expect(page.locator('[data-fact="changed"]')).to_have_text(f"{mask.changed:.1%}")

    agrees("fcn32s")
    sent = tab.sent
    page.locator('[data-net="fcn8s"]').click()
    agrees("fcn8s", True, True)
    page.locator('.way [data-at="0"]').click()
    agrees("fcn8s", False, True)
    page.locator('.way [data-at="1"]').click()
    agrees("fcn8s", False, False)
    page.locator('[data-net="fcn16s"]').click()
    agrees("fcn16s", True)
    says(page, "fcn=fcn16s")
    assert tab.sent == sent


def test_four_sizes_and_a_guess_that_holds_the_answer_back(visit: Callable[..., Visit]) -> None:
    page = visit().open("/fcn?step=sizes")
    cells = page.locator(".many .cells")
    expect(cells).to_have_count(4)
    expect(cells.last).to_have_text("? cells")
    expect(page.get_by_text("14", exact=True)).to_be_visible()
    page.locator("[class*=st-key-predict-box]").get_by_text("3", exact=True).first.click()
    expect(page.get_by_text("Not quite. It is 14")).to_be_visible()
    expect(cells.last).to_have_text("14 × 21 cells")


def test_five_tasks_say_what_they_know_of_a_pixel(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/")
    found = tasks.answers()
    height, width = found.ids.shape
    stage = page.locator(".tasks-of-vision .photo")
    expect(page.locator(".tasks-of-vision .over b").first).to_be_visible()
    sent = tab.sent
    row, column = (int(v[len(v) // 2]) for v in np.nonzero(found.objects == 5))
    box = stage.bounding_box()
    assert box is not None
    here = page.locator(".tasks-of-vision .here")
    for task, words in (
        ("classification", "Here too: horse"),
        ("detection", "Inside the box of horse 5"),
        ("semantic", "This pixel: horse."),
        ("instance", "This pixel: horse 5."),
        ("panoptic", "This pixel: horse 5."),
    ):
        page.locator(f'[data-task="{task}"]').click()
        stage.hover(position={"x": box["width"] * (column + 0.5) / width, "y": box["height"] * (row + 0.5) / height})
        expect(here).to_contain_text(words)
        stage.hover(position={"x": 4, "y": 4})
        if task == "instance":
            expect(here).to_have_text("No object: no answer.")
        if task == "panoptic":
            expect(here).to_have_text("This pixel: background.")
    expect(page.locator(".tasks-of-vision .over i")).to_have_count(0)
    assert tab.sent == sent
    says(page, "task=panoptic")


def test_guesses_are_counted_and_taken_along(visit: Callable[..., Visit]) -> None:
    page = visit().open("/")
    expect(page.get_by_text("Guesses in this visit")).to_have_count(0)
    page.get_by_text("more", exact=True).click()
    expect(page.get_by_text("Not quite. The mask falls into")).to_be_visible()
    ready(page)
    page.get_by_role("button", name="The chapter").first.click()
    expect(page.get_by_text("0 of 1 right")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_text("Save as a file").first.click()
    assert json.loads(Path(waiting.value.path()).read_text())["guesses"] == {"home/pieces": False}


@pytest.mark.parametrize("part", [".tasks-of-vision .photo", ".tasks-of-vision .choice"])
def test_the_first_picture_stands_whole(visit: Callable[..., Visit], part: str) -> None:
    for width, height in ((1280, 720), (390, 844)):
        page = visit(width=width, height=height).open("/")
        expect(page.locator(".tasks-of-vision .over b").first).to_be_visible()
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
