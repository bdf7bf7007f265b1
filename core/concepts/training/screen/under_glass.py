"""The third step: one pixel and one weight, from the prediction to the new weight, with real numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.concepts.training import snippet
from core.concepts.training.screen import lab as labs
from core.concepts.training.screen.pixel_picker import DEFAULT, pixel_picker
from core.engine import inference
from core.passes.learning import glass, tasks
from core.passes.learning.glass import Pixel
from core.ui import page, state
from core.ui.language import gettext as _

RATE = 0.5
"""Of the step that is shown; one pixel alone may take a large one."""
WIDTH = 8


def under_glass() -> None:
    """Draw the step."""
    st.markdown(
        _(
            "One pixel of a held-out picture, and one weight of the last layer, a 1×1 convolution. The network is the"
            " one of the first step, as far as you let it learn."
        )
    )
    if not inference.ready():
        page.waiting_for_torch()
        return
    from core.passes.learning.run import Options

    task = tasks.task("shapes")
    run = labs.of("watch-" + task.name, (Options(task=task.name),)).runs[0]
    names = [_(name) for name in task.classes]
    picker = st.container()  # drawn when the sliders below have said which picture and pixel it shows
    one, two = st.columns(2, gap="large")
    with one:
        picture = state.slider(_("Picture"), "picture", 1, tasks.SHOWN, 1)
        row, column = (
            state.slider(title, name, 0, tasks.SIDE - 1, default)
            for title, name, default in zip((_("Row"), _("Column")), ("row", "column"), DEFAULT, strict=True)
        )
        codes = {str(number): name for number, name in enumerate(names)}
        label = int(state.choice(_("Weight for class"), "to", codes, "3", format_func=codes.__getitem__))
        feature = state.slider(_("From feature"), "from", 1, WIDTH, 5) - 1
    with picker:
        pixel_picker(task.name, picture - 1, (row, column), run.kept()[-1])
    seen = inference.run(glass.pixel, run, picture - 1, row, column).value
    after = seen.after(RATE)
    with two:
        st.markdown(_told(seen, after, names, label, feature))
    _path(run, label, feature)
    page.copy_as_pytorch(snippet.one_step(seen, label, feature, RATE))


def _told(seen: Pixel, after: Pixel, names: Sequence[str], label: int, feature: int) -> str:
    """From the prediction to the new weight, line by line."""
    shares = ", ".join(f"{name} {share:.1%}" for name, share in zip(names, seen.shares, strict=True))
    value, slope = seen.features[feature], seen.gradient[label, feature]
    lines = [
        _("Truth: **{name}**. Prediction: {shares}.").format(name=names[seen.truth], shares=shares),
        _("Loss: −log {share:.4f} = **{loss:.4f}**").format(share=seen.shares[seen.truth], loss=seen.loss),
        _("Gradient: (p − {one}) × f = {wrong:.4f} × {value:.4f} = **{slope:.4f}**").format(
            one=int(label == seen.truth),
            wrong=seen.shares[label] - (label == seen.truth),
            value=value,
            slope=slope,
        ),
        _("Update: {old:.4f} − {rate} × {slope:.4f} = **{new:.4f}**").format(
            old=seen.head[label, feature], rate=RATE, slope=slope, new=after.head[label, feature]
        ),
        _("Loss of this pixel after the step, in which all weights of the layer move: **{loss:.4f}**").format(
            loss=after.loss
        ),
    ]
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    text += "\n\n" + _(
        "p is the probability of the weight’s class, f the value of its feature at this pixel; what is taken from p is"
        " one for the true class and zero for all others. {rate} is the learning rate of this step."
    ).format(rate=RATE)
    if value == 0:
        text += "\n\n" + _("This feature is 0 here, so this weight has no part in the answer and does not move.")
    return text


def _path(run: object, label: int, feature: int) -> None:
    """The weight's way so far."""
    from core.passes.learning.run import Training

    assert isinstance(run, Training)
    frames = run.kept()
    values = np.array([frame.head[label, feature] for frame in frames])
    if len(values) < 2:
        st.caption(_("Let the network of the first step learn, and the way of this weight is drawn here."))
        return
    chart = go.Figure(go.Scatter(x=[frame.step for frame in frames], y=values, mode="lines"))
    chart.update_layout(
        height=220, margin={"l": 10, "r": 10, "t": 30, "b": 10}, title=_("The way of this weight so far"),
        xaxis_title=_("steps"),
    )  # fmt: skip
    st.plotly_chart(chart, key="training-path")
