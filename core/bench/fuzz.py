"""A server is told for a long time what no browser says: ``python -m core.bench fuzz --minutes 60``.

Visitors without a browser open pages with odd addresses, give widgets values of foreign kinds, let players tell
nonsense, ask for fragments and scripts that are none, and send damaged messages. Afterwards the page must stand again
for the same visitor, and the log must be free of tracebacks and of pages that failed. What went wrong is named with its
seed, which ``--seed N --cases 1`` tries again.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from core import machine
from core.bench import fuzz_cases
from core.bench.browser import ROOT, process
from core.bench.findings import Load, say
from core.bench.fuzz_session import Stranger
from core.bench.load import ENVIRONMENT, pages, run

ACTIONS = 6
"""Odd messages in a case."""
PATIENCE = 120.0
"""Seconds until a page that does not stand counts as lost."""
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X")
_FRAME = re.compile(r'File "[^"]*?((?:core|pages|streamlit|starlette|uvicorn)/[^"]*)", line (\d+), in (\S+)')


@dataclass
class Case:
    """What one seed did.

    Attributes:
        seed: of everything in it.
        did: its messages in words, in order.
        wrong: what went wrong, a line each.
    """

    seed: int
    did: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Log:
    """A server's log, of which each part is read once."""

    def __init__(self, file: Path) -> None:
        self.file, self.at = file, 0

    def tracebacks(self) -> list[str]:
        """One line for each traceback that has been written since: the place in the code, and the last line."""
        with self.file.open("rb") as file:
            file.seek(self.at)
            text = file.read().decode("utf-8", "replace")
            self.at = file.tell()
        return in_short(text)


def in_short(text: str) -> list[str]:
    """The failures in ``text``: pages that failed, by kind and place; tracebacks, where each was raised and its last
    line."""
    found = re.findall(r"A page failed: (.*)", text)
    for part in re.split(r"Traceback \(most recent call last\):", text)[1:]:
        places = _FRAME.findall(part)
        own = [place for place in places if place[0].startswith(("core", "pages"))]
        ends = [line for line in part.splitlines() if re.match(r"[\w.]+(?:Error|Exception|Exit|Interrupt)\b", line)]
        where = " < ".join(":".join(place) for place in (*places[-1:], *own[-1:]))
        found.append(f"{where or 'somewhere'} | {ends[0][:200] if ends else part.strip()[-200:]}")
    return found


async def one(address: str, seed: int, names: Sequence[str]) -> Case:
    """Run the case of ``seed``."""
    case, chance = Case(seed), random.Random(seed)
    session = Stranger(address, chance.choice(["en-US", "ko-KR", "xx", ""]))
    page = chance.choice(["", *names])
    try:
        async with asyncio.timeout(PATIENCE):
            query = fuzz_cases.query(chance) if chance.random() < 0.5 else ""
            case.did.append(f"opens /{page}?{query[:200]}")
            await session.open(page, query)
            for _ in range(ACTIONS):
                with suppress(ConnectionClosed):  # the server has heard of the damage a little later
                    await act(session, chance, case, page)
                    continue
                await session.come_again(page)
            session.forget()
            try:
                await session.rerun()
            except ConnectionClosed:  # of the last message's damage the server may only hear now
                await session.come_again(page)
                await session.rerun()
    except Exception as error:
        case.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        with suppress(Exception):
            await session.close()
    if session.sorry:
        case.wrong.append("the visitor was shown an apology")
    return case


