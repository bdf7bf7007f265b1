"""The code under the page of PSPNet runs as it stands and prints the classes of the mask on screen."""

from __future__ import annotations

import numpy as np
import pytest

from core import context, images, inference, snippets_pspnet
from core.labels import VOC
from tests.test_snippets_deeplab import printed


@pytest.mark.parametrize(("key", "on"), [("cat", (True,) * 4), ("dog", (False, True, True, False))])
def test_prints_what_is_shown(key: str, on: tuple[bool, ...]) -> None:
    picture = images.sample(key)
    path = next(str(sample.path) for sample in images.SAMPLES if sample.key == key)
    ids = context.pspnet(context.look(inference.load("pspnet"), picture), on).ids
    shown = {VOC[i]: n / ids.size for i, n in enumerate(np.bincount(ids.ravel())) if n}
    assert printed(snippets_pspnet.pyramid(picture, path, on)) == pytest.approx(shown, abs=6e-5)
