"""Work in the background: a bounded number, a fair line, an end with the visitor, and no failure without a sentence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
import torch

from core.engine import inference, worker
from core.engine.turns import Visitor
from core.engine.worker import MOST, Slots, Stopped, Worker, WorkerError

pytestmark = pytest.mark.usefixtures("torch_loaded")


class Waiting(Worker):
    """Works until it is told to go."""

    slots: ClassVar[Slots] = Slots()

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()

    def work(self) -> None:
        self.begun.set()
        while not self.go.wait(0.005):
            self.check()


class Patient(Waiting):
    """Waits in the line."""

    waits = True


class Failing(Worker):
    """Raises what it is given."""

    slots: ClassVar[Slots] = Slots()

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.wrong = error

    def work(self) -> None:
        raise self.wrong


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slots]:
    """All slots taken by four that work."""
    own = Slots()
    monkeypatch.setattr(Waiting, "slots", own)
    workers = [Waiting() for _ in range(MOST)]
    for each in workers:
        each.start()
    assert all(each.begun.wait(60) for each in workers)
    own.workers = workers  # type: ignore[attr-defined]
    yield own
    for each in workers:
        each.go.set()
        assert each.finished.wait(60)
    assert own._free == MOST


def wait_until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def test_only_so_many_at_once_and_a_slot_is_free_when_one_has_finished(slots: Slots) -> None:
    with pytest.raises(WorkerError, match="try again"):
        Waiting().start()
    first = slots.workers[0]  # type: ignore[attr-defined]
    first.go.set()
    assert first.finished.wait(60)
    last = Waiting()
    last.start()
    last.go.set()
    assert last.finished.wait(60)


def test_the_line_is_first_come_first_served(slots: Slots) -> None:
    line = [Patient() for _ in range(3)]
    for each in line:
        each.start()
    assert [slots.place(each) for each in line] == [1, 2, 3]
    line[0].stop()  # it leaves when its turn comes
    slots.workers[0].go.set()  # type: ignore[attr-defined]
    assert line[1].begun.wait(60)
    assert line[0].finished.wait(60)
    assert not line[0].begun.is_set()
    assert [slots.place(each) for each in line] == [0, 0, 1]
    line[1].go.set()
    assert line[2].begun.wait(60)
    line[2].go.set()
    assert all(each.finished.wait(60) for each in line)
    assert slots.waiting == 0


def test_whoever_waits_and_is_not_watched_is_left_out(slots: Slots, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, here = Patient(), Patient()
    gone.start()
    here.start()
    gone._watched -= worker.PATIENCE + 1
    slots.workers[0].go.set()  # type: ignore[attr-defined]
    assert here.begun.wait(60)
    assert not gone.begun.is_set()
    here.go.set()
    assert here.finished.wait(60)


def test_whom_nobody_wants_any_more_does_not_count_in_the_line(slots: Slots) -> None:
    gone, here = Patient(), Patient()
    gone.start()
    here.start()
    assert (slots.place(gone), slots.place(here)) == (1, 2)
    gone._watched -= worker.PATIENCE + 1
    assert slots.place(here) == 1
    for each in (gone, here):
        each.stop()


def test_a_polite_one_that_nobody_watches_gives_way_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that was loaded anew waited for the work of the page before."""
    monkeypatch.setattr(Waiting, "slots", Slots(2))
    monkeypatch.setattr(Waiting, "yields", True)
    earlier = Waiting()
    earlier.start()
    assert earlier.begun.wait(60)
    earlier._watched -= worker.POLITENESS + 1
    assert earlier.wanted  # alone: its visitor may come back
    later = Waiting()
    later.start()
    assert earlier.finished.wait(60)
    assert later.begun.wait(60)
    assert not later.finished.is_set()
    later.go.set()
    assert later.finished.wait(60)


def test_one_that_is_not_polite_stays_as_long_as_the_patience_lasts(slots: Slots) -> None:
    first = slots.workers[0]  # type: ignore[attr-defined]
    first._watched -= worker.POLITENESS + 1
    assert slots.taken == MOST
    assert first.wanted
    first._watched -= worker.PATIENCE
    assert not first.wanted


