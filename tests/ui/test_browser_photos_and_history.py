"""Refusals that can be seen, photos that are gone, and the browser's Back with settings, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.pictures import images
from tests.support.paths import ROOT
from tests.support.pictures import GOOD
from tests.support.visits import Visit, page_link, ready, says
from tests.ui.test_browser_shell import open_picker, thumbnail, upload

CORPUS = ROOT / "tests" / "data" / "pictures"
Visits = Callable[..., Visit]


def refusal(page: Page, sentence: str) -> None:
    """The sentence can be read, and no chip of Streamlit's stands beside it."""
    expect(page.get_by_role("alert").filter(has_text=sentence).first).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "large", "document"),
    [
        (
            "en-US",
            "This file is 32.1 MB: reduce the picture to at most 32 MB.",
            "This is a PDF file, and a picture is needed",
        ),
        ("ko-KR", "파일이 32.1MB입니다. 사진을 32MB 이하로 줄이세요.", "사진이 필요한데 PDF 파일입니다."),
    ],
)
def test_refusals_are_read_on_the_page(visit: Visits, tmp_path: Path, locale: str, large: str, document: str) -> None:
    page = visit(locale=locale).open("/")
    page.locator("[data-testid=stPopover] button").first.click()
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff" + bytes(images.MAX_BYTES))
    for _ in range(2):
        page.locator("input[type=file]").set_input_files(file)
        refusal(page, large)
    upload(page, "photo.jpg", b"%PDF-1.7\n" + bytes(100))
    refusal(page, document)


def test_what_the_server_refuses_is_read_on_the_page(visit: Visits) -> None:
    here = visit()
    page = here.open("/")
    open_picker(page)
    sentence = "Too many uploads at once: try again in 3 seconds."
    page.route(
        "**/_stcore/upload_file/**",
        lambda route: (
            route.fulfill(status=429, body=sentence + "\n") if route.request.method == "PUT" else route.abort()
        ),
    )
    upload(page, "dach.jpg", GOOD)
    expect(page.get_by_role("alert").filter(has_text="try again").first).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    here.complaints.clear()  # the browser logs the refusal


def stored(page: Page, *, no: bool = False) -> None:
    """Wait until this tab has a copy of the photo, or has ``no`` longer."""
    for _ in range(300):
        if (page.evaluate("sessionStorage.getItem('segscope-photo')") is None) == no:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"there is {'a' if no else 'no'} copy")


def test_with_one_click_a_photo_outlives_a_reload_and_goes_with_its_tab(visit: Visits) -> None:
    here = visit()
    page = here.open("/")
    open_picker(page)
    upload(page, "IMG_0001.HEIC", (CORPUS / "heif-enc.heic").read_bytes())
    own = page.get_by_alt_text("Your photo")
    expect(own).to_be_visible()
    before = own.evaluate("image => fetch(image.src).then(a => a.blob()).then(b => b.size)")
    assert page.evaluate("sessionStorage.getItem('segscope-photo')") is None  # nothing without consent
    keep = page.get_by_text("Keep it in this tab")
    keep.click()
    stored(page)
    for _ in range(2):  # the consent outlives the reload too
        page.reload()
        expect(page.get_by_alt_text("Your photo")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Your photo is gone")).to_have_count(0)
        says(page, "img=own")
    here.settle()
    assert own.evaluate("image => fetch(image.src).then(a => a.blob()).then(b => b.size)") == before
    other = page.context.new_page()
    other.goto(page.url)
    expect(ready(other).get_by_text("Your photo is gone")).to_be_visible()  # another tab has no copy
    other.close()
    open_picker(page)
    keep.click()
    stored(page, no=True)


def test_a_photo_of_a_phone_survives_pages_and_is_said_to_be_gone_after_a_reload(visit: Visits) -> None:
    page = visit().open("/")
    open_picker(page)
    upload(page, "IMG_0001.HEIC", (CORPUS / "heif-enc.heic").read_bytes())
    expect(page.get_by_alt_text("Your photo")).to_be_visible()
    says(page, "img=own")
    page.reload()
    expect(ready(page).get_by_text("Your photo is gone")).to_be_visible()
    says(page, "img=own", no=True)
    before = thumbnail(page).get_attribute("src")
    page.locator(".st-key-lost-photo input[type=file]").set_input_files(CORPUS / "avifenc.avif")
    expect(page.get_by_text("Your photo is gone")).to_have_count(0)
    expect(thumbnail(page)).not_to_have_attribute("src", before or "")


def test_back_and_forward_over_pages_keep_their_settings(visit: Visits) -> None:
    page = visit().open("/fcn?img=dog&side=320&crop=square")
    slider = page.get_by_role("slider", name="Shorter side in pixels")
    expect(slider).to_have_value("320")
    for name in ("Transposed convolution", "Overview"):
        page_link(page, name).click()
        says(page, {"Overview": "/?img=dog"}.get(name, "/transposed?img=dog"))
        ready(page)
    for address in ("/transposed?img=dog", "/fcn?img=dog&side=320&crop=square"):
        page.go_back()
        says(page, address)
        ready(page)
    expect(slider).to_have_value("320")
    slider.press("ArrowRight")
    says(page, "side=352")
    ready(page).go_back()
    expect(slider).to_have_value("320")
    says(page, "img=dog")


def test_nothing_here(visit: Visits) -> None:
    here = visit(locale="ko-KR")
    answer = here.page.goto(here.server + "/no-such-page")
    assert answer is not None
    assert answer.status == 404
    here.page.get_by_role("link").click()
    expect(ready(here.page).get_by_role("button", name="사진 바꾸기")).to_be_visible()
    here.settle()
    here.complaints.clear()  # the browser logs the status
    here.open("/FCN?side=320")
    says(here.page, "/fcn?side=320")
    here.settle()


def test_odd_settings_are_named_once(visit: Visits) -> None:
    page = visit().open("/fcn?side=7&utm=x")
    expect(page.get_by_text("The address names what does not exist")).to_contain_text("side")
    says(page, "side=7", no=True)
    says(page, "utm=x")
