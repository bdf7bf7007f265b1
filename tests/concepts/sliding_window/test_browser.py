"""What a person does on the page about sliding windows: bet, race, stop, replay, point at the map."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core import facts
from core.concepts.sliding_window.bill import bill
from core.concepts.sliding_window.windows import sliding
from tests.support.visits import Visit, ready, says

QUICK = "/sliding_window?crop=square&side=288&stride=64"


def raced(page: Page) -> None:
    expect(page.locator(".replay")).to_be_visible(timeout=60_000)
    ready(page)


def test_bet_race_and_replay(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open(QUICK)
    page.locator(".race input[type=number]").fill("3")
    page.locator(".race .start").click()
    raced(page)
    news = page.locator(".race .news")
    expect(news).to_contain_text(re.compile(r"One pass was [\d.]+ times as fast as single windows"))
    expect(news).to_contain_text("Your bet was 3")
    told = (news.text_content() or "").split(". ", 1)[1]
    expect(page.locator('[data-way="single"] .count')).to_have_text("4 of 4 windows")
    sent = tab.sent
    scrub = page.locator(".race .scrub")
    scrub.focus()
    page.keyboard.press("Home")
    expect(page.locator('[data-way="single"] .count')).to_have_text("0 of 4 windows")
    page.keyboard.press("End")
    expect(page.locator('[data-way="single"] .count')).to_have_text("4 of 4 windows")
    page.locator(".race .play").click()
    expect(page.locator(".race .play")).to_have_text("Replay side by side", timeout=60_000)  # it has played to the end
    expect(page.locator('[data-way="once"] .track')).to_have_attribute("aria-valuenow", "100")
    assert tab.sent == sent  # nothing of this concerns the server
    page.keyboard.press("KeyN")
    expect(page.locator('[data-testid="stMetricValue"]').nth(4)).to_be_visible(timeout=60_000)  # predicted, measured
    tab.open(QUICK)
    expect(page.locator(".lane")).to_have_count(3)
    expect(page.locator(".replay")).to_be_hidden()  # a fresh visitor is not told before the bet
    expect(news).to_have_text("")
    page.locator(".race .start").click()
    raced(page)  # the result is remembered for everybody with the same picture and settings
    expect(news).to_contain_text(told)


def test_a_race_can_be_stopped_and_settings_stay_in_the_address(visit: Callable[..., Visit]) -> None:
    page = visit().open("/sliding_window?side=640")
    page.locator(".race .start").click()
    stop = page.locator(".race .stop")
    expect(stop).to_be_visible()
    expect(page.locator('[data-way="single"] .frame, [data-way="single"] .time')).not_to_have_text("")
    stop.click()
    expect(page.locator(".race .start")).to_be_visible(timeout=20_000)
    expect(page.locator('[data-way="once"] .time')).to_have_text("stopped")
    page.get_by_role("radiogroup", name="Stride in pixels").get_by_text("128").click()
    ready(page)
    says(page, "stride=128")
    says(page, "side=640")


def test_the_map_tells_how_often_a_place_is_read(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/sliding_window?step=again&crop=square&side=512")
    spot, plan = page.locator(".redundancy .spot"), page.locator(".redundancy .map")
    rows, columns = sliding(512, 512, 32).reads()
    expect(spot).to_have_text(f"Pixel (256, 256) is read {rows[256] * columns[256]} times; one pass reads it once.")
    plan.focus()
    sent = tab.sent
    page.keyboard.press("Home")
    expect(spot).to_contain_text("Pixel (0, 0) is read 1 times")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(spot).to_contain_text(f"Pixel (32, 0) is read {columns[32]} times")
    box = plan.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2)
    found = re.search(r"\((\d+), (\d+)\) is read (\d+)", spot.text_content() or "")
    assert found
    x, y, count = map(int, found.groups())
    assert count == rows[y] * columns[x]
    page.locator('.redundancy [data-layer="1"]').click()
    expect(spot).to_contain_text("first layer")
    assert tab.sent == sent
    expect(page.get_by_text(f"{bill('efficientnet-lite0', sliding(512, 512, 32)).ratio:.1f}×").first).to_be_visible()


def test_curves_are_measured_and_can_be_stopped(visit: Callable[..., Visit]) -> None:
    page = visit().open(QUICK + "&step=curve")
    expect(page.locator(".curves .published .mark")).to_have_count(3)
    page.locator(".curves .published .mark").last.focus()
    expect(page.locator(".curves .spot")).to_contain_text(facts.FCN_GRID_MS.text)
    page.get_by_role("button", name="Measure on this machine").click()
    expect(page.locator(".curves .line").first).to_be_attached(timeout=60_000)
    page.get_by_role("button", name="Stop").last.click()
    expect(page.get_by_role("button", name="Measure on this machine")).to_be_visible()


def test_a_phone_shows_everything_in_one_column(visit: Callable[..., Visit]) -> None:
    page = visit(width=390, height=844, locale="ko-KR").open(QUICK + "&step=all")
    expect(page.locator(".lane")).to_have_count(3)
    lanes = [lane.bounding_box() for lane in page.locator(".lane").all()]
    assert len(lanes) == 3
    assert len({round(box["x"]) for box in lanes if box}) == 1
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    expect(page.locator(".redundancy .map")).to_be_visible()
