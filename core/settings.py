"""Every setting of SegScope in one place: what the networks may use, and what one visitor, one address and all together
may take.

The defaults suit a host with two cores and a lecture hall behind one address: five hundred people who open the page in
the same minute share it, so what an address may do is generous, and what a session may do is not. Each value can be
set with an environment variable, ``SEGSCOPE_`` and the field's name in capitals: ``SEGSCOPE_MAX_SESSIONS=200``.

The size of a single file and of a picture is not here: ``server.maxUploadSize`` in ``.streamlit/config.toml`` and
:mod:`core.pictures.images` say it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.errors import N_, SegScopeError


class SettingsError(SegScopeError):
    """A variable of the environment with a value that is none; the sentence names it."""


# A container may be given fewer cores than the machine has; macOS and Windows do not say.
_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """What a server gives away, and to whom.

    Attributes:
        permits: passes through a network that may run at the same time; the others wait in a fair queue
            (:mod:`core.engine.turns`). One permit with two threads gives the shortest single answer on two cores.
        threads: processor threads of each pass. The default is as many as there are cores, four at most.
        networks: networks that stay in memory; of more, the one that was asked for longest ago goes, and is read again
            when it is wanted: that takes a tenth of a second.
        memory: ``small`` gives large arrays back to the system at once, which costs a few percent of time; ``plenty``
            lets the C library keep some for the next time.
        queue: visitors who may wait for a pass at the same time. A hundred on two cores wait about a minute; more would
            not stay.
        max_sessions: visitors connected at the same time; an idle one takes one to two megabytes.
        connects_per_minute: websockets that one address may open in a minute, all at once if it likes. A visit takes
            one, a reload another.
        arriving: websockets of one address that have not asked for a page yet, at the same time. A browser asks at
            once.
        arriving_seconds: how long a websocket may be open without having asked for a page.
        idle_connections: connections without a request, at the same time; the oldest is closed for the next.
        uploads_per_minute: files that one address may send in a minute.
        session_uploads_per_minute: files that one session may send in a minute.
        session_upload_mb: megabytes of files that the server keeps for one session at the same time, the ones on
            their way included. A page forgets a file as soon as it has read the picture, so a visitor holds one.
        address_upload_mb: the same for all sessions of one address.
        total_upload_mb: the same for all sessions together.
        upload_seconds: how long a file may be on its way.
        upload_stall_seconds: how long nothing of it may come.
        upload_wait_seconds: how long a file waits for room before it is refused. Less than the 90 seconds after which
            ``deploy/nginx.conf`` gives up on a server that takes nothing.
        cache_mb: megabytes that results about pictures may take, for all visitors together (:mod:`core.ui.budget`).
        metrics_port: where Prometheus may read; 0 is nowhere.
        metrics_address: the address that belongs to it. The default is this machine alone.
        log: ``json`` writes one line for each event to the standard error stream, ``off`` none.
        frame_ancestors: origins of the sites that may show SegScope inside a page of theirs, separated by spaces.
        chromium: the browser that the benchmarks start; the first one that is found, where this is empty.
    """

    permits: int = 1
    threads: int = min(4, _CORES)
    networks: int = 100
    memory: str = "plenty"
    queue: int = 100
    max_sessions: int = 500
    connects_per_minute: int = 1500
    arriving: int = 250
    arriving_seconds: int = 20
    idle_connections: int = 1000
    uploads_per_minute: int = 600
    session_uploads_per_minute: int = 20
    session_upload_mb: int = 72
    address_upload_mb: int = 128
    total_upload_mb: int = 256
    upload_seconds: int = 120
    upload_stall_seconds: int = 10
    upload_wait_seconds: int = 45
    cache_mb: int = 256
    metrics_port: int = 0
    metrics_address: str = "127.0.0.1"
    log: str = "off"
    frame_ancestors: str = "'self'"
    chromium: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that ``environment`` sets, and the defaults for the rest. An empty value counts as none.

        Raises:
            SettingsError: a value that is no whole number in its range, an unknown kind of log, or text that
                is no list of origins.
        """
        given: dict[str, int | str] = {}
        for field in fields(cls):
            variable = "SEGSCOPE_" + field.name.upper()
            if text := environment.get(variable, "").strip():
                given[field.name] = text if isinstance(field.default, str) else _whole_number(variable, text)
        found = cls(**given)  # type: ignore[arg-type]
        if found.log not in ("off", "json"):
            raise SettingsError(N_("SEGSCOPE_LOG is {value}: set it to json or off."), value=found.log)
        if found.memory not in ("plenty", "small"):
            raise SettingsError(N_("SEGSCOPE_MEMORY is {value}: set it to plenty or small."), value=found.memory)
        if not re.fullmatch(r"[!-+\--:<-~]+( +[!-+\--:<-~]+)*", found.frame_ancestors):  # it stands in a header
            raise SettingsError(
                N_("SEGSCOPE_FRAME_ANCESTORS is {value}: name origins, separated by spaces."),
                value=found.frame_ancestors,
            )
        return found


_MOST = {"SEGSCOPE_METRICS_PORT": 65535}


def _whole_number(variable: str, text: str) -> int:
    low, high = (0 if variable in _MOST else 1), _MOST.get(variable, 10**6)
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise SettingsError(
        N_("{variable} is {value}: set it to a whole number from {low} to {high}."),
        variable=variable, value=text, low=low, high=high,
    )  # fmt: skip


SETTINGS = Settings.read()
"""What this process was started with."""
