"""The machine that numbers were measured on, in words."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def here() -> dict[str, str]:
    """What the numbers depend on. The load is the average number of busy or waiting processes in the last minute: times
    measured while others work are too long, and ratios too high where the comparison has less to do."""
    return {
        "CPU": f"{_processor()} ({os.cpu_count()} cores)",
        "Python": platform.python_version(),
        "PyTorch": version("torch"),
        "Streamlit": version("streamlit"),
        "system": f"{platform.system()} {platform.machine()}",
        "load before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
    }
