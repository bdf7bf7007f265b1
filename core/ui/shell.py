"""The script that Streamlit runs for every visitor: language, picture, navigation, and the page that was asked for."""

from __future__ import annotations

import time

import streamlit as st

from core import telemetry
from core.errors import SegScopeError
from core.ui import language, picker, queue_notice, state, tools, words
from core.ui.language import gettext as _
from core.ui.story import available, groups, opening


def main() -> None:
    """Draw the frame, then the page inside it."""
    began = time.perf_counter()
    state.begin()
    language.begin()
    queue_notice.begin()
    page = st.navigation(groups(), position="top")
    st.set_page_config(
        page_title=f"{page.title} · SegScope",
        page_icon="🔬",
        layout="wide",
        menu_items={"About": "**SegScope** · Apache-2.0"},
    )
    words.begin(page.url_path or available()[0].name)
    picker.begin(opening(page.url_path) or picker.DEFAULT)
    state.opened()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="strip"):
        picker.draw()
        words.draw()
        tools.draw()
        language.switch()
    picker.say_lost()
    repaired = st.container()  # filled last: the page reads the address
    try:
        page.run()
    except SegScopeError as error:
        st.error(language.translate_error(error))
    finally:
        with repaired:
            _say_repaired()
        state.end()
        telemetry.reran(page.url_path or available()[0].name, time.perf_counter() - began)


def _say_repaired() -> None:
    """One line where the address names what does not exist."""
    if odd := state.odd():
        names = ", ".join(f"`{name}`" for name in odd)
        with st.container(key="odd-address"):
            st.markdown(
                _("The address names what does not exist ({names}): the default is shown instead.").format(names=names)
            )


if __name__ == "__main__":
    main()