async def act(session: Stranger, chance: random.Random, case: Case, page: str) -> None:
    """One odd thing, after which the visitor has an answer or is out, and then comes again."""
    kind = chance.choices(("widget", "player", "rerun", "message", "bytes"), (8, 8, 3, 2, 1))[0]
    if kind in ("widget", "player"):
        players = [w for w in sorted(session.widgets) if session.kind(w) == "bidi_component"]
        own = sorted(session.widgets)
        if not own:
            return
        if kind == "player" and players:
            which = chance.choice(players)
            field = chance.choice(["json_value", "json_value", "json_trigger_value"])
            name = f"$$STREAMLIT_INTERNAL_KEY_{which}__events" if field == "json_trigger_value" else which
        else:
            name = which = chance.choice(own)
            field = usual(session, which) if chance.random() < 0.6 else ""
            if chance.random() < 0.05:
                name = chance.choice([*fuzz_cases.TEXTS, name + "x", "$$STREAMLIT_INTERNAL_KEY_x"])
        state = WidgetState(id=name[:5000])
        fuzz_cases.fill(state, chance, field)
        case.did.append(f"{which} {str(state)[:300]!r}")
        await session.tell(state, session.fragment(which) if chance.random() < 0.8 else "")
    elif kind == "rerun":
        fields = odd_rerun(chance, session, page)
        case.did.append(f"rerun {str(fields)[:300]}")
        await session.tell(None, **fields)
    else:
        message = odd_message(chance, session)
        data = fuzz_cases.broken(chance, message) if kind == "bytes" else message.SerializeToString()
        case.did.append(f"{kind} {data[:200]!r}")
        await session.raw(data)
        await asyncio.sleep(0.2)
        if session.closed:  # rightly: damaged
            await session.come_again(page)


def usual(session: Stranger, widget: str) -> str:
    """The field in which a browser sends the widget's value; empty where it is not one of the well-known."""
    return {
        "slider": "double_array_value", "button_group": "string_array_value", "number_input": "double_value",
        "checkbox": "bool_value", "button": "trigger_value", "radio": "string_value", "text_input": "string_value",
        "selectbox": "string_value", "file_uploader": "file_uploader_state_value", "multiselect": "string_array_value",
        "bidi_component": "json_value", "select_slider": "double_array_value", "plotly_chart": "string_value",
        "text_area": "string_value", "download_button": "trigger_value",
    }.get(session.kind(widget), "")  # fmt: skip


def odd_rerun(chance: random.Random, session: Stranger, page: str) -> dict[str, Any]:
    """Fields of a wish to run the page that name what does not exist."""
    text = chance.choice([*fuzz_cases.TEXTS, "0" * 32, "f" * 64])
    fields: dict[str, Any] = {
        "query_string": fuzz_cases.query(chance),
        "page_script_hash": chance.choice([text, *session.pages.values()]),
        "page_name": chance.choice([text, page, *session.pages]),
        "fragment_id": text,
        "is_auto_rerun": True,
        "is_history_navigation": True,
        "cached_message_hashes": [text],
    }
    return {name: fields[name] for name in chance.sample(sorted(fields), chance.randint(1, 3))}


def odd_message(chance: random.Random, session: Stranger) -> BackMsg:
    """A message of another kind than the usual."""
    message, text = BackMsg(), chance.choice(fuzz_cases.TEXTS)
    match chance.choice(["flag", "files", "operation", "rerun", "nothing"]):
        case "flag":
            flags = (
                "clear_cache", "set_run_on_save", "stop_script", "load_git_info", "app_heartbeat",
                "debug_disconnect_websocket", "debug_shutdown_runtime",
            )  # fmt: skip
            setattr(message, chance.choice(flags), True)
        case "files":
            message.file_urls_request.request_id = text
            message.file_urls_request.session_id = chance.choice([text, session.session_id])
            message.file_urls_request.file_names.extend([text] * chance.randint(0, 50))
        case "operation":
            message.backend_operation_request.SetInParent()
        case "rerun":
            message.rerun_script.query_string = fuzz_cases.query(chance)
            info = message.rerun_script.context_info
            info.timezone, info.locale, info.url = text, chance.choice(fuzz_cases.TEXTS), text
            info.timezone_offset = chance.choice([-(2**31), 0, 2**31 - 1])
    return message


