"""The picture that is carried through every page: a sample or the visitor's own photo.

A sample is named in the URL (``?img=cat``). Of an uploaded photo the URL says only that there is one (``?img=own``): it
lives decoded in the session, beside the samples to choose from, and disappears with the session. Where the URL says so
and the session has none, after a reload or a restart, the reader is told and can choose it again.
"""

from __future__ import annotations

import unicodedata

import streamlit as st

from core.errors import SegScopeError
from core.pictures import images
from core.pictures.images import Picture
from core.ui import kept, kept_pictures, photo_keeper, state, takeaway, thumbnails
from core.ui.component import register
from core.ui.kit.file_gate import contents, file_gate
from core.ui.language import gettext as _
from core.ui.language import translate_error

DEFAULT = images.SAMPLES[0].key
OWN = "own"
"""Stands for the uploaded photo where the others have a sample's key, in the URL too."""

_PARAMETER = "img"
_CHOICE = "picture_choice"
_OPENING = "picture_opening"
_UPLOAD = "picture_upload"
_ERROR = "picture_error"
_LOST = "picture_lost"
_WIDGET = "picture-file"
_AGAIN = "lost-file"

_choices = register(__file__)


def own() -> Picture | None:
    """The photo that the visitor has uploaded, whether it is the chosen picture or not."""
    upload = st.session_state.get(_UPLOAD)
    return upload if isinstance(upload, Picture) else None


def current() -> Picture:
    """The picture of this session."""
    sample = current_sample()
    return images.sample(sample.key) if sample else st.session_state[_UPLOAD]


def current_sample() -> images.Sample | None:
    """What is known of the picture when it is a sample; ``None`` for an uploaded photo."""
    key = st.session_state.get(_CHOICE) or state.recall(_OPENING, DEFAULT)
    return None if key == OWN else next(sample for sample in images.SAMPLES if sample.key == key)


def choose(key: str) -> None:
    """Make a sample, or :data:`OWN` after an upload, the picture of this session."""
    if key == OWN and own() is None:
        return
    st.session_state.pop(_ERROR, None)
    _settle(key)


def _settle(key: str) -> None:
    st.session_state[_CHOICE] = key
    st.session_state.pop(_LOST, None)
    state.write(_PARAMETER, key, state.recall(_OPENING, DEFAULT))


def accept(data: bytes, name: str) -> None:
    """Take an uploaded file. Raises :class:`core.pictures.images.ImageError`, and then the previous picture stays."""
    st.session_state[_UPLOAD] = images.decode(data, name)
    choose(OWN)


def begin(opening: str = DEFAULT) -> None:
    """Settle the picture before anything is drawn.

    Args:
        opening: the sample that the page opens with as long as the visitor has chosen none.
    """
    state.remember(_OPENING, opening)
    codes = [OWN, *(sample.key for sample in images.SAMPLES)]
    if state.url_leads() and (code := state.read_choice(_PARAMETER, codes, "")):
        if code != OWN or own() is not None:
            _settle(code)
        else:
            st.session_state[_LOST] = True
            state.write(_PARAMETER, st.session_state.get(_CHOICE), opening)
    elif (choice := st.session_state.get(_CHOICE)) is not None:
        # Where the URL names no picture, the page's own was shown, or a page switch has cleared the URL.
        if state.came_back():
            del st.session_state[_CHOICE]
        else:
            _settle(choice)


def _offered() -> list[dict[str, str]]:
    """What can be chosen: the visitor's own photo when there is one, then the samples."""
    photo = own()
    first = [{"key": OWN, "title": _("Your photo"), "image": thumbnails.inside(photo)}] if photo else []
    return first + [{"key": s.key, "title": _(s.title), "image": thumbnails.address(s.key)} for s in images.SAMPLES]


def _on_choice() -> None:
    if choice := kept.code("picture_choices", "chosen", (OWN, *(sample.key for sample in images.SAMPLES))):
        choose(choice)


