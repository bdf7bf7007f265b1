"""The work behind the comparison: it fills in step by step, stops, goes on, and survives networks that fail."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.concepts.compare import steps
from core.concepts.compare import votes as comparison
from core.concepts.compare import work as comparing
from core.concepts.compare.work import Comparing, Progress
from core.engine import inference, worker
from core.errors import N_, SegScopeError
from core.models import segmenters
from core.models.costs import cost
from core.models.downloads import DownloadError
from core.models.registry import spec
from core.passes import segmentation
from core.passes.segmentation import Segmentation
from core.pictures import images

NAMES = ("fcn32s", "fcn8s", "deeplabv3")
pytestmark = pytest.mark.usefixtures("torch_loaded")


class Bad(SegScopeError):
    """What a broken network raises."""


@pytest.fixture
def picture() -> images.Picture:
    return images.decode(images.encode_png(np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Networks that give class ``len(name)`` on their left half, in the order in which they are asked."""
    worker.end()  # a page of another test may still be at work
    order: list[str] = []

    def segment(model: str, picture: images.Picture) -> Segmentation:
        order.append(model)
        ids = np.zeros(picture.pixels.shape[:2], np.uint8)
        ids[:, : ids.shape[1] // 2] = len(model)
        return Segmentation(ids, (64, 48), 0.25 + 0.5 * len(order))

    monkeypatch.setattr(inference, "load", lambda name: name)
    monkeypatch.setattr(segmentation, "segment", segment)
    return order


def until(work: Comparing, done: Callable[[Progress], bool]) -> Progress:
    give_up = time.monotonic() + 60
    while not done(progress := work.progress()):
        assert time.monotonic() < give_up
        time.sleep(0.005)
    return progress


def test_every_network_answers_once_and_is_timed_in_turns(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES)
    work.start(picture)
    progress = until(work, lambda p: p.done == p.total and not p.running)
    assert asked == list(NAMES) * (1 + comparing.ROUNDS)
    assert list(progress.answers) == list(NAMES)
    for i, name in enumerate(NAMES):
        mine = [0.25 + 0.5 * (1 + i + k * len(NAMES)) for k in range(1, 1 + comparing.ROUNDS)]
        assert progress.seconds[name] == tuple(mine)  # without the first pass
        assert progress.costs[name] == cost(name, spec(name).short_side)
    work.start(picture)
    assert not work.progress().running


def test_costs_come_first_where_they_are_drawn_first(picture: images.Picture, asked: list[str]) -> None:
    order: list[str] = []
    work = Comparing(NAMES)
    for step in ("_mask", "_cost"):
        do = getattr(work, step)
        setattr(work, step, lambda name, *rest, do=do, step=step: (order.append(step), do(name, *rest)))
    work.costs_first()
    work.work(picture)
    assert order == ["_cost"] * 3 + ["_mask"] * 3
    assert work.progress().votes is not None


def test_one_more_network_repeats_nothing(picture: images.Picture, asked: list[str]) -> None:
    before = Comparing(NAMES)
    before.ask_for(comparing.ROUNDS + 1)
    before.work(picture)
    known = before.progress()
    asked.clear()
    more = Comparing((*NAMES[1:], "pspnet"), before)
    assert more.progress().answers == {name: known.answers[name] for name in NAMES[1:]}
    more.work(picture)
    assert asked == ["pspnet"] * (2 + comparing.ROUNDS)  # its mask, and as many timed passes as the others have
    progress = more.progress()
    assert progress.names == (*NAMES[1:], "pspnet")
    assert progress.done == progress.total
    assert all(progress.seconds[name] == known.seconds[name] for name in NAMES[1:])
    assert progress.votes is not None
    assert progress.votes.names == progress.names
    assert before.progress() == known


def test_weights_that_were_fetched_again_are_tried_again(
    picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, able = Comparing(NAMES), inference.load

    def load(name: str) -> str:
        if name == NAMES[0]:
            raise DownloadError(N_("The file {file} is damaged and was removed: fetch it again."), file="x.pth")
        if name == NAMES[1]:
            raise Bad(N_("Broken."))
        return name

    monkeypatch.setattr(inference, "load", load)
    work.work(picture)
    assert set(work.progress().errors) == set(NAMES[:2])
    monkeypatch.setattr(inference, "load", able)
    work.start(picture)
    progress = until(work, lambda p: p.done == p.total and not p.running)
    work.join(20)
    assert set(progress.errors) == {NAMES[1]}
    assert set(progress.answers) == {NAMES[0], NAMES[2]}
    assert progress.votes is not None
    assert progress.votes.names == (NAMES[0], NAMES[2])


def test_answers_carry_their_masks(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES)
    work.work(picture)
    for name, found in work.progress().answers.items():
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(found.png))), found.ids)
        assert [(e.id, e.share) for e in found.labels] == [(len(name), 0.5)]


