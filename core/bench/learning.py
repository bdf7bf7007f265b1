"""What the page about training promises, measured: ``python -m core.bench learning [--only run] [--write]``.

A small network that learns for half a minute, strokes alone and in a browser, strokes on VOC's test pictures, and what
other visitors feel of four trainings. Each part has a report of its own in ``core/bench/results``, of which
``docs/training.md`` is made; of pictures a report holds nothing but means.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from core import machine
from core.bench import learning_browser, learning_load, report
from core.bench.findings import RESULTS, Finding, Load, line, say
from core.errors import SegScopeError

if TYPE_CHECKING:
    from core.passes.learning.strokes import Maps, Stroke
    from core.pictures.images import Picture
    from core.pictures.reference import Bytes

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "training.md"
DATA = ROOT.parent / "shared" / "data"
SECONDS = 30
"""For which a run learns."""
STROKES = (3, 6, 8)
"""After how many of them a head is scored."""
SIZE = (512, 384)


# -------------------------------------------------------------------------------------------------------- half a minute


def a_run(load: Load, repeats: int) -> None:
    """The default run for :data:`SECONDS` of processor time, which is what an idle core gives it, ``repeats`` times: on
    one thread and through the queue as on the page."""
    from core.engine import inference
    from core.passes.learning.run import Options, Training
    from core.passes.learning.trainer import Trainer

    inference.wait_until_ready()
    first, pace, found, lasted = [], [], [], []
    for _ in range(repeats):
        run = Training(Options())
        inference.run(run.look)
        worker, began, computed = Trainer([run]), time.perf_counter(), time.process_time()
        worker.start()
        while len(run.kept()) < 2:
            time.sleep(0.005)
        first.append(time.process_time() - computed)
        while time.process_time() - computed < SECONDS and not worker.finished.wait(0.1):
            worker.watch()
        pace.append(run.step / (time.process_time() - computed))
        worker.stop()
        worker.finished.wait(10)
        found.append(run.kept()[-1].found)
        lasted.append(time.perf_counter() - began)
    best, idle = f"best of {repeats}", "of processor time"
    load.add(f"seconds {idle} until the first mask, {best}", min(first), "s", 2)
    load.add(f"steps of the default run for each second {idle}, {best}", max(pace), "", least=15)
    load.add(f"IoU on held-out pictures after {SECONDS} s {idle}, {best}", max(found), "", least=0.65)
    load.add(f"IoU on held-out pictures after {SECONDS} s {idle}, worst of {repeats}", min(found), "")
    load.add(f"seconds by the clock that these {SECONDS} took, {best}", min(lasted), "s")


# ------------------------------------------------------------------------------------------------------------ strokes


def sized(key: str) -> tuple[Picture, Bytes]:
    """A sample of :data:`SIZE` pixels, and where its object is."""
    import numpy as np
    from PIL import Image

    from core.passes.learning import simulated
    from core.pictures import images, reference

    sample = images.sample(key)
    found = reference.bundled(sample)
    assert found is not None
    pixels = np.asarray(Image.fromarray(sample.pixels).resize(SIZE, Image.Resampling.LANCZOS))
    ids = np.asarray(Image.fromarray(found.ids).resize(SIZE, Image.Resampling.NEAREST))
    truth = simulated.main_object(ids)
    assert truth is not None
    return images.decode(images.encode_png(pixels), key), truth


def strokes_alone(load: Load, repeats: int) -> None:
    """A head from six strokes on a photo of :data:`SIZE`: learning by itself, and with its mask, without a browser."""
    from core.engine import inference
    from core.passes.learning import simulated, strokes

    inference.wait_until_ready()
    picture, truth = sized("kitten")
    maps = strokes.maps(picture)
    known = simulated.drawn(maps, truth, 6)
    alone, whole = [], []
    for _ in range(max(3, 3 * repeats)):
        began = time.perf_counter()
        head = inference.run(strokes.learn, maps, known, strokes.STRIDES).value
        alone.append(time.perf_counter() - began)
        inference.run(strokes.mask, head, maps)
        whole.append(time.perf_counter() - began)
    size = "{} x {}".format(*SIZE)
    load.add(f"learning from six strokes at {size}, best of {len(alone)}", min(alone), "s")
    load.add(f"learning from six strokes at {size}, median", median(alone), "s")
    load.add(f"the same and its mask, median of {len(whole)}", median(whole), "s")


# ------------------------------------------------------------------------------------------------------ test pictures


def _score(maps: Maps, known: Sequence[Stroke], truth: Bytes) -> float:
    from core.passes.learning import simulated, strokes

    return simulated.score(strokes.mask(strokes.learn(maps, known, strokes.STRIDES), maps), truth)


def on_test_pictures(load: Load, data: Path, count: int) -> None:
    """Simulated strokes on the object of ``count`` pictures of VOC's test list, evenly spread over it.

    Raises:
        core.training.data.DataError: there is no such list.
    """
    import numpy as np

    from core.engine import inference
    from core.passes.learning import simulated, strokes
    from core.pictures import images, reference
    from core.training.data import names_of

    inference.wait_until_ready()
    folder = data / "voc"
    names = names_of(data, "voc", "test")
    chosen = names[:: max(1, len(names) // count)][:count]
    scores: dict[int, list[float]] = {number: [] for number in STROKES}
    for name in chosen:
        picture = images.decode((folder / "images" / f"{name}.jpg").read_bytes(), name)
        truth = simulated.main_object(reference.decode((folder / "masks" / f"{name}.png").read_bytes(), picture).ids)
        if truth is None or not {0, 1} <= set(np.unique(truth).tolist()):
            continue  # nothing to be told apart
        maps = strokes.maps(picture)
        known = simulated.drawn(maps, truth, max(STROKES))
        for number, found in scores.items():
            found.append(_score(maps, known[:number], truth))
    load.add("VOC test pictures with simulated strokes", len(scores[STROKES[0]]), "")
    for number, found in scores.items():
        load.add(f"mean IoU after {number} simulated strokes", mean(found), "")
        load.add(f"median IoU after {number} simulated strokes", median(found), "")


# ------------------------------------------------------------------------------------------------------------- program

PARTS = ("run", "strokes", "browser", "pictures", "load")


def measure(part: str, chosen: argparse.Namespace) -> Load:
    """One part of :data:`PARTS`."""
    load = Load()
    if part == "run":
        a_run(load, chosen.repeats)
    elif part == "strokes":
        strokes_alone(load, chosen.repeats)
    elif part == "browser":
        learning_browser.in_browser(load, chosen.repeats)
    elif part == "pictures":
        on_test_pictures(load, chosen.data, chosen.pictures)
    else:
        load = learning_load.beside_trainings(chosen.trainings)
    return load


def _finding(one: dict[str, Any]) -> Finding:
    return Finding(one["what"], one["value"], one["unit"], one["target"], one["least"])


def markdown(folder: Path = RESULTS) -> str:
    """All reports as one list, each part with its machine; nothing where nothing was measured."""
    parts = []
    for part in PARTS:
        file = folder / f"learning_{part}.json"
        if file.is_file():
            data = json.loads(file.read_text(encoding="utf-8"))
            lines = [f"- {line(_finding(one))}" for one in data["findings"]]
            where = ", ".join(f"{key} {text}" for key, text in data["machine"].items())
            parts.append("\n".join([f"`--only {part}`, on {where}:", "", *lines]))
    return "\n\n".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where a target was missed."""
    options = argparse.ArgumentParser(prog="python -m core.bench learning", description=__doc__)
    options.add_argument("--only", choices=PARTS, action="append", help="measure this part only (may be repeated)")
    options.add_argument(
        "--repeats", type=int, default=3, help="runs of half a minute, and strokes three times as many"
    )
    options.add_argument("--pictures", type=int, default=100, help="of VOC's test list")
    options.add_argument("--trainings", type=int, default=4, help="visitors who train beside the others")
    options.add_argument("--data", type=Path, default=DATA, help="the data folder with voc in it")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results and docs/training.md")
    chosen = options.parse_args(arguments)
    if min(chosen.repeats, chosen.pictures, chosen.trainings) < 1:
        options.error("at least 1 repeat, 1 picture and 1 training")
    status = 0
    for part in chosen.only or PARTS:
        where = machine.here()
        try:
            load = measure(part, chosen)
        except SegScopeError as error:
            print(error, file=sys.stderr)
            return 1
        status |= say(f"learning_{part}", load, where, chosen.json, chosen.write)
    if chosen.write:
        report.into_readme(GUIDE, markdown())
    return status
