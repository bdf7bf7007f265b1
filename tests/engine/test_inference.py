"""Loading once, running one at a time, timing, and errors that are sentences."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref

import pytest
import torch

from core.engine import inference
from core.engine.turns import QueueError, Turns, Visitor
from core.models.registry import RegistryError


def test_importing_the_door_does_not_import_torch() -> None:
    code = "import sys, core.engine.inference; assert 'torch' not in sys.modules and not core.engine.inference.ready()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_warming_up_makes_it_ready() -> None:
    inference.warm_up()
    inference.warm_up()  # a second call changes nothing
    assert inference.wait_until_ready(120)
    assert inference.ready()
    assert torch.get_num_threads() == inference.THREADS


def test_a_network_is_loaded_once_for_all() -> None:
    inference.forget("efficientnet-lite0")
    loaded: list[inference.LoadedModel] = []
    threads = [threading.Thread(target=lambda: loaded.append(inference.load("efficientnet-lite0"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 4
    assert len({id(model) for model in loaded}) == 1
    model = loaded[0]
    assert not model.module.training
    assert not any(p.requires_grad for p in model.module.parameters())
    assert model.seconds > 0


def test_preparation_is_the_stated_normalisation() -> None:
    model = inference.load("efficientnet-lite0")
    pixels = torch.arange(24, dtype=torch.uint8).view(2, 4, 3)
    x = model.prepare(pixels.numpy())
    assert x.shape == (1, 3, 2, 4)
    scale = model.spec.preprocessing
    for c in range(3):
        assert torch.allclose(x[0, c], (pixels[..., c].float() - scale.mean[c]) / scale.std[c])


def test_unknown_network_is_a_sentence() -> None:
    with pytest.raises(RegistryError, match="efficientnet-lite0"):
        inference.load("efficientnet-lite")


def test_results_carry_their_time_and_no_gradient() -> None:
    weight = torch.ones(3, requires_grad=True)
    timed = inference.run(lambda a, b: weight * a + b, 2.0, b=1.0)
    assert timed.value.tolist() == [3, 3, 3]
    assert not timed.value.requires_grad
    assert timed.seconds >= 0
    assert timed.waited >= 0


def test_no_more_than_the_permitted_number_run_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()
    release, begun = threading.Event(), threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        begun.set()
        assert release.wait(60)
        with lock:
            running -= 1

    count = inference.PERMITS + 2
    threads = [threading.Thread(target=inference.run, args=(work,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    assert begun.wait(60)
    for _ in range(6000):  # the others must come to stand in front of the gate
        if inference.waiting() == count - inference.PERMITS:
            break
        threading.Event().wait(0.01)
    assert inference.waiting() == count - inference.PERMITS
    release.set()
    for thread in threads:
        thread.join()
    assert most <= inference.PERMITS
    assert inference.waiting() == 0


def test_a_call_from_inside_a_call_does_not_wait_for_itself() -> None:
    assert inference.run(lambda: inference.run(lambda: 7).value).value == 7


def test_observers_hear_of_outermost_calls_past_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[float, float, int]] = []

    def observe(waited: float, seconds: float) -> None:
        monkeypatch.setattr(inference, "observers", [])
        heard.append((waited, seconds, inference.run(threading.get_ident).value))  # its permit is free again

    monkeypatch.setattr(inference, "observers", [observe])
    timed = inference.run(lambda: inference.run(lambda: 7))
    assert heard == [(timed.waited, timed.seconds, threading.get_ident())]


def test_it_is_known_for_whom_a_thread_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    page, work = Visitor("page"), Visitor("work")
    assert inference.visitor().background  # nobody in particular
    monkeypatch.setattr(inference, "who", lambda: page)
    assert inference.visitor() is page
    with inference.on_behalf_of(work):
        assert inference.run(inference.visitor).value is work
        assert work.came is not None
    assert inference.visitor() is page
    assert page.came is None


def test_a_page_that_is_refused_has_not_run_and_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Turns(1, 0)
    monkeypatch.setattr(inference, "_turns", gate)
    monkeypatch.setattr(inference, "who", lambda: Visitor("page"))
    holder = Visitor()
    gate.enter(holder)
    with pytest.raises(QueueError, match="reload"):
        inference.run(pytest.fail, "it must not run")
    gate.leave(holder, 0.0)
    assert inference.run(lambda: 7).value == 7


def test_what_is_loaded_can_be_listed() -> None:
    model = inference.load("efficientnet-lite0")
    assert inference.loaded()["efficientnet-lite0"] is model


def test_the_networks_asked_for_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    inference.forget()
    monkeypatch.setattr(inference, "NETWORKS", 2)
    first = weakref.ref(inference.load("patch-35").module)
    held = inference.load("patch-67")
    inference.load("patch-35")
    inference.load("patch-115")
    assert list(inference.loaded()) == ["patch-35", "patch-115"]
    assert first() is not None
    inference.load("patch-211")
    assert list(inference.loaded()) == ["patch-115", "patch-211"]
    assert first() is None, "nobody computes with it, so its weights are gone"
    x = torch.zeros(1, 3, 67, 67)
    again = inference.load("patch-67")
    assert again is not held
    with torch.inference_mode():
        assert torch.equal(again.module(x), held.module(x)), "who computed with it goes on, with the same weights"


def test_a_failed_call_gives_its_permit_back() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    for _ in range(inference.PERMITS + 1):
        with pytest.raises(ZeroDivisionError):
            inference.run(fail)
    assert inference.run(lambda: 1).value == 1


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")],
)
def test_too_little_memory_is_a_sentence(error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(inference.InferenceError, match="smaller input"):
        inference.run(fail)


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        inference.run(torch.mm, torch.zeros(2, 3), torch.zeros(2, 3))
