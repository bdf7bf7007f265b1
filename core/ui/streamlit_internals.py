"""What Streamlit 1.67, Starlette and uvicorn do not promise: the only place that touches such a name of theirs.

Where a name has gone, a slower or plainer way is taken, which each function here says, and :func:`missing` names it in
the server's log. ``tests/ui/test_streamlit_internals.py`` tells what has changed when Streamlit moves.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Collection, Container, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit import config, runtime
from streamlit.runtime import Runtime

from core import telemetry
from core.ui import given


class Name(NamedTuple):
    """A name that another version may not have: the module, and the path to it in there."""

    module: str
    path: str

    def __str__(self) -> str:
        return f"{self.module}.{self.path}"

    def find(self) -> Any:
        """What it stands for; ``None`` where it has gone."""
        try:
            found: Any = importlib.import_module(self.module)
            for part in self.path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            return None
        return found


_CONTEXT = Name("streamlit.runtime.scriptrunner", "get_script_run_ctx")
_THEME = Name("streamlit.runtime.app_session", "_populate_theme_msg")
_THEME_MESSAGE = Name("streamlit.proto.NewSession_pb2", "CustomThemeConfig")
_STATE = Name("streamlit.runtime.state", "SafeSessionState.filtered_state")
_IS_ELEMENT = Name("streamlit.runtime.state.common", "is_element_id")
_IS_INTERNAL = Name("streamlit.runtime.state.session_state", "_is_internal_key")
_SET_VALUES = Name("streamlit.runtime.state.session_state", "SessionState.set_widgets_from_proto")
_MESSAGE = Name("streamlit.proto.BackMsg_pb2", "BackMsg")
_GET_VALUE = Name("streamlit.runtime.state.session_state", "WStates.__getitem__")
_FILES = Name("streamlit.runtime.memory_uploaded_file_manager", "MemoryUploadedFileManager.remove_session_files")
_FILE = Name("streamlit.runtime.memory_uploaded_file_manager", "MemoryUploadedFileManager.remove_file")
_FORMS = Name("starlette.formparsers", "MultiPartParser.spool_max_size")
_SERVER = Name("uvicorn.server", "Server")
_DOWNLOAD = Name("streamlit.runtime.media_file_manager", "MediaFileManager.add_deferred")
NAMES = (
    _CONTEXT, _THEME, _THEME_MESSAGE, _STATE, _IS_ELEMENT, _IS_INTERNAL, _MESSAGE, _SET_VALUES, _GET_VALUE, _FILES,
    _FILE, _FORMS, _SERVER, _DOWNLOAD,
)  # fmt: skip
"""What is looked up by name. Attributes of objects (``cursors``, ``_session_mgr``) show only while a server runs."""


def missing() -> list[str]:
    """The names of :data:`NAMES` that have gone."""
    return [str(name) for name in NAMES if name.find() is None]


# ------------------------------------------------------------------------------------------------- the run of a page

_context: Any = _CONTEXT.find()


def run() -> Any:
    """The run of a page that this thread works for; ``None`` for none, and where Streamlit does not say.

    Results are then kept for their hour, and nobody is told a place in the queue.
    """
    return None if _context is None else _context(suppress_warning=True)


def session_id() -> str | None:
    """Name of the session that this thread works for, or ``None``."""
    found: str | None = getattr(run(), "session_id", None)
    return found


def in_a_session() -> bool:
    """Whether this thread works for a session; whether a server runs, where Streamlit does not say."""
    return runtime.exists() if _context is None else run() is not None


def mark(run: Any) -> object | None:
    """Something that is new in every run of a page or of a part of it: Streamlit makes new cursors for each.

    ``None`` outside a run. Without it, what could be looked up once in a run is looked up every time.
    """
    found: object | None = getattr(run, "cursors", None)
    return found


def leave_if_over(run: Any) -> None:
    """Raise what ends ``run``, when its visitor has gone or the page is to run again. Where there is no such thing, the
    run goes on to its end."""
    check = getattr(run, "yield_check", None)
    if check is not None:
        check()


def page() -> str:
    """A name of the page that runs; empty where there is none, so that the address leads once in a session."""
    return str(getattr(run(), "page_script_hash", ""))


def came_back() -> bool:
    """Whether the browser's back or forward button caused this run; never, where Streamlit does not say."""
    return bool(getattr(run(), "is_history_navigation", False))


# -------------------------------------------------------------------------------------------------- all the sessions


