"""A run's log as a picture: how loss and mIoU went, one line per network."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.training.run import losses
from core.viz.palettes import OKABE_ITO


def figure(folder: Path) -> go.Figure:
    """Two charts over the number of batches: the loss, and the mIoU on crops that were about to be learned."""
    entries = losses(folder)
    chart = make_subplots(rows=1, cols=2, subplot_titles=("loss", "mIoU on training crops"))
    names = dict.fromkeys(name for entry in entries for name in entry["loss"])
    for index, name in enumerate(names):
        for column, quantity in enumerate(("loss", "miou"), start=1):
            points = [(e["step"], e[quantity][name]) for e in entries if name in e.get(quantity, {})]
            chart.add_scatter(
                x=[x for x, _ in points], y=[y for _, y in points], name=name, legendgroup=name,
                showlegend=column == 1, line_color=OKABE_ITO[index % len(OKABE_ITO)], row=1, col=column,
            )  # fmt: skip
    chart.update_xaxes(title_text="batches")
    return chart


def write(folder: Path) -> Path:
    """Draw the log of the run in ``folder`` into its ``curves.html``, which needs no network; returns the file."""
    file = folder / "curves.html"
    figure(folder).write_html(file, include_plotlyjs=True)
    return file
