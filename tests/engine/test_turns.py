"""The queue: who comes next, who is told what, who leaves. Threads, and never a time in seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.engine import turns
from core.engine.turns import Place, QueueError, Turns, Visitor

PATIENCE = 60.0


class Scene:
    """One gate that somebody holds, and threads that come to stand in front of it one after the other."""

    def __init__(self, permits: int = 1, longest: int = 100) -> None:
        self.gate = Turns(permits, longest)
        self.order: list[str] = []
        self.errors: dict[str, BaseException] = {}
        self.threads: list[threading.Thread] = []
        self.holders = [Visitor(background=True) for _ in range(permits)]
        for holder in self.holders:
            self.gate.enter(holder)

    def comes(self, name: str, visitor: Visitor) -> None:
        """``name`` asks on behalf of ``visitor`` and, once it stands in the queue, the scene goes on."""
        before = self.gate.waiting

        def ask() -> None:
            try:
                self.gate.enter(visitor)
            except BaseException as error:
                self.errors[name] = error
            else:
                self.order.append(name)
                self.gate.leave(visitor, 1.0)

        self.threads.append(threading.Thread(target=ask))
        self.threads[-1].start()
        until(lambda: self.gate.waiting > before or name in self.errors)

    def now(self, holder: Visitor) -> None:
        """Another one holds the gate from now on."""
        self.gate.leave(self.holders[0], 1.0)
        self.gate.enter(holder)
        self.holders = [holder]

    def opens(self) -> list[str]:
        """Whoever holds the gate leaves; the names in the order in which they were served."""
        for holder in self.holders:
            self.gate.leave(holder, 1.0)
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert self.gate.waiting == 0
        return self.order


def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE * 200)):
        if condition():
            return
        threading.Event().wait(0.005)
    pytest.fail("it does not come about")


def test_first_come_first_served() -> None:
    scene = Scene()
    names = [f"visitor {i}" for i in range(12)]
    for name in names:
        scene.comes(name, Visitor())
    assert scene.opens() == names


def test_one_question_of_each_session_before_anyones_second() -> None:
    scene = Scene()
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        scene.comes(name, Visitor(name[0]))
    assert scene.opens() == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_all_questions_of_a_run_count_from_the_first() -> None:
    """A page with two passes is not sent to the back after the first."""
    scene = Scene()
    early, late = Visitor("early"), Visitor("late")
    scene.now(early)  # its first pass, during which the other one comes
    scene.comes("late", late)
    scene.comes("early", early)
    assert scene.opens() == ["early", "late"]


def test_background_work_takes_turns() -> None:
    scene = Scene()
    race = Visitor("race", background=True)
    scene.now(race)
    scene.comes("visitor", Visitor())
    scene.comes("race", race)
    assert scene.opens() == ["visitor", "race"]


def test_none_is_lost_when_many_come_at_once() -> None:
    gate, done, lock = Turns(2, 1000), [0], threading.Lock()
    start = threading.Barrier(40)

    def visit() -> None:
        start.wait(PATIENCE)
        visitor = Visitor()
        for _ in range(5):
            gate.enter(visitor)
            with lock:
                done[0] += 1
            gate.leave(visitor, 0.0)

    threads = [threading.Thread(target=visit) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert done == [200]
    assert gate.waiting == 0
    gate.enter(Visitor())  # both permits are back
    gate.enter(Visitor())


def test_places_are_told_and_count_down_to_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BEAT", 0.005)
    scene = Scene()
    told: list[Place] = []
    scene.comes("first", Visitor())
    scene.comes("second", Visitor(look_up=told.append))
    until(lambda: bool(told))
    assert told[0].number == 2
    assert scene.opens() == ["first", "second"]
    numbers = [place.number for place in told]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 0


def test_whoever_does_not_wait_is_told_nothing() -> None:
    told: list[Place] = []
    gate = Turns(1, 1)
    visitor = Visitor(look_up=told.append)
    gate.enter(visitor)
    gate.leave(visitor, 1.0)
    assert told == []


def test_seconds_are_the_place_times_what_visitors_computed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Earlier visitors computed 2 seconds each, in two passes: the third in the queue waits about 6."""
    monkeypatch.setattr(turns, "BEAT", 0.005)
    scene = Scene()
    scene.gate.leave(scene.holders[0], 2.0)
    monkeypatch.setattr(turns, "LINGER", 0.0)
    for _ in range(3):
        visitor = Visitor()
        for _ in range(2):
            scene.gate.enter(visitor)
            scene.gate.leave(visitor, 1.0)
    scene.gate.enter(scene.holders[0])
    told: list[Place] = []
    for name in "ab":
        scene.comes(name, Visitor())
    scene.comes("c", Visitor(look_up=told.append))
    until(lambda: bool(told))
    assert told[0].number == 3
    # the four who came after are counted as visitors, though they have not computed yet
    assert told[0].seconds is not None
    assert 2 < told[0].seconds < 6
    scene.opens()


def test_whoever_is_between_two_passes_still_counts_as_being_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BEAT", 0.005)
    monkeypatch.setattr(turns, "LINGER", PATIENCE)
    scene, early = Scene(), Visitor()
    told: list[Place] = []
    scene.now(early)  # its first pass
    late = Visitor(look_up=told.append)
    scene.comes("other", Visitor())
    scene.comes("late", late)
    until(lambda: bool(told) and told[-1].number == 2)
    scene.gate.leave(early, 1.0)  # a moment later it will ask again; everybody else is served meanwhile
    for thread in scene.threads:
        thread.join(PATIENCE)
    assert scene.order == ["other", "late"]
    assert 1 not in [place.number for place in told]
    assert told[-1].number == 0


class Gone(BaseException):
    """As Streamlit stops a script: not an Exception."""


def test_whoever_leaves_is_out_of_the_queue_and_the_others_move_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BEAT", 0.005)
    scene, away = Scene(), threading.Event()
    told: list[Place] = []

    def look_up(_place: Place) -> None:
        if away.is_set():
            raise Gone

    scene.comes("leaves", Visitor(look_up=look_up))
    scene.comes("stays", Visitor(look_up=told.append))
    until(lambda: bool(told))
    assert told[-1].number == 2
    away.set()
    until(lambda: "leaves" in scene.errors)
    assert isinstance(scene.errors["leaves"], Gone)
    until(lambda: told[-1].number == 1)
    assert scene.gate.waiting == 1
    assert scene.opens() == ["stays"]


def test_whoever_leaves_when_the_turn_has_come_hands_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BEAT", 0.005)
    scene, looked = Scene(), threading.Event()

    def look_up(place: Place) -> None:
        looked.set()
        if not place.number:
            raise Gone

    scene.comes("leaves", Visitor(look_up=look_up))
    assert looked.wait(PATIENCE)
    scene.comes("stays", Visitor())
    assert scene.opens() == ["stays"]
    assert isinstance(scene.errors["leaves"], Gone)


def test_a_full_queue_is_a_sentence_and_only_for_new_visitors() -> None:
    scene = Scene(longest=2)
    known = Visitor()
    scene.now(known)
    scene.comes("a", Visitor())
    scene.comes("b", Visitor())
    scene.comes("refused", Visitor())
    assert isinstance(scene.errors["refused"], QueueError)
    assert str(scene.errors["refused"]).startswith("2 visitors are waiting")
    scene.comes("known", known)  # half of a page helps nobody
    scene.comes("work", Visitor(background=True))
    assert scene.opens() == ["known", "a", "b", "work"]
