"""One heatmap, and all masks of a photo, against bare forward passes of the same networks; a warm rerun per page."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from core.bench.report import Measurement
from core.models import segmenters

SHELL = Path(__file__).parents[1] / "ui" / "shell.py"


def in_turns(repeats: int, *functions: Callable[[], object]) -> list[list[float]]:
    """Seconds of every call: one after the other, again and again, so that a slow spell of the machine hits them all.

    Each is called twice before, unmeasured: the first pass of a size sets things up. Every round begins with another
    one, because whoever comes second finds warm caches.
    """
    for function in functions * 2:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for turn in range(repeats):
        for k in range(len(functions)):
            i = (turn + k) % len(functions)
            began = time.perf_counter()
            functions[i]()
            times[i].append(time.perf_counter() - began)
    return times


def heatmap(repeats: int, model: str = "efficientnet-lite0", sample: str = "kitten", side: int = 448) -> Measurement:
    """Everything between a picture and its grid of probabilities (cutting, scaling, normalising, the pass, softmax,
    packing as float16) against the pass alone, on an input that is ready."""
    from core.engine import inference
    from core.passes import heatmaps
    from core.pictures import images

    view, picture = heatmaps.View("whole", side), images.sample(sample)
    loaded = inference.load(model)
    network, x = heatmaps.converted(loaded), loaded.prepare(view.render(picture.pixels))
    whole, bare = in_turns(
        repeats,
        lambda: heatmaps.scan(loaded, picture, view),
        lambda: inference.run(lambda: network(x)),
    )
    height, width = x.shape[-2:]
    return Measurement(
        what=f"heatmap in one pass ({model}, {width} x {height})",
        value=1000 * median(whole),
        unit="ms",
        against="bare forward pass of the converted network",
        baseline=1000 * median(bare),
        samples=repeats,
    )


def comparison(repeats: int, sample: str = "kitten", side: int = 512) -> Measurement:
    """Every network on one photo, from its pixels to class ids at its own size (scaling, normalising, the pass,
    interpolating, choosing), against the bare forward passes of the same networks on inputs that are ready."""
    import numpy as np
    from PIL import Image

    from core.engine import inference
    from core.passes.segmentation import brought_to_size, segment
    from core.pictures import images

    photo = Image.fromarray(images.sample(sample).pixels)
    photo.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture = images.decode(images.encode_png(np.asarray(photo)))
    models = [inference.load(name) for name in segmenters.networks()]
    inputs = [m.prepare(brought_to_size(m.spec, picture.pixels)) for m in models]

    def whole() -> None:
        for model in models:
            segment(model, picture)

    def bare() -> None:
        for model, x in zip(models, inputs, strict=True):
            inference.run(model.module, x)

    theirs, ours = in_turns(repeats, bare, whole)
    return Measurement(
        what=f"all {len(models)} networks on one photo ({photo.width} x {photo.height})",
        value=1000 * median(ours),
        unit="ms",
        against="their bare forward passes, one after the other",
        baseline=1000 * median(theirs),
        samples=repeats,
    )


def reruns(repeats: int) -> Iterator[Measurement]:
    """What a warm rerun of each page's script takes: the whole script as after a click, every network loaded and every
    cache warm, no browser."""
    from streamlit.testing.v1 import AppTest

    from core.engine import inference
    from core.ui.story import available

    logging.getLogger("streamlit").setLevel(logging.ERROR)  # it warns that there is no server, which is the point
    inference.wait_until_ready()
    for entry in available():
        app = AppTest.from_file(str(SHELL), default_timeout=300).run()
        app.switch_page(str(entry.file))
        (times,) = in_turns(repeats, app.run)
        yield Measurement(f"warm rerun of the page {entry.name}", 1000 * median(times), "ms", samples=repeats)
