"""Made pictures: the same by their seed, shapes where their masks say, held-out ones kept apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from core.passes.learning import tasks
from core.passes.learning.tasks import TASKS


@pytest.mark.parametrize("name", TASKS)
def test_pictures_come_from_their_seed(name: str) -> None:
    few, more = tasks.lesson(name, 4, seed=3), tasks.lesson(name, 8, seed=3)
    assert (few.pixels == more.pixels[:4]).all()
    assert (few.ids == more.ids[:4]).all()
    assert (tasks.lesson(name, 4, seed=4).pixels != few.pixels).any()
    assert few.pixels.shape == (4, 64, 64, 3)
    assert set(np.unique(more.ids)) <= set(range(len(TASKS[name].classes)))
    assert not few.pixels.flags.writeable


@pytest.mark.parametrize("name", TASKS)
def test_what_measures_never_teaches(name: str) -> None:
    taught = {picture.tobytes() for picture in tasks.lesson(name, 256).pixels}
    held = tasks.held_out(name)
    assert not taught & {picture.tobytes() for picture in held.pixels}
    assert len(held.ids) == tasks.HELD_OUT
    shown = held.ids[: tasks.SHOWN]
    assert set(np.unique(shown)) == set(range(len(TASKS[name].classes))), "every class is among those that are shown"


def test_a_rare_disc_is_a_hundredth() -> None:
    assert tasks.lesson("rare", 64).ids.mean() == pytest.approx(0.01, abs=0.001)


def test_shapes_are_brighter_than_their_ground_and_have_the_form_they_are_called() -> None:
    found = tasks.lesson("shapes", 64)
    objects, ground = found.pixels[found.ids > 0].mean(), found.pixels[found.ids == 0].mean()
    assert objects > ground + 60
    rng = np.random.default_rng(0)
    places = np.stack([*rng.uniform(14, 50, (2, 400)), rng.uniform(5, 12, 400)], 1)
    disc, square, ring = (
        sum(int(draw(*place).sum()) for place in places) for draw in (tasks._disc, tasks._square, tasks._ring)
    )
    assert square == pytest.approx(disc, rel=0.01), "size does not tell them apart"
    assert ring == pytest.approx((1 - 0.55**2) * disc, rel=0.01)


def test_an_unknown_task_is_a_sentence() -> None:
    with pytest.raises(tasks.TaskError, match="choose one of shapes"):
        tasks.task("cubes")


def test_those_who_come_together_make_the_pictures_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    drawn = tasks._drawn

    def counted(*each: Any, **more: Any) -> tasks.Lesson:
        made.append(1)
        return drawn(*each, **more)

    monkeypatch.setattr(tasks, "_kept", lru_cache(counted))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: tasks.lesson("rare", 8, seed=5), range(4)))
    assert len(made) == 1
    assert all(each is found[0] for each in found)
