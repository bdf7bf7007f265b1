"""Entry for Streamlit Community Cloud: SegScope in 690 megabytes. ``docs/hosting.md`` says how it gets there.

There are no variables of the environment to set there. What stands at the top level of the app's secrets becomes one;
what is not there is set here, before anything reads it.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
with suppress(FileNotFoundError):
    st.secrets.load_if_toml_exists()
for name, value in {
    "SEGSCOPE_MEMORY": "small",
    "SEGSCOPE_NETWORKS": "3",  # in memory at a time
    "SEGSCOPE_CACHE_MB": "64",  # of remembered results
    "SEGSCOPE_MAX_SESSIONS": "30",  # a seminar
    "SEGSCOPE_TOTAL_UPLOAD_MB": "64",  # of files on their way
}.items():
    os.environ.setdefault(name, value)

from core.server.app import SHELL, begin, surroundings  # noqa: E402 (the settings are read when it is imported)

app = st.App(SHELL, **surroundings())
begin()