@pytest.mark.parametrize("kind", [Waiting, Patient])
def test_a_thread_that_cannot_start_keeps_no_slot(kind: type[Waiting], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_more)
        for _ in range(MOST + 1):
            with pytest.raises(WorkerError, match="cannot begin another"):
                kind().start()
    able = kind()
    able.start()
    able.go.set()
    assert able.finished.wait(60)
    assert able.error is None


def test_one_in_the_line_that_cannot_start_lets_the_next_one_begin(
    slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky, lucky = Patient(), Patient()
    unlucky.start()
    lucky.start()
    start = threading.Thread.start
    failures = iter([RuntimeError("can't start new thread")])

    def once_not(thread: threading.Thread) -> None:
        for error in failures:
            raise error
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", once_not)
    slots.workers[0].go.set()  # type: ignore[attr-defined]
    assert lucky.begun.wait(60)
    assert unlucky.finished.is_set()
    assert "cannot begin" in str(unlucky.error)
    lucky.go.set()
    assert lucky.finished.wait(60)


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), RuntimeError("shapes"), KeyError("x")])
def test_any_exception_reaches_whoever_waits(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(MOST + 1):
        failing = Failing(error)
        failing.start()
        assert failing.finished.wait(60)
        assert isinstance(failing.error, WorkerError)
        assert "secret" not in str(failing.error)
    assert type(error).__name__ in caplog.text


def test_a_stop_is_no_failure() -> None:
    stopped = Failing(Stopped())
    stopped.start()
    assert stopped.finished.wait(60)
    assert stopped.error is None


def test_a_stop_can_be_called_off_until_it_takes_effect() -> None:
    here = Waiting()
    here._stop.set()
    assert here.go_on()
    here.check()
    here.stop()
    with pytest.raises(Stopped):
        here.check()
    assert not here.go_on()
    assert here.stopped


def test_work_ends_with_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = {}
    for name in ("ann", "bob", None):
        visitor = Visitor(background=True) if name is None else Visitor(name)
        with inference.on_behalf_of(visitor):
            workers[name] = Waiting()
            workers[name].start()
    worker.keep_for({"bob"})
    assert workers["ann"].finished.wait(60)
    assert not workers["bob"].finished.is_set()
    assert not workers[None].finished.is_set()
    worker.end()
    assert all(each.finished.is_set() for each in workers.values())


def test_a_thread_born_in_a_workers_turn_has_all_its_threads_in_its_own_pass() -> None:
    """It takes over the number at its first operation, and kept it: at half speed while anybody raced."""
    born, found = threading.Event(), []

    def visit() -> None:
        found.append(torch.ones(2).sum().item())
        found.append(torch.get_num_threads())
        born.set()
        found.append(inference.run(torch.get_num_threads).value)

    visitor = threading.Thread(target=visit)

    def turn() -> int:
        visitor.start()
        assert born.wait(60)
        return torch.get_num_threads()

    mine = inference.THREADS + 1
    assert Worker(threads=mine).turn(turn).value == mine
    visitor.join(60)
    assert found == [2.0, mine, inference.THREADS]
    assert inference.run(torch.get_num_threads).value == inference.THREADS


def test_passes_at_the_same_time_have_each_their_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.engine.turns import Turns

    monkeypatch.setattr(inference, "_turns", Turns(2, 10))
    together, found = threading.Barrier(2), {}

    def pass_of(count: int) -> None:
        def both() -> int:
            together.wait(60)
            torch.ones(2).sum()
            together.wait(60)
            return torch.get_num_threads()

        found[count] = Worker(threads=count).turn(both).value

    threads = [threading.Thread(target=pass_of, args=(count,)) for count in (1, inference.THREADS + 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {count: count for count in found}
    assert len(found) == 2
    late: list[int] = []
    newcomer = threading.Thread(target=lambda: late.append(torch.get_num_threads()))
    newcomer.start()
    newcomer.join(60)
    assert late == [inference.THREADS]  # nobody's number stays the process's
