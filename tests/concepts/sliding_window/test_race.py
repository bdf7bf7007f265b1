"""The three lanes compute the same, stop at once, let others in between and leave nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from core.concepts.sliding_window import race
from core.concepts.sliding_window.race import Course, Race
from core.concepts.sliding_window.track import STRIDES, ClassifierTrack, TileTrack, track, windows_of
from core.engine import inference
from core.engine.worker import Stopped, Worker
from core.models.registry import build, spec
from core.passes import heatmaps
from core.passes.heatmaps import View
from core.pictures import images

VIEW = View("square", 288)


def small(name: str, padded: bool = True) -> inference.LoadedModel:
    """Network ``name`` with random weights, in evaluation mode."""
    torch.manual_seed(0)
    module = build(name).eval().requires_grad_(False)
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and not padded:
            layer.padding = (0, 0)
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.normal_(layer.weight, 0, (2 / layer.weight[0].numel()) ** 0.5)
    return inference.LoadedModel(spec(name), module, 0.0)


@pytest.fixture
def alexnet(monkeypatch: pytest.MonkeyPatch) -> Iterator[inference.LoadedModel]:
    """``alexnet-slim`` with random weights where the app looks for networks."""
    inference.wait_until_ready(120)
    model = small("alexnet-slim")
    monkeypatch.setitem(inference._models, "alexnet-slim", model)
    yield model
    assert not any(module._forward_pre_hooks for module in model.module.modules())


def course(model: str = "alexnet-slim", view: View = VIEW, stride: int = 32, threads: int = 1) -> Course:
    return Course(model, images.sample("kitten").digest, view, stride, threads, (8, 12))


def run_to_the_end(course: Course, batch: int = 4) -> Race:
    runner = Race(course, images.sample("kitten"), batch)
    runner.start()
    assert runner.finished.wait(120)
    assert runner.error is None
    return runner


@pytest.mark.parametrize("stride", [32, 64])
def test_three_lanes_paint_the_same_cells(alexnet: inference.LoadedModel, stride: int) -> None:
    runner = run_to_the_end(course(stride=stride))
    result = runner.result
    assert result is not None
    side = (288 - 224) // stride + 1
    pixels = VIEW.render(images.sample("kitten").pixels)
    expected = np.empty((side, side))
    for row in range(side):
        for column in range(side):
            part = pixels[row * stride : row * stride + 224, column * stride : column * stride + 224]
            shares = alexnet.module(alexnet.prepare(part)).softmax(1)[0]
            expected[row, column] = shares[[8, 12]].sum()
    single, batched, once = result.lanes
    assert np.abs(single.heat - expected).max() < 1e-5
    assert np.abs(batched.heat - expected).max() < 1e-5
    whole = heatmaps.converted(alexnet)(alexnet.prepare(pixels)).softmax(1)[0, [8, 12]].sum(0)
    assert np.abs(once.heat - whole[:: stride // 32, :: stride // 32].numpy()).max() < 1e-6
    assert [lane.state for lane in result.lanes] == ["done"] * 3
    assert single.done == single.total == batched.done == side * side
    for lane in result.lanes:
        times, done = zip(*lane.marks, strict=True)
        assert list(times) == sorted(times)
        assert list(done) == sorted(done)
        assert done[0] == 0
        assert (times[-1], done[-1]) == (lane.seconds, lane.total)
    assert result.border.shape == (side, side)
    assert result.batching < 1e-4 < result.border.max()  # padding sees other neighbours; batching only rounds


def test_without_padding_windows_and_one_pass_are_equal() -> None:
    model = small("vgg16-slim", padded=False)
    pixels = np.random.default_rng(0).integers(0, 256, (468, 436, 3), np.uint8)
    # unpadded, the features of 404 pixels are 7 x 7 cells: VGG16's receptive field, FCN's table 1
    with torch.inference_mode():
        x = model.prepare(pixels)
        once = heatmaps.converted(model)(x)[0]
        for row in range(3):
            for column in range(2):
                part = x[..., 32 * row : 32 * row + 404, 32 * column : 32 * column + 404]
                assert (model.module(part)[0] - once[:, row, column]).abs().max() < 1e-4
        assert once.std() > 1e-3


@pytest.mark.parametrize("stride", STRIDES)
def test_tiles_join_to_the_one_pass(stride: int) -> None:
    model, view = small("unet-em"), View("square", 224)
    run = track(model, images.sample("cat"), view, stride, (1,))
    assert isinstance(run, TileTrack)
    assert run.windows == windows_of("unet-em", view, images.sample("cat"), stride)
    with torch.inference_mode():
        answers = (
            [run.ask(run.cut(i, 1)) for i in range(len(run.windows))] if stride > 32 else [run.ask(run.cut(0, 49))]
        )
        joined, once = run.join(answers), run.everywhere()
    assert joined.shape == once.shape == (2, 224, 224)
    assert (joined - once).abs().max() < 1e-4 * once.std() + 1e-4
    heat = np.full((run.cells.rows, run.cells.columns), np.nan, np.float32)
    first = 0
    for answer in answers:
        race.paint(run, heat, answer, first)
        first += len(answer)
    assert np.abs(heat - run.heat(once)).max() < 1e-3
    assert race.border_differences(joined, once, stride).shape == (run.windows.rows, run.windows.columns)


def test_a_stopped_race_frees_its_worker_within_a_second(
    alexnet: inference.LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    ask = ClassifierTrack.ask

    def signalling(self: ClassifierTrack, patches: torch.Tensor) -> torch.Tensor:
        begun.set()
        return ask(self, patches)

    monkeypatch.setattr(ClassifierTrack, "ask", signalling)
    runner = Race(course(view=View("whole", 640)), images.sample("kitten"))
    runner.start()
    assert begun.wait(60)
    assert not runner.finished.is_set()
    runner.stop()
    assert runner.finished.wait(1)  # the longest wait is for one layer: the worker looks up before each
    assert runner.result is None
    assert any(lane.state == "stopped" for lane in runner.snapshot())
    assert inference.run(lambda: 1).value == 1


def test_stopping_does_not_wait_for_the_end_of_a_pass() -> None:
    """The worker looks up before every layer, so the layer after the stop does not run."""
    ran: list[int] = []

    class Noting(nn.Module):
        def __init__(self, number: int, worker: Worker) -> None:
            super().__init__()
            self.number, self.worker = number, [worker]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            ran.append(self.number)
            if self.number == 1:
                self.worker[0].stop()
            return x

    worker = Worker()
    network = nn.Sequential(*[Noting(i, worker) for i in range(4)])
    with pytest.raises(Stopped), worker.checkpoints(network):
        worker.turn(lambda: network(torch.zeros(1)))
    assert ran == [0, 1]
    assert not any(module._forward_pre_hooks for module in network.modules())


def test_others_get_a_turn_in_between(alexnet: inference.LoadedModel) -> None:
    runner = Race(course(view=View("square", 448)), images.sample("kitten"))
    runner.start()
    while not runner.snapshot()[0].done and not runner.finished.is_set():
        threading.Event().wait(0.005)
    assert inference.run(lambda: "mine").value == "mine"
    assert not runner.finished.is_set()  # it was not necessary to wait for the end of the race
    runner.stop()
    assert runner.finished.wait(60)


def test_a_race_that_nobody_watches_ends(alexnet: inference.LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.engine.worker.PATIENCE", 0.0)
    runner = Race(course(), images.sample("kitten"))
    runner.start()
    assert runner.finished.wait(60)
    assert runner.result is None


def test_a_failure_is_kept_as_a_sentence() -> None:
    runner = Race(course("no-such-network"), images.sample("kitten"))
    runner.start()
    assert runner.finished.wait(60)
    assert "no-such-network" in str(runner.error)
    assert runner.result is None
