"""What a snippet prints when it runs as it stands."""

from __future__ import annotations

import contextlib
import io


def output(code: str) -> str:
    """All that the script writes to its standard output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    return out.getvalue()


def printed(code: str) -> list[str]:
    """Its words."""
    return output(code).split()


def shares(code: str) -> dict[str, float]:
    """Of a script that prints ``name: share`` line by line."""
    lines = (line.rsplit(": ", 1) for line in output(code).splitlines())
    return {name: float(share) for name, share in lines}