def sessions(server: Runtime) -> dict[str, Any] | None:
    """Streamlit's sessions by name, those without a browser included; ``None`` where it does not list them: it ends
    them in its own time."""
    try:
        return {info.session.id: info.session for info in server._session_mgr.list_sessions()}
    except AttributeError:
        return None


def end_session(server: Runtime, name: str, session: Any) -> None:
    """End a session and let go of all that it holds."""
    server.close_session(name)
    for let_go in (lambda: session.shutdown(), lambda: session.session_state.clear()):
        try:
            let_go()
        except AttributeError:  # it goes when Python collects it
            continue


def forget_too_old(server: Runtime) -> None:
    """Drop what is too old to be found: it would be kept until somebody else leaves."""
    storage = getattr(getattr(server, "_session_mgr", None), "_session_storage", None)
    expire = getattr(getattr(storage, "_cache", None), "expire", None)
    if expire is not None:
        expire()


def files() -> dict[str, dict[str, int]]:
    """Bytes of each uploaded file that Streamlit keeps, by session and by the file's name in its address; none where it
    does not say, and then only those on their way count."""
    if not runtime.exists():
        return {}
    storage = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    everybody = list(storage.items())  # one step: other threads add and remove
    return {session: {name: len(file.data) for name, file in list(kept.items())} for session, kept in everybody if kept}


def kept_files() -> dict[str, int]:
    """Bytes of uploaded files that Streamlit keeps, by session."""
    return {session: sum(kept.values()) for session, kept in files().items()}


def remove_file(session: str, name: str) -> None:
    """Remove one uploaded file; it stays as long as its session where Streamlit has no such thing."""
    if _FILE.find() is not None and runtime.exists():
        manager: Any = runtime.get_instance().uploaded_file_mgr
        manager.remove_file(session, name)


def forget(file: Any) -> None:
    """Let go of the bytes of a file that a widget of this session gave and that has been read."""
    if (session := session_id()) is not None and (name := getattr(file, "file_id", "")):
        remove_file(session, name)


def is_busy(name: str) -> bool:
    """Whether a page of the session called ``name`` runs, or has been asked for and may read what the session has
    uploaded. ``True`` where Streamlit does not say."""
    if not runtime.exists():
        return False
    known = sessions(runtime.get_instance())
    session = None if known is None else known.get(name)
    return known is None or getattr(session, "_scriptrunner", None) is not None


def remove_files_of_others(server: Runtime, sessions: Container[str]) -> None:
    """Remove files of sessions that came and went, for lack of room, between two looks."""
    files: Any = server.uploaded_file_mgr
    for name in list(getattr(files, "file_storage", ())):
        if name not in sessions:
            files.remove_session_files(name)


def started_by_streamlit() -> bool:
    """Whether this process is ``streamlit run``, which knows its own address, and not some other server's."""
    return str(getattr(config, "_server_mode", "")) in ("starlette-app", "starlette-app-direct")


def keep_forms_in_memory() -> None:
    """No form that this process reads touches a disk. The setting is the parser's own; only uploads are forms here."""
    if _FORMS.find() is not None:
        parser: Any = Name(_FORMS.module, "MultiPartParser").find()
        parser.spool_max_size = 2**40


_add_download: Any = _DOWNLOAD.find()


def keep_downloads() -> None:
    """Downloads that are made on a click keep their address as long as their button stands.

    Streamlit gives them another one in every run and forgets the one before: a click while the page runs, as it does
    while something is counted, leads nowhere, with a traceback in the log. Where it has no such thing, that remains.
    """
    if _add_download is not None:
        Name(_DOWNLOAD.module, "MediaFileManager").find().add_deferred = _put_download


def _put_download(files: Any, *what: Any, element_id: str = "", **named: Any) -> str:
    new: str = _add_download(files, *what, element_id=element_id, **named)
    try:
        with files._lock:
            made, entry = files._deferred_callables, files._deferred_callables[new]
            mine = files._deferred_ids_by_session[entry["session_id"]]
            earlier = (key for key in mine if key != new and made[key]["element_id"] == element_id)
            if element_id and (first := next(earlier, "")):
                made[first] = made.pop(new)
                mine.discard(new)
                files._files_by_session_and_coord[entry["session_id"]][entry["coordinates"]] = first
                return first
    except (AttributeError, KeyError):
        pass
    return new


def index_html() -> str:
    """The document that Streamlit sends to a browser."""
    return (Path(st.__file__).with_name("static") / "index.html").read_text(encoding="utf-8")


@cache
def _uvicorn() -> Any:
    """The server that this process runs in; ``None`` for another one's."""
    kind = _SERVER.find()
    return None if kind is None else next((found for found in gc.get_objects() if isinstance(found, kind)), None)


