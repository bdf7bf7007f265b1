"""Descriptors, which a process has a limited number of.

A visitor holds about four: the socket, and what Streamlit has beside it. Systems give a process 1,024 unless it asks
for more, and where they are used up nobody is answered any more, health checks included.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from core.settings import SETTINGS, Settings

OWN = 200
"""Descriptors that the process has for itself: files, event loops, answers on their way."""
EACH = 4
"""Descriptors for each visitor."""


def raise_limit(limits: Settings = SETTINGS) -> None:
    """Ask for as many descriptors as ``limits.max_sessions`` visitors need, as far as the system lets us, and say so
    where that is not enough."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OWN + EACH * limits.max_sessions
    if resource.RLIM_INFINITY != soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):  # then there is room for fewer
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    if (room := visitors(limits)) < limits.max_sessions:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        sys.stderr.write(
            f"SegScope: the system lets it open {files} files, so at most {room} visitors are let in and not"
            f" {limits.max_sessions}: raise the limit with ulimit -n {wanted}.\n"
        )


def visitors(limits: Settings = SETTINGS) -> int:
    """How many visitors may be connected: ``limits.max_sessions``, or fewer where descriptors would not suffice."""
    try:
        import resource
    except ImportError:
        return limits.max_sessions
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return limits.max_sessions
    return max(1, min(limits.max_sessions, (soft - OWN) // EACH))