def test_votes_are_those_of_the_masks(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES)
    work.work(picture)
    progress = work.progress()
    masks, votes = [a.ids for a in progress.answers.values()], progress.votes
    assert votes is not None
    assert votes.names == NAMES
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(votes.answers))), comparison.answers(masks))
    entropy = np.asarray(Image.open(io.BytesIO(votes.entropy))) / 255 * votes.bits
    assert np.abs(entropy - comparison.entropy(masks)).max() < votes.bits / 500
    assert votes.agreement == comparison.agreement(masks)
    assert list(votes.dissent.values()) == comparison.dissent(masks)
    assert votes.disputed == comparison.disputed(masks)
    assert votes.most == comparison.answers(masks).max()


def test_a_stop_keeps_what_is_there_and_going_on_repeats_nothing(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES)
    original = work._mask

    def mask(name: str, picture: images.Picture) -> None:
        original(name, picture)
        if name == NAMES[1]:
            work.stop()

    work._mask = mask  # type: ignore[method-assign]
    work.start(picture)
    progress = until(work, lambda p: len(p.answers) == 2 and not p.running)
    work.join(20)
    assert asked == list(NAMES[:2])
    assert progress.done < progress.total
    assert progress.seconds.keys() == set(NAMES[:2])  # the first pass counts while there is no other
    work.start(picture)
    until(work, lambda p: p.done == p.total and not p.running)
    assert asked == [*NAMES, *(list(NAMES) * comparing.ROUNDS)]


def test_going_on_calls_off_a_stop_that_has_not_taken_effect(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES)
    original = work._mask

    def mask(name: str, picture: images.Picture) -> None:
        original(name, picture)
        if name == NAMES[0]:
            work.stop()
            assert not work.progress().running
            work.start(picture)

    work._mask = mask  # type: ignore[method-assign]
    work.start(picture)
    until(work, lambda p: p.done == p.total and not p.running)
    assert asked == list(NAMES) * (1 + comparing.ROUNDS)


def test_more_rounds_are_added_on_request(picture: images.Picture, asked: list[str]) -> None:
    work = Comparing(NAMES[:1])
    work.work(picture)
    work.ask_for(comparing.ROUNDS + 2)
    work.ask_for(1)
    work.work(picture)
    assert len(work.progress().seconds[NAMES[0]]) == comparing.ROUNDS + 2
    work.ask_for(10**6)
    assert work._rounds == comparing.MOST_ROUNDS


