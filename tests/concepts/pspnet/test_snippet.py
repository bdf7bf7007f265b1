"""The code under the page of PSPNet runs as it stands and prints the classes of the mask on screen."""

from __future__ import annotations

import numpy as np
import pytest

from core.concepts.pspnet import snippet
from core.engine import inference
from core.passes import without_parts
from core.pictures import images
from core.pictures.labels import VOC
from tests.concepts.deeplab.test_snippet import printed


@pytest.mark.parametrize(("key", "on"), [("cat", (True,) * 4), ("dog", (False, True, True, False))])
def test_prints_what_is_shown(key: str, on: tuple[bool, ...]) -> None:
    picture = images.sample(key)
    path = next(str(sample.path) for sample in images.SAMPLES if sample.key == key)
    ids = without_parts.pspnet(without_parts.look(inference.load("pspnet"), picture), on).ids
    shown = {VOC[i]: n / ids.size for i, n in enumerate(np.bincount(ids.ravel())) if n}
    assert printed(snippet.pyramid(picture, path, on)) == pytest.approx(shown, abs=6e-5)