def ask(address: str, chance: random.Random, case: Case, names: Sequence[str]) -> None:
    """One request that a stranger might send."""
    path, method = fuzz_cases.path(chance, names), chance.choice(METHODS)
    case.did.append(f"{method} {path[:200]}")
    headers = {
        "Accept": chance.choice(["text/html", "*/*", "", "image/avif"]),
        "Accept-Language": chance.choice(["ko", "en", "xx;q=abc", ",;,;", "*"]),
        "Range": chance.choice(["bytes=0-0", "bytes=9-1", "bytes=-", "x"]),
        "If-None-Match": chance.choice(["*", "x", '"x"']),
        "Content-Type": chance.choice(["multipart/form-data", "multipart/form-data; boundary=x", "a/b", ""]),
        "Cookie": chance.choice(["_streamlit_xsrf=x", "=", ";;", "_streamlit_xsrf=2|a|b|c"]),
        "X-Forwarded-For": chance.choice(["x", "127.0.0.1", "::1", ",,,"]),
        "X-Forwarded-Host": chance.choice(["x", "a b", "[::1"]),
    }
    chosen = {name: headers[name] for name in chance.sample(sorted(headers), chance.randint(0, 4))}
    there = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        there.request(method, path, chance.choice([None, b"x"]), chosen)
        answer = there.getresponse()
        answer.read()
        if answer.status >= 500 and answer.status != 501:
            case.wrong.append(f"status {answer.status}")
    except OSError as error:
        case.wrong.append(f"{type(error).__name__}: {error}")
    except http.client.HTTPException as error:
        case.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        there.close()


async def measure(
    address: str, log: Log, minutes: float, first: int, most: int, names: Sequence[str], visitors: int = 1
) -> Load:
    """Cases from seed ``first`` on, for ``minutes`` or until there were ``most``."""
    load, until, kinds, requests = Load(), time.monotonic() + 60 * minutes, dict[str, int](), 0
    log.tracebacks()
    seed = first

    async def go_on() -> None:
        nonlocal seed, requests
        while seed < first + most and time.monotonic() < until:
            seed += 1
            case = await one(address, seed - 1, names)
            chance = random.Random(-case.seed - 1)
            for _ in range(ACTIONS):
                await asyncio.to_thread(ask, address, chance, case, names)
                requests += 1
            # With several at once a traceback may be a neighbour's: ``--visitors 1`` tells them apart.
            for wrong in (*case.wrong, *log.tracebacks()):
                kinds[wrong] = kinds.get(wrong, 0) + 1
                if kinds[wrong] == 1:
                    load.failures.append(f"seed {case.seed}: {wrong}")
                    print(
                        f"seed {case.seed}: {wrong}", *(f"    {line}" for line in case.did), sep="\n", file=sys.stderr
                    )
                    sys.stderr.flush()

    await asyncio.gather(*(go_on() for _ in range(visitors)))
    load.add("minutes", minutes - max(0.0, until - time.monotonic()) / 60, "")
    load.add("first seed", first, "")
    load.add("cases", seed - first, "")
    load.add("odd messages", ACTIONS * (seed - first), "")
    load.add("odd requests", requests, "")
    load.add("kinds of failure", len(kinds), "", 0)
    return load


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and with ``--write`` keep; returns the exit status: 1 where something failed."""
    options = argparse.ArgumentParser(prog="python -m core.bench fuzz", description=__doc__)
    options.add_argument("--minutes", type=float, default=60, help="how long at most")
    options.add_argument("--seed", type=int, default=0, help="of the first case")
    options.add_argument("--cases", type=int, default=10**9, help="how many at most")
    options.add_argument("--visitors", type=int, default=1, help="at the same time")
    options.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options.add_argument("--write", action="store_true", help="also write core/bench/results/fuzz.json")
    chosen = options.parse_args(arguments)
    if chosen.minutes <= 0 or chosen.cases < 1 or chosen.visitors < 1:
        options.error("a time, at least one case and one visitor")
    where = machine.here()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with process(ROOT / "app.py", ROOT, "/readyz", ENVIRONMENT, log=log) as (address, _pid):
            some = chosen.minutes, chosen.seed, chosen.cases
            load = run(measure(address, Log(log), *some, pages(), chosen.visitors))
    return say("fuzz", load, where, chosen.json, chosen.write)