@pytest.mark.parametrize("wrong", [Bad(N_("This mask is damaged")), ZeroDivisionError()])
def test_a_network_that_fails_is_named_and_the_others_go_on(
    wrong: Exception, picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> str:
        if name == NAMES[0]:
            raise wrong
        return name

    monkeypatch.setattr(inference, "load", load)
    work = Comparing(NAMES)
    work.work(picture)
    progress = work.progress()
    assert list(progress.answers) == list(NAMES[1:])
    assert list(progress.errors) == [NAMES[0]]
    assert isinstance(progress.errors[NAMES[0]], SegScopeError)
    assert progress.done == progress.total
    assert progress.votes is not None
    assert progress.votes.names == NAMES[1:]


def test_work_that_nobody_asks_for_stops(
    picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE", -1.0)
    work = Comparing(NAMES)
    work.work(picture)
    assert asked == []


# ------------------------------------------------------------------------------------ fewer than two, and what breaks


@pytest.mark.parametrize("names", [NAMES[:1], NAMES[:2]])
def test_one_mask_has_no_votes_and_nothing_left_to_do(
    names: tuple[str, ...], picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One network, and two of which one fails: the page asked for votes again and again, each time in a thread."""

    def load(name: str) -> str:
        if name != NAMES[0]:
            raise Bad(N_("Broken."))
        return name

    monkeypatch.setattr(inference, "load", load)
    work = Comparing(names)
    work.start(picture)
    progress = until(work, lambda p: not p.running)
    assert (list(progress.answers), progress.votes, progress.error) == ([NAMES[0]], None, None)
    assert progress.done == progress.total
    before = threads_begun(monkeypatch)
    work.start(picture)
    assert not work.progress().running
    assert before == []


def threads_begun(monkeypatch: pytest.MonkeyPatch) -> list[worker.Worker]:
    """Workers that begin from now on."""
    begun: list[worker.Worker] = []
    begin = worker.Worker._begin
    monkeypatch.setattr(worker.Worker, "_begin", lambda self: (begun.append(self), begin(self))[1])
    return begun


def test_votes_that_fail_are_said_once_and_tried_again_when_asked(
    picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    able = steps.votes
    monkeypatch.setattr(steps, "votes", lambda masks: 1 / 0)
    work = Comparing(NAMES)
    work.start(picture)
    progress = until(work, lambda p: not p.running)
    assert isinstance(progress.error, comparing.ComparingError)
    assert progress.done == progress.total  # the rest goes on
    assert progress.errors == {}
    begun = threads_begun(monkeypatch)
    work.start(picture)
    assert begun == []
    monkeypatch.setattr(steps, "votes", able)
    work.forgive()
    assert work.progress().error is None
    work.start(picture)
    assert until(work, lambda p: not p.running).votes is not None


def test_what_breaks_as_a_whole_reaches_the_page_and_is_not_begun_again_and_again(
    picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    able = Comparing._times
    monkeypatch.setattr(Comparing, "_times", lambda self, picture: [][1])
    work = Comparing(NAMES)
    work.start(picture)
    progress = until(work, lambda p: not p.running)
    assert isinstance(progress.error, worker.WorkerError)
    begun = threads_begun(monkeypatch)
    monkeypatch.setattr(Comparing, "_times", able)
    work.start(picture)
    assert begun == []
    work.forgive()
    work.start(picture)
    assert until(work, lambda p: not p.running).error is None


def test_without_a_thread_the_page_hears_of_it(
    picture: images.Picture, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    work = Comparing(NAMES)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_more)
        for _ in range(worker.MOST + 1):  # every slot is given back
            work.forgive()
            work.start(picture)
            progress = work.progress()
            assert not progress.running
            assert "cannot begin" in str(progress.error)
    work.forgive()
    work.start(picture)
    assert until(work, lambda p: not p.running).done == progress.total


# ------------------------------------------------------------------------------------------------------ many visitors


def photo(number: int) -> images.Picture:
    """A picture that no other number gives."""
    pixels = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    return images.decode(images.encode_png(pixels))


def test_twenty_visitors_with_twenty_photos_all_finish(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No more at a time than there are slots, nothing twice, and masks for everybody before anybody's times."""
    at_work, most, lock, everybody = 0, 0, threading.Lock(), threading.Event()
    work = comparing.Spell.work

    def counted(self: comparing.Spell) -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        try:
            assert everybody.wait(60)
            work(self)
        finally:
            with lock:
                at_work -= 1

    monkeypatch.setattr(comparing.Spell, "work", counted)
    photos = [photo(number) for number in range(20)]
    visits = [Comparing(NAMES) for _ in photos]
    for visit, seen in zip(visits, photos, strict=True):
        visit.start(seen)
    places = [visit.progress().place for visit in visits]
    everybody.set()
    for visit, seen in zip(visits, photos, strict=True):
        visit.start(seen)  # as a page does again and again
        until(visit, lambda p: not p.running)
    for visit in visits:
        progress = visit.progress()
        assert progress.done == progress.total
        assert progress.votes is not None
    assert len(asked) == 20 * len(NAMES) * (1 + comparing.ROUNDS)
    assert most == worker.MOST
    assert places == [0] * worker.MOST + list(range(1, 21 - worker.MOST))
    assert comparing.Spell.slots.waiting == 0


def test_a_stop_is_the_visitors_own(picture: images.Picture, asked: list[str]) -> None:
    mine, yours = Comparing(NAMES), Comparing(NAMES)
    mine.start(picture)
    yours.start(picture)
    mine.stop()
    assert until(yours, lambda p: not p.running).done == yours.progress().total


def test_times_wait_while_others_have_no_masks(picture: images.Picture, asked: list[str]) -> None:
    blocked = [Waiting() for _ in range(worker.MOST - 1)]
    try:
        for each in blocked:
            each.start()
        first, second = Comparing(("fcn32s",)), Comparing(("pspnet",))
        begin, original = threading.Event(), first._mask

        def mask(name: str, seen: images.Picture) -> None:
            assert begin.wait(60)
            original(name, seen)

        first._mask = mask  # type: ignore[method-assign]
        first.start(picture)
        second.start(photo(1))
        assert second.progress().place == 1
        begin.set()
        for visit in (first, second):
            until(visit, lambda p: not p.running)
        assert asked[:2] == ["fcn32s", "pspnet"]
        assert len(asked) == 2 * (1 + comparing.ROUNDS)
    finally:
        for each in blocked:
            each.go.set()
            assert each.finished.wait(60)


class Waiting(comparing.Spell):
    """Holds a slot until it is told to go."""

    def __init__(self) -> None:
        super().__init__(lambda _spell: None)
        self.go = threading.Event()

    def work(self) -> None:
        self.go.wait(60)


def test_real_networks_give_what_each_gives_alone() -> None:
    picture = images.sample("cat")
    names = segmenters.networks()[:2]
    work = Comparing(names)
    work.work(picture)
    for name, found in work.progress().answers.items():
        assert np.array_equal(found.ids, segmentation.segment(inference.load(name), picture).ids)
