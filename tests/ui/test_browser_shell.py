"""The frame in a real browser: addresses, languages, pictures, keyboard, network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from core.pictures.images import SAMPLES, ImageError, decode
from tests.support.pictures import BAD, GOOD
from tests.support.visits import Visit, page_link, ready, says

FOCUSED = "element => element.getRootNode().activeElement === element"
Visits = Callable[..., Visit]


def thumbnail(page: Page) -> Locator:
    """The small copy of the current picture in the strip."""
    return page.locator(".st-key-strip img").first


def open_picker(page: Page) -> None:
    page.get_by_role("button", name="Change picture").click()
    expect(page.get_by_role("radio", name=SAMPLES[0].title)).to_be_visible()


def upload(page: Page, name: str, data: bytes) -> None:
    chosen = FilePayload(name=name, mimeType="image/png", buffer=data)
    field = page.locator("input[type=file]")
    expect(field).to_have_count(1)  # after an upload the widget makes way for an empty one
    field.set_input_files(chosen)
    ready(page)


def test_language_of_the_browser_is_the_first_guess(visit: Visits) -> None:
    page = visit(locale="ko-KR").open("/")
    expect(page.get_by_role("button", name="사진 바꾸기")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    says(page, "lang=", no=True)


def test_language_switch_and_history(visit: Visits) -> None:
    page = visit().open("/?utm=1")
    page.get_by_text("한국어").click()
    expect(page.get_by_role("button", name="사진 바꾸기")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page).to_have_url(re.compile(r"/\?utm=1&lang=ko$"))

    page_link(page, 1).click()
    expect(page).to_have_url(re.compile(r"/[a-z_]+\?lang=ko$"))
    expect(page.get_by_role("button", name="사진 바꾸기")).to_be_visible()
    ready(page).go_back()
    expect(page).to_have_url(re.compile(r"/\?.*lang=ko$"))

    ready(page).get_by_text("English").click()
    expect(page.get_by_role("button", name="Change picture")).to_be_visible()
    expect(page).to_have_url(re.compile(r"lang=en"))


def test_sample_by_keyboard_alone(visit: Visits) -> None:
    page = visit().open("/")
    before = thumbnail(page).get_attribute("src")
    page.get_by_role("button", name="Change picture").focus()
    page.keyboard.press("Enter")
    first, second = (page.get_by_role("radio", name=sample.title) for sample in SAMPLES[:2])
    expect(first).to_be_visible()
    expect(first).to_have_attribute("aria-checked", "true")
    assert first.evaluate(FOCUSED), "the popover stands at the end of the document: Tab alone would not lead here"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-checked", "true")
    expect(page).to_have_url(re.compile(f"img={SAMPLES[1].key}"))
    expect(thumbnail(page)).not_to_have_attribute("src", before or "")
    ready(page)
    assert second.evaluate(FOCUSED), "the focus is lost"
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("stFileUploaderDropzone").locator("button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(second).to_be_hidden()
    expect(page.get_by_role("button", name="Change picture")).to_be_focused()


def test_everything_in_the_strip_is_reached_by_tab(visit: Visits) -> None:
    page = visit().open("/")
    page.keyboard.press("Tab")
    reached = []
    for _ in range(30):
        reached.append(page.evaluate("document.activeElement.innerText"))
        page.keyboard.press("Tab")
    assert any("Change picture" in text for text in reached)
    assert any("English" in text or "한국어" in text for text in reached)
    assert all(any(group in text for text in reached) for group in ("Chapter", "Lab"))


def test_code_to_copy_comes_when_it_is_unfolded(visit: Visits) -> None:
    tab = visit()
    page = tab.open("/transposed?step=exact")
    expect(page.locator("pre code")).to_have_count(0)
    received = tab.received
    page.locator("summary", has_text="Copy as PyTorch").press("Enter")
    expect(page.locator("pre code")).to_contain_text("conv_transpose2d")
    assert tab.received - received < 10_000  # the rest of the page is not sent again


def test_upload_is_kept_across_pages(visit: Visits) -> None:
    page = visit().open("/?img=" + SAMPLES[2].key)
    before = thumbnail(page).get_attribute("src")
    open_picker(page)
    upload(page, "dach.jpg", GOOD)
    expect(page.get_by_text("dach.jpg, 320 × 240 pixels")).to_be_visible()
    expect(thumbnail(page)).not_to_have_attribute("src", before or "")
    says(page, "img=own")
    own = page.get_by_alt_text("Your photo")
    expect(own).to_be_visible()
    page.keyboard.press("Escape")
    page_link(page, 1).click()
    ready(page)
    expect(own).to_be_visible()


def test_back_returns_to_the_picture_before_and_keeps_the_photo(visit: Visits) -> None:
    page = visit().open("/")
    first = thumbnail(page).get_attribute("src") or ""
    open_picker(page)
    page.get_by_role("radio", name=SAMPLES[3].title).click()
    expect(page).to_have_url(re.compile(f"img={SAMPLES[3].key}$"))
    ready(page).go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(thumbnail(page)).to_have_attribute("src", first)

    upload(page, "dach.jpg", GOOD)
    photo = page.get_by_role("radio", name="Your photo")
    expect(photo).to_have_attribute("aria-checked", "true")
    page.get_by_role("radio", name=SAMPLES[3].title).click()
    expect(photo).to_have_attribute("aria-checked", "false")
    photo.click()
    expect(photo).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("dach.jpg, 320 × 240 pixels")).to_be_visible()


def test_bad_files_leave_the_picture_alone(visit: Visits) -> None:
    page = visit().open("/")
    open_picker(page)
    before = thumbnail(page).get_attribute("src")
    for name, data in BAD.values():
        with pytest.raises(ImageError) as reason:
            decode(data)
        upload(page, name, data)
        expect(page.get_by_role("alert").filter(has_text=str(reason.value)).first).to_be_visible()
        assert thumbnail(page).get_attribute("src") == before
    upload(page, "dach.jpg", GOOD)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.get_by_alt_text("Your photo")).to_be_visible()


@pytest.mark.parametrize(
    "query",
    ["lang=xx&img=../../etc/passwd", "lang=%00&img=%F0%9F%98%80", "img=cat&img=dog&lang=ko&lang=en", "%%%&&&==="],
)
def test_odd_parameters(visit: Visits, query: str) -> None:
    page = visit().open("/?" + query)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_view_is_its_address(visit: Visits) -> None:
    page = visit().open("/fcn?side=320&utm=x")
    slider = page.get_by_role("slider", name="Shorter side in pixels")
    expect(slider).to_have_value("320")
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?(?=.*\butm=x\b)(?=.*\bside=352\b)"))
    ready(page).go_back()
    expect(slider).to_have_value("320")
    ready(page).go_forward()
    expect(slider).to_have_value("352")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_words_stand_out_from_the_background(visit: Visits, scheme: str, locale: str) -> None:
    """Contrast of every text of the frame: at least 4.5:1 (WCAG AA)."""
    page = visit(locale=locale, color_scheme=scheme).open("/")
    page.locator("[data-testid=stPopover] button").first.click()
    expect(page.get_by_role("radio").first).to_be_visible()
    page.wait_for_function("() => document.getAnimations().every((a) => a.playState !== 'running')")  # it fades in
    faint = page.evaluate(CONTRAST)
    assert faint == []


CONTRAST = """() => {
  const rgb = (c) => (c.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, bottom, a) => top.slice(0, 3).map((v, i) => v * a + bottom[i] * (1 - a));
  const ground = (e) => {
    const chain = [];
    for (; e; e = e.parentElement) chain.push(rgb(getComputedStyle(e).backgroundColor));
    return chain.reverse().reduce((below, c) => over(c, below, c[3] ?? 1), [255, 255, 255]);
  };
  const found = [];
  const roots = document.querySelectorAll(
    ".st-key-strip p, [data-testid=stTopNavSection], h1, .st-key-page-question p, [data-testid=stPopoverBody] p");
  for (const e of roots) {
    if (!e.innerText?.trim() || getComputedStyle(e).fontSize === "0px") continue;
    let alpha = 1;
    for (let up = e; up; up = up.parentElement) alpha *= Number(getComputedStyle(up).opacity);
    const back = ground(e), ink = rgb(getComputedStyle(e).color);
    const [a, b] = [light(over(ink, back, alpha * (ink[3] ?? 1))), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${e.innerText.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
