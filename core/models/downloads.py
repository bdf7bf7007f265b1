"""One file from another server: whole and checked, or not at all, and always to an end, whatever that server sends."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

from core.errors import N_, SegScopeError

CHUNK = 1 << 18  # bytes; a stop request is noticed after each
TIMEOUT = 15.0  # seconds without a byte before giving up
PATIENCE = 60.0  # seconds in which at least ...
LEAST = 1 << 16  # ... so many bytes have to arrive
MOST = 1 << 30  # bytes that a file may have whose size nobody states; torchvision's largest here has half of that


class DownloadError(SegScopeError):
    """Weights could not be fetched; the sentence says why and what works without them."""


class _Stopped(Exception):
    """Raised inside the transfer when somebody asked it to stop."""


def fetch(
    url: str, target: Path, progress: Callable[[int, int], None] = lambda done, total: None, most: int = MOST
) -> Path:
    """Copy ``url`` to ``target``, checked; either the whole file appears there or nothing does.

    Args:
        url: address whose file name ends in ``-<hex digits of the SHA-256>.<suffix>``; without digits nothing can be
            checked except the length.
        target: file to write; its folder is created.
        progress: called with bytes done and bytes in all (0 when the server does not say); may raise to stop.
        most: bytes after which the file is too large to be the right one.

    Raises:
        DownloadError: no network, a server that refuses, sends something else, too much or too slowly, a full disk, or
            a file that arrived damaged.
    """
    digits = re.search(r"-([0-9a-f]{8,64})\.\w+$", Path(urlparse(url).path).name)
    digest, done, part = hashlib.sha256(), 0, None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            if answer.headers.get_content_type() == "text/html":
                raise DownloadError(
                    N_("The server sent a web page instead of {file}: sign in to the network, or try again later."),
                    file=target.name,
                )
            total = _stated(answer.headers.get("Content-Length"))
            seen, then = 0, time.monotonic()
            with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as out:
                part = Path(out.name)
                while total <= most and (block := answer.read1(CHUNK)):  # read() would wait until CHUNK bytes are there
                    out.write(block)
                    digest.update(block)
                    done += len(block)
                    progress(done, total)
                    if done > most:
                        break
                    if (now := time.monotonic()) - then > PATIENCE:
                        if done - seen < LEAST:
                            raise TimeoutError(None, "too slow")
                        seen, then = done, now
        if max(done, total) > most:
            raise DownloadError(
                N_("The server sends more than {limit} MB for {file}, which is something else: try again later."),
                limit=round(most / 2**20),
                file=target.name,
            )
        if total and done != total:
            raise DownloadError(
                N_("The transfer broke off after {done} of {total} bytes: try again."), done=done, total=total
            )
        if digits and not digest.hexdigest().startswith(digits[1]):
            raise DownloadError(N_("The file {file} arrived damaged: try again."), file=target.name)
        os.replace(part, target)
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(
            N_("The server answered {code} for {file}: try again later."), code=error.code, file=target.name
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # URLError, timeouts, a full disk; an answer that is no HTTP or breaks off in a chunk; an address that is none
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise _unfetched(target, reason) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return target


def _stated(length: str | None) -> int:
    """The header Content-Length in bytes; 0 where the server states none, or nonsense."""
    return int(length) if length and length.isascii() and length.isdecimal() and len(length) < 20 else 0


def _unfetched(target: Path, reason: object) -> DownloadError:
    return DownloadError(
        N_("{file} could not be fetched ({reason}): check the network, or use a network that is bundled."),
        file=target.name,
        reason=reason,
    )


class Job:
    """One download in a background thread, shared by everybody who watches it. However it goes, it comes to an end.

    Attributes:
        done: bytes that have arrived.
        total: bytes in all; 0 while unknown.
        error: why it failed, or ``None``.
        state: ``running``, ``finished``, ``failed`` or ``stopped``.
    """

    def __init__(self, url: str, target: Path, most: int = MOST) -> None:
        self.done = self.total = 0
        self.error: DownloadError | None = None
        self.state = "running"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(url, target, most), name="fetch-weights", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # no more threads: who asks again in a minute may have one
            self._fail(target, error)

    def _work(self, url: str, target: Path, most: int) -> None:
        try:
            fetch(url, target, self._progress, most)
            self.state = "finished"
        except DownloadError as error:
            self.error, self.state = error, "failed"
        except _Stopped:
            self.state = "stopped"
        except Exception as error:  # a page that waits must hear of it
            self._fail(target, error)

    def _fail(self, target: Path, error: Exception) -> None:
        self.error = _unfetched(target, type(error).__name__)
        self.error.__cause__ = error
        self.state = "failed"

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self._stop.is_set():
            raise _Stopped

    @property
    def share(self) -> float:
        """Progress from 0 to 1; 0 while the size is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def stop(self) -> None:
        """Ask the transfer to end; what has arrived is thrown away."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the transfer to end."""
        if self._thread.ident is not None:  # it did start
            self._thread.join(timeout)
