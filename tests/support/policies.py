"""The content policy, and one that leaves nothing open."""

from __future__ import annotations

from core.server import app as server

OPEN = (" 'unsafe-inline'", " data:", " blob:")
"""What the real policy leaves open."""


def strict() -> str:
    """The real policy without it, and with trusted types asked for."""
    policy = server.content_policy()
    for part in OPEN:
        policy = policy.replace(part, "")
    return policy + "; require-trusted-types-for 'script'"
