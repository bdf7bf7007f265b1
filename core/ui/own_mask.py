"""What a visitor says is where in a picture: their own reference mask, kept for the session, or the sample's."""

from __future__ import annotations

import streamlit as st

from core.pictures import reference
from core.pictures.images import Picture
from core.pictures.reference import Reference

# Not of the page's own keys, so that a reset and a visit to another page lose nothing.
KEY = "compare-reference"


def current(picture: Picture) -> Reference | None:
    """The reference of ``picture``, if there is one: the visitor's own, or else the one that a sample has."""
    found = st.session_state.get(KEY)
    own = isinstance(found, Reference) and found.picture == picture.digest
    return found if own else reference.bundled(picture)
