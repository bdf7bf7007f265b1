"""The page's snippet runs as it stands and prints the numbers that are on screen."""

from __future__ import annotations

import contextlib
import io

import pytest

from core.concepts.sliding_window import snippet
from core.concepts.sliding_window.bill import bill
from core.concepts.sliding_window.race import Course, Race
from core.concepts.sliding_window.track import windows_of
from core.engine import inference
from core.passes.heatmaps import View
from core.pictures import images


def printed(code: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    return out.getvalue().split()


@pytest.mark.parametrize(
    ("model", "view", "stride", "ids"),
    [
        ("efficientnet-lite0", View("square", 288), 64, (281, 282, 283, 284, 285)),
        ("unet-em", View("square", 224), 64, (0,)),
    ],
)
def test_it_prints_what_is_shown(model: str, view: View, stride: int, ids: tuple[int, ...]) -> None:
    picture = images.sample("cat")
    sample = next(s for s in images.SAMPLES if s.key == "cat")
    windows = windows_of(model, view, picture, stride)
    runner = Race(Course(model, picture.digest, view, stride, 1, ids), picture)
    inference.wait_until_ready(120)
    runner.start()
    assert runner.finished.wait(120)
    assert runner.result is not None
    single, _batched, once = runner.result.lanes
    got = printed(snippet.race(model, picture, str(sample.path), view, windows, ids))
    counted = bill(model, windows)
    if windows.margin:
        assert int(got[0]) == len(windows)
        values, shown = got[1:3], (single.heat.mean(), once.heat.mean())
        assert float(got[3]) < 1e-4
    else:
        assert [int(n) for n in got[:2]] == [windows.rows, windows.columns]
        values, shown = got[2:4], (single.heat.max(), once.heat.max())
    assert [float(v) for v in values] == pytest.approx([float(v) for v in shown], abs=1.1e-3)
    assert [int(n) for n in got[4:6]] == [counted.windows, counted.once]
    assert got[6] == f"{counted.ratio:.1f}"
