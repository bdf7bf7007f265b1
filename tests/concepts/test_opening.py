"""The photo that a page opens with is one on which the part that it is about matters."""

from __future__ import annotations

import pytest

from core.engine import inference
from core.passes import without_parts
from core.pictures import images
from core.ui import picker, story

pytestmark = pytest.mark.usefixtures("torch_loaded")


@pytest.mark.parametrize("key", [picker.DEFAULT, story.opening("pspnet")])
def test_without_its_pyramid_pspnet_changes_most_of_the_photo_that_its_page_opens_with(key: str) -> None:
    seen = without_parts.look(inference.load("pspnet"), images.sample(key))
    share = without_parts.changed(without_parts.pspnet(seen), without_parts.pspnet(seen, (False,) * 4))
    assert share > 0.5 if key == story.opening("pspnet") else share < 0.1


@pytest.mark.parametrize("key", [picker.DEFAULT, story.opening("deeplab")])
def test_without_image_pooling_deeplab_changes_most_of_the_photo_that_its_page_opens_with(key: str) -> None:
    seen = without_parts.look(inference.load("deeplabv3"), images.sample(key))
    on = (True,) * 4 + (False,)
    share = without_parts.changed(without_parts.deeplab(seen), without_parts.deeplab(seen, on))
    assert share > 0.5 if key == story.opening("deeplab") else share < 0.1
