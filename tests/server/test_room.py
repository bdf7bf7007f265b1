"""Who gets room for a file, who waits for it, and what makes way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import pytest

from core.server import room
from core.server.room import MB, Room, RoomError, Way
from core.settings import Settings

Kept = dict[str, dict[str, int]]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that goes as the room's visitors wait."""
    found, real = Clock(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        found.now += seconds
        await real(0)

    monkeypatch.setattr(room.asyncio, "sleep", sleep)
    return found


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The files that Streamlit keeps; nobody's page runs but that of ``busy``."""
    files: Kept = {}
    monkeypatch.setattr(room.streamlit_internals, "files", lambda: files)
    monkeypatch.setattr(room.streamlit_internals, "is_busy", lambda session: session == "busy")
    monkeypatch.setattr(room.streamlit_internals, "remove_file", lambda session, name: files[session].pop(name))
    return files


def stored(where: Room, kept: Kept, way: Way, name: str = "file") -> None:
    """``way`` has come to its end and Streamlit keeps the file."""
    kept.setdefault(way.session, {})[name] = way.size
    where.leave(way, name)


def go(visits: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await visits()

    asyncio.run(main())


def limits(**given: int) -> Settings:
    return Settings(**{"session_upload_mb": 32, "address_upload_mb": 64, "total_upload_mb": 128, **given})  # type: ignore[arg-type]


def test_six_idle_connections_of_one_address_leave_room_for_others(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where = Room(limits(), clock)
        for number in range(2):
            way = Way(f"idle{number}", "attacker", 32 * MB)
            await where.enter(way)
            stored(where, kept, way)
        other = Way("me", "elsewhere", 32 * MB)
        await where.enter(other)
        assert clock.now == 0  # at once

    go(visits)


def test_a_file_that_nobody_reads_is_dropped_within_seconds(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where = Room(limits(), clock)
        for session in ("idle", "busy"):
            way = Way(session, "a", MB)
            await where.enter(way)
            stored(where, kept, way)
        clock.now = room.UNREAD - 0.1
        where.tidy()
        assert kept == {"idle": {"file": MB}, "busy": {"file": MB}}
        clock.now = room.UNREAD
        where.tidy()
        assert kept == {"idle": {}, "busy": {"file": MB}}  # a page that runs may read its file yet
        clock.now = room.LONGEST
        where.tidy()
        assert kept == {"idle": {}, "busy": {}}

    go(visits)


def test_whoever_finds_no_room_waits_until_what_nobody_reads_is_gone(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where = Room(limits(), clock)
        for number in range(2):
            way = Way(f"idle{number}", "hall", 32 * MB)
            await where.enter(way)
            stored(where, kept, way)
        mine = Way("me", "hall", 3 * MB)
        await where.enter(mine)
        assert room.IN_THE_WAY <= clock.now <= room.IN_THE_WAY + 2 * room.LOOK

    go(visits)


def test_an_upload_that_takes_long_makes_way_for_one_that_waits(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where = Room(limits(), clock)
        slow, small = Way("slow", "hall", 32 * MB), Way("phone", "hall", 20 * MB)
        for way in (slow, small):
            await where.enter(way)
        await where.enter(Way("me", "hall", 20 * MB))
        assert room.CROWDED_AFTER <= clock.now <= room.CROWDED_AFTER + 1
        with pytest.raises(RoomError, match="too long"):
            where.grow(slow, 1)
        small.check()  # the largest has gone, and that was enough

    # The one that is cut off leaves as its request ends, which here nobody else does.
    original = Way.end

    async def with_leaving() -> None:
        await visits()

    def end(way: Way, error: RoomError) -> None:
        original(way, error)
        way.size = 0

    Way.end = end  # type: ignore[method-assign]
    try:
        go(with_leaving)
    finally:
        Way.end = original  # type: ignore[method-assign]


def test_nobody_waits_for_ever(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where = Room(limits(upload_wait_seconds=10), clock)
        for session in ("busy", "also"):
            await where.enter(Way(session, "hall", 32 * MB))
        with pytest.raises(RoomError, match="Too many people"):
            await where.enter(Way("me", "hall", MB))
        assert 10 <= clock.now <= 11
        assert not where.waiting

    go(visits)


def test_those_of_one_address_are_served_in_the_order_in_which_they_came(kept: Kept, clock: Clock) -> None:
    """A small file that would fit does not overtake a large one for ever."""

    async def visits() -> None:
        where, order = Room(limits(), clock), []

        async def one(name: str, size: int) -> None:
            way = Way(name, "hall", size * MB)
            await where.enter(way)
            order.append(name)
            where.leave(way)

        first, second = Way("1", "hall", 32 * MB), Way("2", "hall", 31 * MB)
        await where.enter(first)
        await where.enter(second)
        both = asyncio.gather(one("large", 32), one("small", 1))
        for _ in range(3):
            await asyncio.sleep(0)
        assert order == []
        where.leave(first)
        await both
        assert order == ["large", "small"]

    go(visits)


def test_the_newest_files_of_a_session_count(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        where, ways = Room(limits(), clock), [Way("me", "a", MB) for _ in range(4)]
        for way in ways:
            await where.enter(way)
        assert [way.over is None for way in ways] == [False, False, True, True]

    go(visits)


def test_what_can_never_fit_is_refused_at_once(kept: Kept, clock: Clock) -> None:
    async def visits() -> None:
        with pytest.raises(RoomError, match="too many uploads"):
            await Room(limits(), clock).enter(Way("me", "a", 33 * MB))
        assert clock.now == 0

    go(visits)


@pytest.mark.parametrize(("rate", "survives"), [(1, False), (20_000, False), (300_000, True)])
def test_a_body_that_cannot_be_here_in_time_is_given_up_early(
    kept: Kept, clock: Clock, rate: int, survives: bool
) -> None:
    """Bytes a second of a file of 30 MB, which has two minutes."""

    async def visits() -> None:
        where, way = Room(limits(), clock), Way("me", "a", 30 * MB)
        await where.enter(way)
        with nullcontext() if survives else pytest.raises(RoomError, match="too long"):
            while way.arrived < way.size:
                clock.now += 1
                where.grow(way, rate)
        assert clock.now < 15 or survives

    go(visits)
