"""The three lanes of the race at the FCN paper's 500 x 500 pixels, and the one pass against the bare forward pass."""

from __future__ import annotations

from statistics import median

from core.bench.forward import in_turns
from core.bench.report import Measurement


def lanes(
    repeats: int, model: str = "efficientnet-lite0", sample: str = "kitten", side: int = 500
) -> list[Measurement]:
    """One pass as the race runs it against the bare pass; then windows, in batches and one at a time, against one pass.

    Windows of 224 pixels every 32 pixels (81 of them at 500 x 500) on the sample's central square, with one thread. The
    windows take long, so they are measured a third as often.
    """
    from core.concepts.sliding_window.curve import square
    from core.concepts.sliding_window.race import BATCH
    from core.concepts.sliding_window.track import track_of
    from core.engine import inference
    from core.engine.worker import Worker
    from core.passes import heatmaps
    from core.pictures import images

    loaded = inference.load(model)
    pixels = square(images.sample(sample), side)
    network, x = heatmaps.converted(loaded), loaded.prepare(pixels)
    run, worker = track_of(loaded, pixels, heatmaps.STRIDE, (0,)), Worker(threads=1)
    count = len(run.windows)

    def windows(batch: int) -> None:
        for first in range(0, count, batch):
            worker.turn(lambda first=first: run.ask(run.cut(first, batch)))  # type: ignore[misc]

    def once() -> None:
        worker.watch()
        with worker.checkpoints(*run.networks):
            worker.turn(run.everywhere)

    # the bare pass with the same number of threads, through the same door, without progress and without a way to stop
    lane, bare = in_turns(3 * repeats, once, lambda: worker.turn(lambda: network(x)))
    fewer = max(1, repeats // 3)
    batched, single, beside = in_turns(fewer, lambda: windows(BATCH), lambda: windows(1), once)
    size = f"({model}, {side} x {side}, one thread)"
    pass_ms = 1000 * median(beside)
    return [
        Measurement(
            f"one pass as a lane of the race {size}",
            1000 * median(lane),
            "ms",
            "bare forward pass of the converted network",
            1000 * median(bare),
            3 * repeats,
        ),
        Measurement(f"{count} windows in batches of {BATCH}", 1000 * median(batched), "ms", "one pass", pass_ms, fewer),
        Measurement(f"{count} windows one at a time", 1000 * median(single), "ms", "one pass", pass_ms, fewer),
    ]
