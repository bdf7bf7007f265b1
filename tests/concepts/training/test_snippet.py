"""The snippet prints the numbers of the page, to six digits."""

from __future__ import annotations

import numpy as np

from core.concepts.training import snippet
from core.passes.learning.glass import Pixel
from tests.support.printed import printed


def test_it_prints_the_same_numbers() -> None:
    rng = np.random.default_rng(0)
    seen = Pixel(rng.normal(size=8), rng.normal(size=(4, 9)), 2)
    after = seen.after(0.5)
    numbers = (seen.loss, seen.gradient[3, 1], after.head[3, 1], after.loss)
    assert printed(snippet.one_step(seen, 3, 1, 0.5)) == [f"{number:.6f}" for number in numbers]
