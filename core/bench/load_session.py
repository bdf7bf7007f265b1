"""One visitor without a browser: Streamlit's own messages over a websocket, as its page in a browser sends them.

Such a visitor opens pages, changes widgets and uploads photos. It keeps the widgets that it was sent, resolves messages
that the server believes to be cached, and runs the parts of a page that ask for being run again by themselves.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from core.errors import N_, SegScopeError

PATIENCE = 300.0
"""Seconds after which an answer counts as lost."""
_INTERNAL = "$$STREAMLIT_INTERNAL_KEY"
"""What Streamlit puts before the names of widgets of its own, the events of a component among them."""
_PLACE = re.compile(r'role="status">[^0-9]*([0-9]+)')


class LoadError(SegScopeError):
    """A visit that went wrong."""


class Session:
    """A visitor of the server at ``address``.

    Attributes:
        places: the places in the queue that it was shown, in order.
        failures: sentences of the error boxes that it was shown.
        received: bytes that came through the websocket.
        pages: the navigation's pages: address and name of its script.
        heard: called with every message that comes.
        elements: what the page's widgets were drawn from, by their ids.
    """

    def __init__(self, address: str, locale: str = "en-US") -> None:
        self.address, self.locale = address, locale
        self.places: list[int] = []
        self.failures: list[str] = []
        self.received = 0
        self.session_id = ""
        self.pages: dict[str, str] = {}
        self.elements: dict[str, Any] = {}
        self.heard: Callable[[ForwardMsg], object] = lambda _message: None
        self._page = ""
        self._widgets: dict[str, tuple[str, str]] = {}  # id -> (kind, fragment)
        self._states: dict[str, WidgetState] = {}
        self._cached: dict[str, ForwardMsg] = {}
        self._finished: asyncio.Queue[int] = asyncio.Queue()
        self._urls: dict[str, asyncio.Future[Any]] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------------------------------------- going there

    async def open(self, page: str = "", query: str = "") -> float:
        """Connect and wait until ``page`` stands; returns the seconds that it took."""
        began = time.perf_counter()
        await self._connect("streamlit")
        await self._rerun(page_name=page, query_string=query)
        await self._end()
        return time.perf_counter() - began

    async def back(self) -> float:
        """Come back to a session that was left, as a browser does whose connection broke; returns the seconds until its
        page stands."""
        began = time.perf_counter()
        self._widgets.clear()
        await self._connect("streamlit", "token", self.session_id)  # the token counts for signed-in users only
        return time.perf_counter() - began + await self.rerun()

    async def _connect(self, *words: str) -> None:
        url = urlsplit(self.address)
        self._socket = await connect(
            f"ws://{url.netloc}/_stcore/stream",
            origin=self.address,  # type: ignore[arg-type]
            subprotocols=words,  # type: ignore[arg-type]
            max_size=None,
            open_timeout=PATIENCE,
            ping_timeout=None,
        )
        self._reader = asyncio.create_task(self._read())

    async def visit(self, page: str) -> float:
        """Follow the navigation to ``page``; returns the seconds until it stands."""
        self._page = self.pages[page]
        self._states.clear()
        self._widgets.clear()
        self.elements.clear()
        return await self.rerun()

    async def rerun(self) -> float:
        """Run the whole page again; returns the seconds."""
        began = time.perf_counter()
        await self._rerun()
        await self._end()
        return time.perf_counter() - began

    async def change(self, key: str, set_value: Callable[[WidgetState], object]) -> float:
        """Set the widget whose key ends with ``key``; returns the seconds until its part of the page stands."""
        own = self.widget(key)
        state = WidgetState(id=own)
        set_value(state)
        self._states[own] = state
        fragment = self._widgets[own][1]
        began = time.perf_counter()
        await self._rerun(fragment_id=fragment)
        await self._end(fragment)
        return time.perf_counter() - began

    async def press(self, key: str, event: str, value: object = True) -> float:
        """Let the component whose key ends with ``key`` tell ``event`` once, as its buttons do; returns the seconds
        until its part of the page stands."""
        own = self.widget(key)
        state = WidgetState(id=f"{_INTERNAL}_{own}__events")
        state.json_trigger_value = json.dumps([{"event": event, "value": value}])
        fragment = self._widgets[own][1]
        began = time.perf_counter()
        self._states[state.id] = state
        await self._rerun(fragment_id=fragment)
        del self._states[state.id]
        await self._end(fragment)
        return time.perf_counter() - began

    async def shows(self, key: str, patience: float = PATIENCE) -> None:
        """Wait until the page has a widget whose key ends with ``key``, while its parts run again by themselves.

        Raises:
            LoadError: it has none after ``patience`` seconds.
        """
        until = time.monotonic() + patience
        while not any(own.endswith(key) for own in self._widgets):
            if time.monotonic() > until:
                raise LoadError(N_("The page has no widget {key}."), key=key)
            await asyncio.sleep(0.1)

    @property
    def widgets(self) -> list[str]:
        """Ids of the widgets that the page has."""
        return list(self._widgets)

    def widget(self, key: str) -> str:
        """Id of the widget whose key ends with ``key``."""
        found = [own for own in self._widgets if own.endswith(key)]
        if not found:
            raise LoadError(N_("The page has no widget {key}."), key=key)
        return found[-1]

    async def upload(self, key: str, name: str, data: bytes) -> float:
        """Give ``data`` to the file uploader ``key``; returns the seconds until the page has drawn it."""
        began = time.perf_counter()
        request = uuid.uuid4().hex
        answer = self._urls[request] = asyncio.get_running_loop().create_future()
        ask = BackMsg()
        ask.file_urls_request.request_id = request
        ask.file_urls_request.session_id = self.session_id
        ask.file_urls_request.file_names.append(name)
        await self._send(ask)
        urls = (await asyncio.wait_for(answer, PATIENCE)).file_urls[0]
        await asyncio.to_thread(_put, self.address, urls.upload_url, name, data)

        def set_value(state: WidgetState) -> None:
            file = state.file_uploader_state_value.uploaded_file_info.add()
            file.file_id, file.name, file.size = urls.file_id, name, len(data)
            file.file_urls.CopyFrom(urls)

        await self.change(key, set_value)
        return time.perf_counter() - began

    async def close(self, *, goodbye: bool = True) -> None:
        """Leave; without a good-bye as a lost connection does, in the middle of whatever is going on."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._socket is not None:
            if not goodbye:
                self._socket.transport.abort()
            await self._socket.close()
        if self._reader is not None:
            self._reader.cancel()

    # ----------------------------------------------------------------------------------------------------- talking

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _rerun(self, **fields: Any) -> None:
        state = ClientState(**{"page_script_hash": self._page} | fields)
        state.widget_states.widgets.extend(self._states.values())
        state.cached_message_hashes.extend(self._cached)
        state.context_info.timezone, state.context_info.locale = "UTC", self.locale
        state.context_info.url = self.address
        while not self._finished.empty() and not fields.get("is_auto_rerun"):
            self._finished.get_nowait()
        await self._send(BackMsg(rerun_script=state))

    async def _end(self, fragment: str | None = "") -> None:
        """Wait until the script has run to its end; a fragment if one was asked for, whatever it was for ``None``."""
        wanted = [ForwardMsg.FINISHED_SUCCESSFULLY]
        if fragment:  # a full run after a change in a fragment is what st.rerun() does: it ends the same wish
            wanted.append(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        assert self._reader is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                getter = asyncio.ensure_future(self._finished.get())
                try:
                    await asyncio.wait({getter, self._reader}, return_when=asyncio.FIRST_COMPLETED)
                finally:  # also where this visitor leaves meanwhile
                    left = not getter.done() and getter.cancel()
                if left:
                    self._reader.result()  # what went wrong while reading, if anything did
                    raise LoadError(N_("The server has closed the connection."))
                if fragment is None or getter.result() in wanted:
                    return

    async def _read(self) -> None:
        assert self._socket is not None
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += len(data)
            message = ForwardMsg.FromString(data)
            if message.metadata.cacheable:
                self._cached[message.hash] = message
            if message.WhichOneof("type") == "ref_hash":
                message = self._cached[message.ref_hash]
            self.heard(message)
            self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                new = message.new_session
                self.session_id = new.initialize.session_id or self.session_id
                self._page = new.page_script_hash
                if not message.metadata.run.fragment_ids:
                    for timer in self._timers.values():
                        timer.cancel()
                    self._timers.clear()
            case "navigation":
                self.pages = {page.url_pathname or "": page.page_script_hash for page in message.navigation.app_pages}
            case "delta":
                if message.delta.WhichOneof("type") == "new_element":
                    self._element(message.delta.new_element, message.delta.fragment_id)
            case "script_finished":
                self._finished.put_nowait(message.script_finished)
            case "file_urls_response":
                if asked := self._urls.pop(message.file_urls_response.response_id, None):
                    asked.set_result(message.file_urls_response)
            case "auto_rerun":
                repeat = self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                if old := self._timers.pop(message.auto_rerun.fragment_id, None):
                    old.cancel()
                self._timers[message.auto_rerun.fragment_id] = asyncio.create_task(repeat)

    def _element(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        content = getattr(element, kind)
        own = getattr(content, "id", "")
        if isinstance(own, str) and own:
            self._widgets[own] = (kind, fragment)
            self.elements[own] = content
        if kind == "html" and (place := _PLACE.search(content.body)):
            self.places.append(int(place[1]))
        elif kind == "exception":
            self.failures.append(content.message)
        elif kind == "alert" and content.format == Alert.ERROR:
            self.failures.append(content.body)

    async def _repeat(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._rerun(fragment_id=fragment, is_auto_rerun=True)


def _put(address: str, path: str, name: str, data: bytes) -> None:
    """Send a file as a browser's form does, with the cookie that proves where the form came from."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        answer.read()
        found = re.search(r"(_streamlit_xsrf)=([^;]+)", answer.getheader("Set-Cookie") or "")
        token = found[2] if found else ""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = (head + "Content-Type: image/jpeg\r\n\r\n").encode() + data + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Cookie": f"_streamlit_xsrf={token}",
            "X-Xsrftoken": token,
        }
        connection.request("PUT", path, body, headers)
        status = connection.getresponse().status
        if status >= 300:
            raise LoadError(N_("The server refuses the file: {status}."), status=status)
    finally:
        connection.close()
