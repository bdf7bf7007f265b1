"""A computation that is handed over step by step: what is there stays, and a stop takes effect after a step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import torch

from core.engine import gradients, inference
from core.engine.errand import Errand
from core.errors import SegScopeError

pytestmark = pytest.mark.usefixtures("torch_loaded")


class Count(NamedTuple):
    """So far, and all."""

    done: int
    steps: int


def test_it_ends_with_the_last_step() -> None:
    errand = Errand(lambda: (Count(i, 3) for i in (1, 2, 3)))
    assert errand.latest is None
    errand.start()
    assert errand.finished.wait(20)
    assert errand.latest == (3, 3)
    assert errand.complete
    assert not errand.running
    assert errand.error is None


def test_a_stop_takes_effect_after_a_step_and_keeps_what_is_there() -> None:
    begun, go = threading.Event(), threading.Event()

    def steps() -> Iterator[Count]:
        yield Count(1, 9)
        begun.set()
        assert go.wait(20)
        yield Count(2, 9)
        raise AssertionError("nobody asked for the third")

    errand = Errand(steps)
    errand.start()
    assert begun.wait(20)
    assert errand.running
    errand.stop()
    assert not errand.running
    go.set()
    assert errand.finished.wait(20)
    assert errand.latest == (2, 9)
    assert not errand.complete
    assert errand.error is None


def test_a_failure_is_a_sentence_and_the_steps_before_it_stay() -> None:
    def steps() -> Iterator[Count]:
        yield Count(1, 2)
        raise SegScopeError("No more.")

    errand = Errand(steps)
    errand.start()
    assert errand.finished.wait(20)
    assert str(errand.error) == "No more."
    assert errand.latest == (1, 2)


def test_every_step_may_ask_a_network_by_itself() -> None:
    def steps() -> Iterator[Count]:
        for i in (1, 2):
            assert inference.run(lambda: torch.ones(2).sum().item()).value == 2
            yield Count(i, 2)

    errand = Errand(steps)
    errand.start()
    assert errand.finished.wait(20)
    assert errand.error is None
    assert errand.complete


def test_gradients_are_recorded_inside_and_only_there() -> None:
    x = torch.tensor([3.0])

    def slope() -> float:
        here = x.clone().requires_grad_()
        return float(torch.autograd.grad((here**2).sum(), here)[0])

    assert gradients.run(slope).value == 6
    assert inference.run(lambda: gradients.run(slope).value).value == 6
    assert inference.run(torch.is_grad_enabled).value is False
    assert inference.run(lambda: x.clone().is_inference()).value is True
