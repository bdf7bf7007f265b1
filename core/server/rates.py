"""How often somebody may do something: a token bucket for each key.

A full bucket holds a minute's worth, so that a whole class may come at once; then it fills at an even pace. Libraries
such as ``limits`` and ``slowapi`` count in windows or decorate the routes of one's own application; the websocket and
the uploads here are Streamlit's, and twenty lines without a dependency are easier to check than an adapter.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable

from starlette.types import Scope

MOST_KEYS = 20_000
"""Buckets that are kept; beyond that the one that was used longest ago is forgotten, and is full again."""


class Rate:
    """At most ``per_minute`` for each key, all at once or evenly. For one thread: the server's event loop."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.capacity = float(per_minute)
        self.per_second = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # key -> (tokens, when); the last used come last

    def take(self, key: str) -> float:
        """Take one for ``key``. Returns 0, or the seconds until there is one again; nothing is taken then."""
        now = self._clock()
        tokens, when = self._buckets.pop(key, (self.capacity, now))
        tokens = min(self.capacity, tokens + (now - when) * self.per_second)
        wait = max(0.0, (1 - tokens) / self.per_second)
        self._buckets[key] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > MOST_KEYS:
            del self._buckets[next(iter(self._buckets))]
        return wait


def client(scope: Scope) -> str:
    """The address that a connection counts for; of IPv6 the network (/64), which one person has to themselves.

    Behind a balancer the address is the one that ``X-Forwarded-For`` names: uvicorn has put it there already, and
    only for the proxies that the variable ``FORWARDED_ALLOW_IPS`` trusts (by default this machine alone).
    """
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
