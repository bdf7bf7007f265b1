"""ASGI entry of SegScope: ``streamlit run app.py``, or any ASGI server with ``app:app``.

The script that draws lies in ``core/ui/shell.py``, away from ``pages/``: a folder of that name beside the main script
would switch on Streamlit's old page discovery, which answers a cold deep link before the shell has had its say.
"""

from pathlib import Path

import streamlit as st

from core.engine import memory
from core.server import prefix
from core.server.app import MIDDLEWARE, ROUTES, lifespan
from core.server.refusals import EXCEPTION_HANDLERS
from core.ui.language import apologize

memory.one_pool()
memory.collect_seldom()
app = st.App(
    Path(__file__).with_name("core") / "ui" / "shell.py",
    lifespan=lifespan,
    routes=ROUTES,
    middleware=MIDDLEWARE,
    on_script_error=apologize,
    exception_handlers=EXCEPTION_HANDLERS,
)
prefix.take()
