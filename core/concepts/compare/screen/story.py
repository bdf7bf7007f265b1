"""The chapter on one line, each step linked with the same photo and pixel; and what the comparison does not say."""

from __future__ import annotations

import streamlit as st

from core.concepts.compare.screen.more import networks
from core.models import measured, segmenters
from core.models.registry import spec
from core.ui import page, picker, state
from core.ui.chapters import CHAPTERS
from core.ui.language import gettext as _
from core.ui.story import pages


def timeline(pin: tuple[int, int]) -> None:
    """FCN to DeepLabv3+: the problem that each solved, and the way to its page.

    Args:
        pin: the pinned pixel in thousandths of width and height.
    """
    there = pages()
    sample = picker.current_sample()
    query = {state.PIN: f"{pin[0]}.{pin[1]}"} | ({"img": sample.key} if sample else {})
    for first in range(0, len(CHAPTERS), 3):
        for column, number in zip(st.columns(3), range(first, first + 3), strict=True):
            chapter = CHAPTERS[number]
            with column, st.container(border=True, height="stretch"):
                st.markdown(f"**{number + 1}. {chapter.name}** · {chapter.source.venue} {chapter.source.year}")
                st.markdown(_(chapter.problem) + "  \n→ " + _(chapter.idea))
                if chapter.page in there:
                    st.page_link(
                        there[chapter.page],
                        label=_("Open the page “{name}” with this photo and pixel").format(name=chapter.name),
                        query_params=query,
                    )


def honest_box() -> None:
    """What the table shows and what it cannot."""
    names, run = segmenters.networks(), measured.comparison()
    own = [_(spec(name).title) for name in names if not spec(name).encoder]
    theirs = [_(spec(name).title) for name in networks() if name not in names]
    with page.honest_box():
        if run is not None:
            st.markdown(
                _(
                    "**A controlled comparison, as far as it goes.** {names} read the same encoder, MobileNetV2 as the"
                    " DeepLab authors released it, which rests. They learned together: each from all {batches} batches"
                    " of {batch} pieces of {pictures} photos, in the same order, with the same schedule. A difference"
                    " between them is mostly a difference of the idea, and partly chance: one training run each."
                ).format(
                    names=", ".join(_(spec(name).title) for name in names if name in run.names),
                    batches=f"{run.batches:,}",
                    batch=run.batch,
                    pictures=f"{sum(run.pictures.values()):,}",
                )
            )
            if run.teacher in names:
                st.markdown(
                    _(
                        "**{title} stands beside them as a reference.** It is the network that its authors trained on"
                        " ImageNet, MS-COCO and PASCAL VOC, on far more pictures; its encoder is the shared one, and"
                        " its answers taught the others beside the masks."
                    ).format(title=_(spec(run.teacher).title))
                )
        if own:
            st.markdown(
                _(
                    "**Not part of it:** {names}. They have their own topology, learned from scratch and see a smaller"
                    " picture, so what they lose says little about their idea."
                ).format(names=", ".join(own))
            )
        if theirs:
            st.markdown(
                _(
                    "**Torchvision’s weights, trained on COCO:** {names}. Another encoder, far more pictures and a"
                    " shorter side of {side} pixels: what they do better says what those are worth, and little about"
                    " the idea."
                ).format(names=", ".join(theirs), side=spec(segmenters.optional()[0]).short_side)
            )
        st.markdown(
            _(
                "**Our scores and the papers’ do not compare.** Ours are on a subset of VOC with small networks; theirs"
                " on the official sets with large ones, often trained on more data. And the papers’ figures differ"
                " among themselves in their data: read the column beside each."
            )
        )
        st.markdown(
            _(
                "**Agreement is not truth.** Networks that learned from the same pictures can make the same mistakes."
                " Where all agree they can all be wrong; it takes a reference to tell."
            )
        )
        st.markdown(
            _(
                "**Milliseconds depend on the machine**, and on who else uses it now. The order of the"
                " multiply-adds need not be the order of the times: a small map with many channels and a large map with"
                " few keep a processor busy in different ways."
            )
        )
