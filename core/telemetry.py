"""What a server says of itself: a line of JSON for each event, and numbers for Prometheus. Both are off by default.

Nothing in it is personal. An event has a name and the fields that the code gives it, all of them numbers or words of
our own: no address, no name of a file, no picture, no text that a visitor typed. A session is named by the first
digits of a hash with a salt that lives as long as the process, because its true name opens its uploads. Of messages of
other libraries only the template is written, without its values, and of an exception its type and its lines of code.

The format is twenty lines on top of :mod:`logging`; libraries for structured logs pass everything on that a record
holds, and here the point is to let nothing pass.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TextIO

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from core.errors import SegScopeError
from core.settings import SETTINGS

disable_created_metrics()  # when a counter was born doubles the page and tells nothing
REGISTRY = CollectorRegistry()
SESSIONS = Gauge("segscope_sessions", "Visitors who are connected", registry=REGISTRY)
MAX_SESSIONS = Gauge("segscope_sessions_max", "Visitors who may be connected at the same time", registry=REGISTRY)
QUEUE = Gauge("segscope_queue", "Computations that wait for their turn", registry=REGISTRY)
UPLOAD_BYTES = Gauge("segscope_upload_bytes", "Bytes of uploaded files in memory", registry=REGISTRY)
CACHE_BYTES = Gauge("segscope_cache_bytes", "Bytes of remembered results about pictures", registry=REGISTRY)
UPLOADS = Counter("segscope_uploads", "Files that arrived", registry=REGISTRY)
REFUSALS = Counter("segscope_refusals", "Requests that a limit turned away", ["reason"], registry=REGISTRY)
FAILURES = Counter("segscope_failures", "Runs of a page that ended in an apology", registry=REGISTRY)
REQUESTS = Counter("segscope_requests", "Answers by kind of address and status", ["kind", "status"], registry=REGISTRY)
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
FORWARD = Histogram("segscope_forward_seconds", "Passes", ["network"], registry=REGISTRY, buckets=_SECONDS)
WAITED = Histogram("segscope_wait_seconds", "Waiting before a pass", registry=REGISTRY, buckets=_SECONDS)
RERUNS = Histogram("segscope_rerun_seconds", "Runs of a page", ["page"], registry=REGISTRY, buckets=_SECONDS)
ProcessCollector(registry=REGISTRY)

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Name of the request that is being answered, which its answer carries as ``X-Request-ID``."""

who: Callable[[], str | None] = lambda: None  # noqa: E731 (a place for a function, which the server fills)
"""Says for which session the calling thread works; ``None`` for nobody's."""

_logger = logging.getLogger("segscope")
_logger.propagate = False
_SALT = secrets.token_bytes(16)
_ROOT = Path(__file__).parents[1]


def session_label(session_id: str) -> str:
    """A name for a session that leads nowhere: eight hexadecimal digits, others after every restart."""
    return hashlib.sha256(_SALT + session_id.encode()).hexdigest()[:8]


def event(name: str, **fields: str | int | float | bool) -> None:
    """Write one event; does nothing where logs are off."""
    if not _logger.handlers:
        return
    if request := REQUEST.get():
        fields["request"] = request
    session = who()
    if session is not None:
        fields["session"] = session_label(session)
    _logger.info(name, extra={"segscope": fields})


def refused(reason: str) -> None:
    """Count and note that a limit turned something away. ``reason`` is one of few fixed words."""
    REFUSALS.labels(reason).inc()
    event("refused", reason=reason)


def reran(page: str, seconds: float) -> None:
    """Count and note that ``page`` was drawn in ``seconds``."""
    RERUNS.labels(page).observe(seconds)
    event("rerun", page=page, seconds=round(seconds, 4))


def failed(error: BaseException) -> None:
    """Count and note that a page failed with ``error``: its type and where, not its words.

    Where logs are off, whoever runs the server reads it on the standard error stream all the same.
    """
    FAILURES.inc()
    kind, where = type(error).__name__, " < ".join(_places(error))
    if _logger.handlers:
        event("failed", error=kind, where=where)
    elif not isinstance(error, SegScopeError):  # a sentence to the reader is no fault of the server's
        logging.getLogger(__name__).error("A page failed: %s in %s", kind, where)


def _places(error: BaseException) -> list[str]:
    """Lines of code that an exception passed, innermost first, twelve at most: ``core/pictures/images.py:120
    decode``."""
    frames = traceback.extract_tb(error.__traceback__)[::-1][:12]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(file: str) -> str:
    """A file of ours relative to the repository; of others the last two parts, because paths name people."""
    path = Path(file)
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else "/".join(path.parts[-2:])


class JsonLines(logging.Formatter):
    """One line of JSON for each record: ``{"time": ..., "level": ..., "event": ..., ...}``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
        }
        fields = getattr(record, "segscope", None)
        if fields is not None:
            line |= {"event": str(record.msg), **fields}
        else:  # somebody else's: the template of the message, without what was filled in
            line |= {"event": "log", "logger": record.name, "message": str(record.msg)}
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line |= {"error": type(error).__name__, "where": " < ".join(_places(error))}
        return json.dumps(line, ensure_ascii=False, default=str)


def write_logs(stream: TextIO | None = None) -> None:
    """Write events from now on, and let every other logger that writes write in the same form."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    # A log that cannot be written (a full disk, a closed pipe) is no reason to stop, nor to write about that.
    handler.handleError = lambda record: None  # type: ignore[method-assign]
    _logger.handlers = [handler]
    _logger.setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        if logging.getLogger(name).handlers:
            logging.getLogger(name).handlers = [handler]
            logging.getLogger(name).propagate = False
    logging.root.handlers = [handler]  # of those that have none, uvicorn's among them


@contextlib.contextmanager
def published() -> Iterator[None]:
    """Logs and metrics as :data:`core.settings.SETTINGS` ask for them, for as long as a server runs.

    The metrics stand at an address of their own that visitors do not reach. Where its port is taken, that is noted and
    the server runs without.
    """
    if SETTINGS.log == "json":
        write_logs()
    MAX_SESSIONS.set(SETTINGS.max_sessions)
    server = None
    if SETTINGS.metrics_port:
        try:
            server, _thread = start_http_server(SETTINGS.metrics_port, SETTINGS.metrics_address, REGISTRY)
        except OSError:
            logging.getLogger(__name__).error("SEGSCOPE_METRICS_PORT cannot be used: there are no metrics.")
    event("started", max_sessions=SETTINGS.max_sessions, metrics=server is not None)
    try:
        yield
    finally:
        event("stopped")
        if server is not None:
            server.shutdown()
            server.server_close()
