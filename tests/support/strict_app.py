"""A server to start: SegScope, and beside its content policy one that leaves nothing open and only reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import streamlit as st

from core.server import app as server
from tests.support.policies import strict


class Reporting(server.SecurityHeaders):
    """Sends both."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.headers["Content-Security-Policy-Report-Only"] = strict()


for each in server.MIDDLEWARE:
    if each.cls is server.SecurityHeaders:
        each.cls = Reporting
app = st.App(server.SHELL, **server.surroundings())
server.begin()
