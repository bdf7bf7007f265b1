"""The script that Streamlit runs for every visitor: language, picture, navigation, and the page that was asked for."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path

import streamlit as st

from core.errors import N_, SegScopeError
from core.ui import language, picker, queue_notice, state, telemetry
from core.ui.story import available, pages

_UPLOAD = N_("Choose a file or drop it here")


@cache
def _style(code: str) -> str:
    """The style of every page, with words in the language ``code`` where Streamlit has English ones, and with that
    language's own rules (``shell_ko.css``): they must be there before its first text."""
    words = json.dumps(language.catalogue(code).gettext(_UPLOAD), ensure_ascii=False)
    here = Path(__file__)
    files = (here.with_suffix(".css"), here.with_name(f"shell_{code}.css"))
    css = "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
    return f"<style>:root {{ --words-of-upload: {words}; }}\n{css}</style>"


def main() -> None:
    """Draw the frame, then the page inside it."""
    began = time.perf_counter()
    st.set_page_config(
        page_title="SegScope", page_icon="🔬", layout="wide", menu_items={"About": "**SegScope** · Apache-2.0"}
    )
    state.begin()
    language.begin()
    st.html(_style(language.current()))
    picker.begin()
    queue_notice.begin()
    page = st.navigation(list(pages().values()), position="top")
    state.opened()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="strip"):
        picker.draw()
        language.switch()
    try:
        page.run()
    except SegScopeError as error:
        st.error(language.translate_error(error))
    finally:
        state.end()
        telemetry.reran(page.url_path or available()[0].name, time.perf_counter() - began)


if __name__ == "__main__":
    main()