def connections() -> Collection[Any]:
    """uvicorn's open connections; none where it does not list them, or another server runs this. Of those that speak
    HTTP, ``cycle`` is the last request, and ``cycle.response_complete`` says whether it has been answered."""
    found: Collection[Any] = getattr(getattr(_uvicorn(), "server_state", None), "connections", ())
    return found


# ----------------------------------------------------------------------------------------- values that no browser sends

_message: Any = _MESSAGE.find()


def is_message(data: bytes) -> bool:
    """Whether ``data`` is a browser's message; always, where Streamlit does not say: it will see for itself."""
    try:
        return _message is None or _message.FromString(data) is not None
    except Exception:  # protobuf's own, whose name is no promise either
        return False


_set_values: Any = _SET_VALUES.find()
_get_value: Any = _GET_VALUE.find()


def refuse_foreign_values() -> None:
    """For the rest of the process, a value that no browser sends (:mod:`core.ui.given`) counts as not sent: the widget
    keeps what it had, or its default where it has just come. Without the two names such a value ends the run of the
    page, for whoever sent it."""
    module = Name("streamlit.runtime.state", "session_state").find()
    if None not in (_set_values, _get_value, module):
        module.SessionState.set_widgets_from_proto, module.WStates.__getitem__ = _set_sound, _get_sound


def _set_sound(self: Any, widget_states: Any) -> None:
    known = self._new_widget_state.widget_metadata
    states = [s for s in widget_states.widgets if given.sound(s, getattr(known.get(s.id), "value_type", None))]
    if len(states) < len(widget_states.widgets):
        telemetry.refused("value")
        widget_states = type(widget_states)(widgets=states)
    _set_values(self, widget_states)


def _get_sound(self: Any, key: str) -> Any:
    """The value called ``key``, of a widget of which nothing was known when it came."""
    metadata, state = self.widget_metadata.get(key), getattr(self.states.get(key), "value", None)
    if metadata is not None and hasattr(state, "WhichOneof"):
        try:
            if given.sound(state, metadata.value_type):
                value = _get_value(self, key)
                if given.offered(value, metadata.deserializer):
                    return value
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            pass  # a value of the right kind that this widget cannot have: it offers no such thing
        telemetry.refused("value")
        self.set_from_value(key, metadata.deserializer(None))
    return _get_value(self, key)


# ---------------------------------------------------------------------------------------------------- two short cuts
#
# Streamlit does the same work again in every run of a page. Of the 16 milliseconds that a change of a setting takes,
# one went into telling the browser about the theme, and one and a half into number inputs: each asked for the values of
# everything on the page, to look at its own. The short cuts change no answer.

_populate_theme: Any = _THEME.find()
_all_values: Any = _STATE.find()
_is_element_id: Any = _IS_ELEMENT.find()
_is_internal_key: Any = _IS_INTERNAL.find()


def take_short_cuts() -> None:
    """Take them for the rest of the process, as far as Streamlit has what they replace. To be called when the options
    of the theme have been read; here nobody sets one later."""
    theme_of.cache_clear()
    if _populate_theme is not None and _THEME_MESSAGE.find() is not None:
        Name("streamlit.runtime", "app_session").find()._populate_theme_msg = _put_theme
    if isinstance(_all_values, property) and None not in (_is_element_id, _is_internal_key):
        Name("streamlit.runtime.state", "SafeSessionState").find().filtered_state = property(Values)


@cache
def theme_of(section: str) -> Any:
    """What a browser is told about the ``section`` of the theme, as it was when it was first asked for."""
    message = _THEME_MESSAGE.find()()
    _populate_theme(message, section)
    return message


def _put_theme(msg: Any, section: str = "theme") -> None:
    told = theme_of(section)
    if told.ByteSize():  # merging an empty one would say that there is such a section
        msg.MergeFrom(told)


class Values(Mapping[str, Any]):
    """A session's values by the keys that the app has given them; one is looked up when it is asked for."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def _all(self) -> dict[str, Any]:
        values: dict[str, Any] = _all_values.fget(self._session)
        return values

    def __getitem__(self, key: str) -> Any:
        if _is_element_id(key) or _is_internal_key(key):
            raise KeyError(key)  # Streamlit's own names are not among the app's
        lock, state = getattr(self._session, "_lock", None), getattr(self._session, "_state", None)
        if lock is None or state is None:
            return self._all()[key]
        with lock:  # as for all of them: no run ends here to make way for the next
            return state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
