"""A browser behind nginx whose replica dies."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.support.pictures import GOOD
from tests.support.replicas import NGINX, balancer
from tests.support.visits import Visit, ready


@pytest.mark.skipif(NGINX is None, reason="no nginx: its tests need one (apt-get install nginx-light)")
def test_page_moves_to_the_other_replica_and_keeps_what_its_address_says(browser: Browser) -> None:
    with tempfile.TemporaryDirectory(prefix="segscope-") as folder, balancer(Path(folder)) as hall:
        context = browser.new_context(locale="en-US")
        try:
            here = Visit(context.new_page(), hall.address)
            page = here.open("/transposed?lang=ko&k=4&img=dog")
            assert here.complaints == here.foreign == []
            kernel = page.get_by_role("spinbutton", name="커널 k")
            expect(kernel).to_have_value("4")
            runs = here.runs
            (cookie,) = (c for c in context.cookies() if c.get("name") == "segscope_at")
            hall.replicas[int(cookie.get("value", "")) - 1].kill()

            page.wait_for_function("document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState"
                                   " !== 'CONNECTED'")  # fmt: skip
            while here.runs == runs:  # until the other one has run the page, it is the one that the dead one drew
                ready(page)
            ready(page)
            expect(kernel).to_have_value("4")
            expect(page.locator("html")).to_have_attribute("lang", "ko")
            expect(page).to_have_url(re.compile(r"/transposed\?lang=ko&k=4&img=dog$"))
            kernel.fill("3")
            kernel.press("Enter")
            expect(page).to_have_url(re.compile(r"/transposed\?lang=ko&img=dog$"))
            page.get_by_role("button", name="사진 바꾸기").click()
            photo = FilePayload(name="dach.jpg", mimeType="image/jpeg", buffer=GOOD)
            page.locator("input[type=file]").set_input_files(photo)
            expect(page.get_by_text("dach.jpg, 320 × 240")).to_be_visible()
            (moved,) = (c for c in context.cookies() if c.get("name") == "segscope_at")
            assert moved.get("value") != cookie.get("value")
        finally:
            context.close()
