"""The reader's language: English is written in the source, the others come from gettext catalogues.

Import ``gettext`` as ``_``. A text that is written outside a function is marked with :func:`core.errors.N_` and
translated where it is shown, because the language belongs to a session and not to the process.
"""

from __future__ import annotations

import gettext as _gettext
import re
import struct
from functools import cache
from pathlib import Path

import streamlit as st

from core import telemetry
from core.errors import N_, SegScopeError
from core.locale import korean
from core.ui import state, streamlit_internals
from core.ui.component import register

LANGUAGES = {"en": "English", "ko": "한국어"}
"""Code in the URL -> the language's own name, which is never translated."""

DOMAIN = "segscope"
LOCALE_FOLDER = Path(__file__).parents[1] / "locale"
_mark_document = register(__file__)
STREAMLIT = (
    N_("Skip to main content"), N_("App pages"), N_("Main menu"), N_("Link to heading"), N_("Increment"),
    N_("Decrement"), N_("Fullscreen"), N_("Close fullscreen"), N_("Show/hide columns"), N_("Download as CSV"),
    N_("Search"), N_("Copy to clipboard"), N_("System"), N_("Light"), N_("Dark"), N_("About"), N_("Settings"),
    N_("Print"), N_("Stop"), N_("Close"), N_("Theme"), N_("Record screen"), N_("file upload"), N_("progress"),
    N_("Sidebar"), N_("Expand sidebar"), N_("Collapse sidebar"), N_("Running..."),
    N_("Copy version to clipboard"), N_("{type} files are not allowed."),
)  # fmt: skip
"""What Streamlit itself writes in English, on screen or for screen readers."""
_PARAMETER = "lang"
_KEY = "language"


@cache
def catalogue(code: str) -> _gettext.NullTranslations:
    """The catalogue of one language; an empty one, which returns its input, for English and where the file is damaged:
    every page asks here, and so does the apology for whatever fails."""
    if code == "en":
        return _gettext.NullTranslations()
    kind = korean.Translations if code == "ko" else _gettext.GNUTranslations
    try:
        return _gettext.translation(DOMAIN, LOCALE_FOLDER, [code], kind)
    except (OSError, ValueError, struct.error):
        return _gettext.NullTranslations()


def current() -> str:
    """Code of the language of this session; ``en`` outside a session."""
    if not streamlit_internals.in_a_session():
        return "en"
    return str(state.recall(_KEY, "en"))


def gettext(message: str) -> str:
    """``message`` in the reader's language."""
    return catalogue(current()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for ``n`` things in the reader's language; fill in ``{n}`` with ``str.format``."""
    return catalogue(current()).ngettext(singular, plural, n)


_PLACES = {
    "section": N_("section {number}"),
    "table": N_("table {number}"),
    "figure": N_("figure {number}"),
    "abstract": N_("abstract"),
    "results on the VOC 2012 test set": N_("results on the VOC 2012 test set"),
    "results on the VOC 2012 test set, with MS-COCO": N_("results on the VOC 2012 test set, with MS-COCO"),
}
_PLACE = re.compile(r"\b(section|table|figure) ([\d.]+)|\b(abstract)$|^([\d.,]+) s$|(results on .+)$")


def cited(place: str) -> str:
    """Where a figure stands in its paper (``FCN, section 3.1``), or a time in seconds, in the reader's language."""

    def say(found: re.Match[str]) -> str:
        if found[4]:
            return gettext(N_("{seconds} s")).format(seconds=found[4])
        place = found[1] or found[3] or found[5]
        return gettext(_PLACES.get(place, place)).format(number=found[2])

    return _PLACE.sub(say, place)


def translate_error(error: SegScopeError) -> str:
    """The sentence of ``error`` in the reader's language, its values filled in."""
    return gettext(error.message).format(**error.params)


def apologize(error: Exception) -> bool:
    """Say in the reader's language what is wrong; the traceback goes to the log. ``True``: no other notice.

    A sentence of ours arrives here when it was raised in a fragment, whose exceptions the shell does not see.
    """
    telemetry.failed(error)
    if isinstance(error, SegScopeError):
        st.error(translate_error(error))
    else:
        st.error(gettext("Something went wrong on our side. Reload the page, or choose another picture."))
    return True


def guess(locale: str | None) -> str:
    """The best language for a browser's locale, such as ``ko-KR``; English when it is none of ours."""
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def begin() -> None:
    """Settle the language before anything is drawn: the URL, then what was chosen before, then the browser's."""
    if state.url_leads() and (code := state.read_choice(_PARAMETER, LANGUAGES, "")):
        state.remember(_KEY, code)
        st.session_state[_KEY + "_chosen"] = True
    elif _KEY not in st.session_state or state.came_back():
        state.remember(_KEY, guess(st.context.locale))
        st.session_state[_KEY + "_chosen"] = False
    if current() != "en" and not isinstance(catalogue(current()), _gettext.GNUTranslations):
        name = LANGUAGES[current()]
        st.warning(f"{name}: the texts of this language are damaged on this server and are shown in English.")
    if st.session_state.get(_KEY + "_chosen"):
        state.write(_PARAMETER, current())  # a page switch clears the URL


def switch() -> None:
    """The two languages side by side. Their names stay as they are, so the widget survives its own effect."""

    def choose() -> None:
        if (code := st.session_state[_KEY + "_switch"]) not in LANGUAGES:  # nobody's browser sends that
            return
        state.remember(_KEY, code)
        st.session_state[_KEY + "_chosen"] = True
        state.write(_PARAMETER, current())

    st.session_state[_KEY + "_switch"] = current()
    with st.container(key="language", width="content", gap=None):
        st.segmented_control(
            "Language / 언어",
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            required=True,
            key=_KEY + "_switch",
            on_change=choose,
            label_visibility="collapsed",
        )
        _mark_document(
            key="document_language",
            data={
                "language": current(),
                "words": {} if current() == "en" else {text: gettext(text) for text in STREAMLIT},
            },
            height=1,
            on_returned_change=lambda: None,
        )
