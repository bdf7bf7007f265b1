"""In numbers: over which classes the networks disagree, and how large each class is in each mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.concepts.compare.work import Progress
from core.models.registry import spec
from core.pictures.labels import VOC
from core.ui.language import gettext as _


def draw(progress: Progress) -> None:
    """Both, once there are at least two masks."""
    if progress.votes is None:
        with st.container(border=True, height="content" if progress.answers else 260):
            st.markdown(
                _(
                    "{done} of {total} networks have answered. Once all have, this says on how much of the picture they"
                    " agree and what they disagree about."
                ).format(done=len(progress.answers), total=len(progress.names))
            )
            st.caption(_("Below, each network’s shares are listed as soon as it has answered."))
        if progress.answers:
            _areas(progress)
        return
    worst = [(i, share) for i, share in progress.votes.disputed.items() if share and i]
    sentence = _("All networks agree on {share:.1%} of the picture.").format(share=progress.votes.agreement)
    if worst:
        sentence += " " + _("They disagree most about “{name}”: some see it, others do not, on {share:.1%}.").format(
            name=_(VOC[worst[0][0]]), share=worst[0][1]
        )
    st.markdown(sentence)
    _areas(progress)


def _areas(progress: Progress) -> None:
    shares = np.stack([found.areas for found in progress.answers.values()])  # (networks, 21)
    seen = [int(i) for i in shares.max(0).argsort()[::-1] if shares[:, i].max() > 0]
    disputed = progress.votes.disputed if progress.votes else {}
    columns: dict[str, list[Any]] = {_("Class"): [_(VOC[i]) for i in seen]}
    for name, row in zip(progress.answers, shares, strict=True):
        columns[_(spec(name).title)] = [100 * float(row[i]) for i in seen]
    if progress.votes:
        columns[_("disputed")] = [100 * disputed.get(i, 0.0) for i in seen]
    percent = st.column_config.NumberColumn(format="%.1f %%")
    config: dict[str, Any] = dict.fromkeys(list(columns)[1:], percent) | {
        _("Class"): st.column_config.TextColumn(pinned=True)
    }
    st.dataframe(
        columns,
        column_config=config,
        hide_index=True,
        height="content",
        key="compare-areas",
        placeholder="–",
        alt=_("Share of the picture that each class takes in each mask"),
    )
    st.caption(
        _(
            "Share of the picture that each network gives to a class. Disputed: where some networks see the class and"
            " others do not."
        )
    )
