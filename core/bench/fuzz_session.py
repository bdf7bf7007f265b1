"""A visitor who says what no browser says; see :mod:`core.bench.fuzz`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from core.bench.load_session import Session

SOON = 10.0
"""Seconds after which an answer that may never come is waited for no longer."""
APOLOGIES = ("went wrong on our side", "서버 쪽에서 문제가")


class Stranger(Session):
    """A :class:`Session` that may send anything."""

    def kind(self, widget: str) -> str:
        """What ``widget`` is, by Streamlit's name."""
        return self._widgets[widget][0]

    def fragment(self, widget: str) -> str:
        """The part of the page in which ``widget`` stands; empty for the page itself."""
        return self._widgets[widget][1]

    @property
    def closed(self) -> bool:
        """Whether the server has hung up."""
        return self._reader is None or self._reader.done()

    @property
    def sorry(self) -> bool:
        """Whether the visitor was shown an apology."""
        return any(each in shown for each in APOLOGIES for shown in self.failures)

    async def tell(self, state: WidgetState | None, fragment: str = "", **fields: Any) -> None:
        """Send ``state``, which no element need have, or any fields of a wish to run; wait for the end of whatever that
        starts, a fragment or the page, if it does so soon."""
        if state is not None:
            self._states[state.id] = state
        if fragment:
            fields["fragment_id"] = fragment
        await self._rerun(**{"page_script_hash": self._page} | fields)
        with suppress(TimeoutError):  # a wish for what does not exist has no answer
            await asyncio.wait_for(self._end(None), SOON)

    def forget(self) -> None:
        """Send none of the values again that were sent before."""
        self._states.clear()

    async def raw(self, data: bytes) -> None:
        """Send ``data`` as it stands."""
        assert self._socket is not None
        with suppress(ConnectionClosed):
            await self._socket.send(data)

    async def come_again(self, page: str) -> None:
        """Open ``page`` anew after the server has hung up."""
        with suppress(ConnectionClosed):
            await self.close()
        await self.open(page)
