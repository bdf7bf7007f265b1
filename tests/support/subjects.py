"""Small subjects: a part of a sample photo, so that a pass takes little."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image

from core.engine import inference
from core.passes.attribution.question import Question, Subject, look_at
from core.pictures import images

SIZE = (129, 97)
"""Width and height."""


@cache
def subject(name: str) -> Subject:
    """The kitten as network ``name`` sees it."""
    inference.wait_until_ready()
    photo = Image.fromarray(images.sample("kitten").pixels).resize(SIZE, Image.Resampling.BILINEAR)
    return look_at(inference.load(name), np.asarray(photo))


def question(name: str) -> Question:
    """Why the pixel in the middle is what the network says."""
    here = subject(name)
    return Question(here.ranking(*here.place(0.5, 0.5))[0], here.spot(0.5, 0.5))
