"""Every limit of a server in one place: what one visitor, one address and all together may take.

The defaults suit a host with two cores and a lecture hall behind one address: five hundred people who open the page in
the same minute share it, so what an address may do is generous, and what a session may do is not. Each value can be
set with an environment variable, ``SEGSCOPE_`` and the field's name in capitals: ``SEGSCOPE_MAX_SESSIONS=200``.

The size of a single file and of a picture is not here: ``server.maxUploadSize`` in ``.streamlit/config.toml`` and
:mod:`core.pictures.images` say it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.errors import N_, SegScopeError


class LimitsError(SegScopeError):
    """A variable of the environment with a value that is none; the sentence names it."""


@dataclass(frozen=True)
class Limits:
    """What a server gives away.

    Attributes:
        max_sessions: visitors connected at the same time; an idle one takes one to two megabytes.
        connects_per_minute: websockets that one address may open in a minute, all at once if it likes. A visit takes
            one, a reload another.
        uploads_per_minute: files that one address may send in a minute.
        session_uploads_per_minute: files that one session may send in a minute.
        session_upload_mb: megabytes of files that the server keeps for one session at the same time, the ones on
            their way included. A page forgets a file as soon as it has read the picture, so a visitor holds one.
        total_upload_mb: the same for all sessions together.
        upload_seconds: how long a file may be on its way.
        cache_mb: megabytes that results about pictures may take, for all visitors together (:mod:`core.ui.budget`).
        metrics_port: where Prometheus may read; 0 is nowhere.
        metrics_address: the address that belongs to it. The default is this machine alone.
        log: ``json`` writes one line for each event to the standard error stream, ``off`` none.
    """

    max_sessions: int = 500
    connects_per_minute: int = 1500
    uploads_per_minute: int = 600
    session_uploads_per_minute: int = 20
    session_upload_mb: int = 72
    total_upload_mb: int = 256
    upload_seconds: int = 120
    cache_mb: int = 256
    metrics_port: int = 0
    metrics_address: str = "127.0.0.1"
    log: str = "off"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """The limits that ``environment`` sets, and the defaults for the rest. An empty value counts as none.

        Raises:
            LimitsError: a value that is no whole number in its range, or an unknown kind of log.
        """
        given: dict[str, int | str] = {}
        for field in fields(cls):
            variable = "SEGSCOPE_" + field.name.upper()
            if text := environment.get(variable, "").strip():
                given[field.name] = text if isinstance(field.default, str) else _whole_number(variable, text)
        found = cls(**given)  # type: ignore[arg-type]
        if found.log not in ("off", "json"):
            raise LimitsError(N_("SEGSCOPE_LOG is {value}: set it to json or off."), value=found.log)
        return found


_MOST = {"SEGSCOPE_METRICS_PORT": 65535}


def _whole_number(variable: str, text: str) -> int:
    low, high = (0 if variable in _MOST else 1), _MOST.get(variable, 10**6)
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise LimitsError(
        N_("{variable} is {value}: set it to a whole number from {low} to {high}."),
        variable=variable, value=text, low=low, high=high,
    )  # fmt: skip


LIMITS = Limits.read()
"""What this process was started with."""
