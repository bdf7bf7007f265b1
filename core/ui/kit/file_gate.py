"""Stands in front of one of Streamlit's uploaders and says in the reader's language what it would hide.

Streamlit puts a red icon beside a file that it refuses, with an English sentence that only a mouse brings up, and such
files pile up. Here a file that is too large is refused before it is sent, and what the server refuses is said too:
visibly, in one line that screen readers announce. What a file *is* the server says, which has its bytes.
"""

from __future__ import annotations

from typing import Any

from core.errors import N_, SegScopeError
from core.pictures import images
from core.ui import streamlit_internals
from core.ui.component import register
from core.ui.language import gettext as _

LOST = N_("This file did not arrive: check the connection and try again.")


class FileGateError(SegScopeError):
    """A file that the browser has sent and the server no longer has."""


_mount = register(__file__)

ACCEPTED = "image/*,.heic,.heif,.avif,.jp2,.j2k,.tif,.tiff"
"""What a browser offers first in its dialogue; anything else can be chosen as well."""


def file_gate(watched: str, accepted: str = ACCEPTED) -> None:
    """Watch the uploader whose key begins with ``watched`` and a hyphen."""
    limit = images.MAX_BYTES // 2**20
    _mount(
        key=f"file_gate-of-{watched}",
        data={
            "watched": watched,
            "accepted": accepted,
            "limit": images.MAX_BYTES,
            "large": _("This file is {size} MB: reduce the picture to at most {limit} MB.").replace(
                "{limit}", str(limit)
            ),
            "empty": _("This file is empty: choose a JPEG, PNG or WebP file."),
            "several": _("These are {count} files: choose one."),
            "lost": _(LOST),
        },
        height="content",
    )


def contents(file: Any) -> bytes:
    """The bytes of what an uploader gave, which the server lets go of: whoever reads a file keeps what is in it.

    Raises:
        FileGateError: they have gone already, because the page did not ask for them in time.
    """
    if not hasattr(file, "getvalue"):  # what Streamlit gives instead of a file that it no longer has
        raise FileGateError(LOST)
    data: bytes = file.getvalue()
    streamlit_internals.forget(file)
    return data