def _on_file(widget: str = _WIDGET) -> None:
    """Take the file and give the visitor an empty widget again; the server lets go of the original bytes at once.

    Streamlit may call this once more for a file that was taken: where only a fragment ran in between, the empty widget
    has not been drawn, and nothing is known under its key.
    """
    file = st.session_state.get(_widget_key(widget))
    if file is None:
        return
    st.session_state[widget] = st.session_state.get(widget, 0) + 1
    try:
        accept(contents(file), photo_keeper.name_of(file.name))
    except SegScopeError as error:
        st.session_state[_ERROR] = error


def _widget_key(widget: str = _WIDGET) -> str:
    return f"{widget}-{st.session_state.get(widget, 0)}"


def _title() -> str:
    sample = current_sample()
    return _(sample.title) if sample else _("Your photo")


def credit() -> str:
    """One line: where the picture comes from."""
    sample = current_sample()
    if sample is None:
        picture = current()
        width, height = picture.original_size
        return _("{name}, {width} × {height} pixels").format(name=_plain(picture.name), width=width, height=height)
    return takeaway.credit(sample)


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that set the direction of what follows, in the rest of the line too."""


def _plain(text: str) -> str:
    """A file's name with nothing in it that Markdown would act on or that turns the line around, its letters composed:
    macOS takes Korean syllables apart."""
    shown = "".join(c for c in unicodedata.normalize("NFC", text) if c not in _TURNING)[:60]
    return "".join("\\" + c if c in "\\`*_{}[]()<>#+-.!|$~:" else c for c in shown)


def draw() -> None:
    """The strip's part of the picker: a small copy of the picture and the button that opens the choice."""
    picture = current()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        small = kept_pictures.of(picture, "thumbnail", lambda: thumbnails.square(picture.pixels, 80))
        st.image(small, width=40, alt=_title())
        with st.popover(_("Change picture"), key="picture"):
            st.markdown(f"**{_title()}**")
            sample = current_sample()
            _choices(
                key="picture_choices",
                data={
                    "label": _("Sample pictures"),
                    "chosen": sample.key if sample else OWN,
                    "samples": _offered(),
                },
                on_chosen_change=_on_choice,
            )
            with st.container():  # always there, so that what follows keeps its place and is not drawn twice
                if isinstance(error := st.session_state.get(_ERROR), SegScopeError):
                    st.error(translate_error(error))
            file_gate(_WIDGET)
            st.file_uploader(_upload_label(), key=_widget_key(), on_change=_on_file)
            st.caption(credit())
            if photo := own():
                photo_keeper.ask(photo)


def _upload_label() -> str:
    """What can be handed in, up to which size, and what becomes of it."""
    what = _("Or your own photo: JPEG, PNG, HEIC, WebP, AVIF, TIFF, GIF, BMP or JPEG 2000, up to {limit} MB")
    becomes = _(
        "It stays in the memory of this server, ends with your visit, is never stored and never seen by others."
    )
    return what.format(limit=images.MAX_BYTES // 2**20) + "  \n" + becomes


def say_lost() -> None:
    """Below the strip, where the photo that the address speaks of is not there: one line and a place to choose it
    again, until it or a sample has been chosen. Where the browser has kept it, it comes back by itself."""
    with st.container():  # always there, so that what follows keeps its place and is not drawn twice
        photo_keeper.draw(own(), _AGAIN if st.session_state.get(_LOST) else "")
        if st.session_state.get(_LOST):
            _ask_again()


def _ask_again() -> None:
    with st.container(key="lost-photo"):
        st.markdown(_("Your photo is gone: the page was reloaded or the server restarted, and nothing keeps it."))
        file_gate(_AGAIN)
        st.file_uploader(
            _("Choose it again"), key=_widget_key(_AGAIN), on_change=_on_file, args=(_AGAIN,),
            label_visibility="collapsed",
        )  # fmt: skip
        if isinstance(error := st.session_state.get(_ERROR), SegScopeError):
            st.error(translate_error(error))
