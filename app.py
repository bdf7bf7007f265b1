"""ASGI entry of SegScope: ``streamlit run app.py``, or any ASGI server with ``app:app``."""

import streamlit as st

from core.server.app import SHELL, begin, surroundings

app = st.App(SHELL, **surroundings())
begin()
