"""What a visitor does on /why: pin a pixel, slide through the depths, and come back to the same view."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.visits import Visit, ready, says


def test_a_pin_and_a_depth_stand_in_the_address_and_sliding_asks_nothing(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/why?net=unet")
    ready(page)
    stage = page.locator(".stage").first
    expect(stage).to_be_visible()
    slider = page.locator(".slide input").first
    expect(page.locator(".slide output").first).to_have_text("expanding.3")
    box = stage.bounding_box()
    assert box is not None
    stage.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.5})
    expect(page).to_have_url(re.compile(r"pin=2[45]\d\."))
    ready(page)
    slider.focus()
    sent = here.sent
    page.keyboard.press("Home")
    expect(page.locator(".slide output").first).to_have_text("contracting.0")
    assert here.sent == sent
    says(page, "depth=0")
    assert not here.complaints
