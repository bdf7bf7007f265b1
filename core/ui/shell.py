"""The script that Streamlit runs for every visitor: language, picture, navigation, and the page that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from core.errors import N_, SegScopeError
from core.ui import language, picker, state
from core.ui.language import gettext as _

PAGES_FOLDER = Path(__file__).parents[2] / "pages"


class Entry(NamedTuple):
    """A page in the navigation: its file ``pages/<name>.py``, whose name is its address too, and its title."""

    name: str
    title: str


STORY = (
    Entry("home", N_("Overview")),
    Entry("fcn", N_("FCN")),
    Entry("transposed", N_("Transposed convolution")),
    Entry("deconvnet", N_("DeconvNet")),
    Entry("unet", N_("U-Net")),
    Entry("sliding_window", N_("Sliding window")),
    Entry("localization", N_("Localization")),
    Entry("pspnet", N_("PSPNet")),
    Entry("deeplab", N_("DeepLab")),
    Entry("compare", N_("Compare")),
)
"""Every page in the order of the story; the first is the one at ``/``."""


def _pages() -> list[st.Page]:
    return [
        st.Page(
            PAGES_FOLDER / f"{entry.name}.py",
            title=_(entry.title),
            url_path=entry.name,
            default=entry is STORY[0],
        )
        for entry in STORY
        if (PAGES_FOLDER / f"{entry.name}.py").is_file()
    ]


def main() -> None:
    """Draw the frame, then the page inside it."""
    st.set_page_config(page_title="SegScope", page_icon="🔬", layout="wide", menu_items={"About": _about()})
    st.html(Path(__file__).with_suffix(".css"))
    state.begin()
    language.begin()
    picker.begin()
    page = st.navigation(_pages(), position="top")
    state.opened()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="strip"):
        picker.draw()
        language.switch()
    try:
        page.run()
    except SegScopeError as error:
        st.error(language.translate_error(error))
    state.end()


def _about() -> str:
    return "SegScope"


if __name__ == "__main__":
    main()
