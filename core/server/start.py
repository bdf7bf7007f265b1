"""What a person sees who starts SegScope: one line with its address, or one sentence about what is missing."""

from __future__ import annotations

import logging
import sys
import threading
import webbrowser
from pathlib import Path

from streamlit import config

import core
from core.server import prefix
from core.ui import streamlit_internals

_ROOT = Path(core.__file__).parents[1]


def missing() -> list[str]:
    """Folders that SegScope cannot do without and that are not there."""
    folders = [_ROOT / "pages", _ROOT / "core" / "samples", _ROOT / "core" / "weights"]
    return [folder.relative_to(_ROOT).as_posix() for folder in folders if not folder.is_dir()]


def check() -> None:
    """End the process with one sentence where a folder is missing."""
    if gone := missing():
        sys.exit(f"SegScope: the folder {gone[0]} is missing: get it again, or install SegScope anew.")


def quiet() -> None:
    """Let the one line of :func:`announce` take the place of the server's four. One that somebody started without
    Streamlit (uvicorn) says what it likes."""
    if streamlit_internals.started_by_streamlit():
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def announce() -> str:
    """Say where SegScope is, and open it in the browser unless ``server.headless``; returns the address, nothing where
    another server than Streamlit's knows it."""
    if not streamlit_internals.started_by_streamlit():
        return ""
    host = config.get_option("browser.serverAddress") if config.is_manually_set("browser.serverAddress") else ""
    host = host or config.get_option("server.address") or "localhost"
    host = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    address = f"{scheme}://{host}:{config.get_option('server.port')}{prefix.take()}/"
    print(f"SegScope: {address} (Ctrl+C ends it)", flush=True)
    if not config.get_option("server.headless"):
        threading.Thread(target=webbrowser.open, args=(address,), name="open-browser", daemon=True).start()
    return address
