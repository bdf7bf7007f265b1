"""The report of ``stress`` as one HTML file: curves as SVG, the worst photos inside it, nothing fetched."""

from __future__ import annotations

import base64
import html as escaping
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.passes.stress import answers, kinds
from core.passes.stress.answers import Curve
from core.pictures.images import encode_jpeg
from core.pictures.labels import VOC
from core.viz.overlays import classes_over

Bytes = npt.NDArray[np.uint8]
SHOWN = 6
"""Photos that are shown: those that hold least."""
_STYLE = """\
:root { color-scheme: light dark; --line: #8886; --accent: #0072b2; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.2rem; }
figure { margin: 0; } figcaption { font-weight: 600; } p.note { margin: 0; font-size: 0.9rem; }
svg { width: 100%; } svg text { font-size: 11px; fill: currentColor; }
.axis { stroke: var(--line); } .level { stroke: currentColor; stroke-dasharray: 2 4; opacity: 0.6; }
.one { fill: none; stroke: currentColor; opacity: 0.25; } .mean { fill: none; stroke: var(--accent); stroke-width: 3; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; margin-bottom: 1.2rem; } img { width: 100%; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid var(--line); }
td + td, th + th { text-align: right; font-variant-numeric: tabular-nums; }"""


class Sample(NamedTuple):
    """One photo's part of the report.

    Attributes:
        file: its name.
        network: registry name.
        curves: by disturbance.
        pixels, clean: at the working scale, and the answer to it.
        worst: the disturbance under which the answer holds least.
        strength: at which it was lowest.
        disturbed, now: the photo then, and the answer to it.
    """

    file: str
    network: str
    curves: Mapping[str, Curve]
    pixels: Bytes
    clean: Bytes
    worst: str
    strength: int
    disturbed: Bytes
    now: Bytes


def mean_curve(samples: Sequence[Sample], kind: str) -> Curve:
    """The mean agreement over all photos at each strength."""
    strengths = samples[0].curves[kind].strengths
    values = np.mean([sample.curves[kind].values for sample in samples], axis=0)
    return Curve(strengths, tuple(float(v) for v in values))


def _plot(samples: Sequence[Sample], name: str) -> str:
    kind, mean = kinds.KINDS[name], mean_curve(samples, name)
    width, height, left, bottom = 300, 170, 34, 20

    def points(curve: Curve) -> str:
        return " ".join(
            f"{left + s / kind.high * (width - left - 6):.1f},{6 + (1 - v) * (height - bottom - 6):.1f}"
            for s, v in zip(curve.strengths, curve.values, strict=True)
        )

    lines = [f'<polyline class="one" points="{points(sample.curves[name])}"/>' for sample in samples[:60]]
    grid = "".join(
        f'<line class="{look}" x1="{left}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{left - 4}" y="{y + 4:.1f}" text-anchor="end">{v:.0%}</text>'
        for v, look in ((0.0, "axis"), (answers.BROKEN, "level"), (1.0, "axis"))
        for y in (6 + (1 - v) * (height - bottom - 6),)
    )
    ends = (
        f'<text x="{left}" y="{height - 4}">0</text>'
        f'<text x="{width - 6}" y="{height - 4}" text-anchor="end">{kind.words(kind.high)}</text>'
    )
    at = mean.breaks()
    note = "never breaks on average" if at is None else f"breaks at {kind.words(round(at, 1))} on average"
    return (
        f'<figure><figcaption>{kind.title}</figcaption><svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{kind.title}: agreement over strength">{grid}{"".join(lines)}'
        f'<polyline class="mean" points="{points(mean)}"/>{ends}</svg>'
        f'<p class="note">mean agreement {mean.mean:.2f}, {note}</p></figure>'
    )


def _picture(pixels: Bytes, ids: Bytes, words: str) -> str:
    data = base64.b64encode(encode_jpeg(classes_over(pixels, ids, VOC), 82)).decode()
    safe = escaping.escape(words)
    return f'<figure><img src="data:image/jpeg;base64,{data}" alt="{safe}"><p class="note">{safe}</p></figure>'


def html(title: str, samples: Sequence[Sample], chosen: Sequence[str]) -> str:
    """The whole document.

    Args:
        title: the network's.
        samples: at least one photo.
        chosen: the disturbances, in order.
    """
    order = sorted(samples, key=lambda sample: np.mean([curve.mean for curve in sample.curves.values()]))
    rows = "".join(
        f"<tr><td>{escaping.escape(sample.file)}</td><td>{np.mean([c.mean for c in sample.curves.values()]):.2f}</td>"
        f"<td>{kinds.KINDS[sample.worst].title}</td><td>{sample.curves[sample.worst].mean:.2f}</td></tr>"
        for sample in order
    )
    pairs = "".join(
        '<div class="pair">'
        + _picture(sample.pixels, sample.clean, f"{sample.file}, clean")
        + _picture(
            sample.disturbed,
            sample.now,
            f"{kinds.KINDS[sample.worst].title}, {kinds.KINDS[sample.worst].words(sample.strength)}: "
            f"agreement {min(sample.curves[sample.worst].values):.2f}",
        )
        + "</div>"
        for sample in order[:SHOWN]
    )
    number = f"{len(samples)} photo{'s' if len(samples) > 1 else ''}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stress: {escaping.escape(title)}</title><style>
{_STYLE}
</style></head><body>
<h1>{escaping.escape(title)} under stress</h1>
<p>{number}, {len(chosen)} disturbances at a shorter side of {min(samples[0].pixels.shape[:2])} pixels. Agreement is the
mean IoU of the answer with the network's own answer to the clean photo: it says how well an answer holds, not whether
it is right. Thin lines are photos, the thick line is their mean; an answer is broken at {answers.BROKEN:.0%}.</p>
<div class="curves">{"".join(_plot(samples, name) for name in chosen)}</div>
<h2>Photos, those that hold least first</h2>
<table><tr><th>photo</th><th>mean agreement</th><th>worst under</th><th>agreement there</th></tr>{rows}</table>
<h2>The worst, before and after</h2>
{pairs}
</body></html>
"""
