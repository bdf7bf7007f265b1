"""A run: the same by its seed, a frame is what the network says, bounded, and an explosion has a name."""

from __future__ import annotations

import io
import math
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from core.engine import inference
from core.engine.turns import Visitor
from core.maths.metrics import confusion, iou
from core.models.small_unet import SmallUNet, normalised
from core.passes.learning import run, tasks
from core.passes.learning.run import Options, Training, framed
from core.passes.learning.trainer import Trainer

pytestmark = pytest.mark.usefixtures("torch_loaded")


def learned(options: Options, steps: int) -> Training:
    made = Training(options)
    worker = Trainer([made], until=steps)
    worker.start()
    assert worker.finished.wait(120)
    assert worker.error is None
    return made


@pytest.mark.parametrize(
    "options", [Options(), Options(task="rare", loss="dice", skips=False, augment=True, depth=3, width=4)]
)
def test_the_same_options_give_the_same_numbers(options: Options) -> None:
    one, two = learned(options, 7), learned(options, 7)
    assert [frame.step for frame in one.frames] == [0, 5, 7]
    for a, b in zip(one.frames[1:], two.frames[1:], strict=True):
        assert (a.loss, a.iou, a.said, a.taught) == (b.loss, b.iou, b.said, b.taught)
        assert (a.head == b.head).all()
    other = learned(Options(seed=1), 5)
    assert other.frames[0].said != learned(Options(), 5).frames[0].said


def test_a_step_is_what_pytorch_does_by_itself() -> None:
    made = Training(Options(pictures=4))
    torch.manual_seed(0)
    network = SmallUNet(4)
    optimizer = torch.optim.Adam(network.parameters(), 0.005, betas=(0.9, 0.99))
    numbers = np.random.default_rng(0).choice(4, 4, replace=False)
    lesson = tasks.lesson("shapes", 4)
    x, ids = normalised(torch.tensor(lesson.pixels[numbers])), torch.tensor(lesson.ids[numbers]).long()
    for _ in range(1):
        loss = torch.nn.functional.cross_entropy(network(x), ids)
        loss.backward()
        optimizer.step()
    inference.run(made.learn)
    assert made._recent == [pytest.approx(loss.item(), rel=1e-5)]
    for a, b in zip(made.network.parameters(), network.parameters(), strict=True):
        assert (a - b).abs().max() < 1e-5


def test_a_frame_is_what_the_network_says() -> None:
    made = learned(Options(), 5)
    frame, held = made.frames[-1], tasks.held_out("shapes")
    with torch.no_grad():
        shares = made.network(normalised(torch.tensor(held.pixels))).softmax(1).numpy()
    assert frame.iou == pytest.approx(np.nan_to_num(iou(confusion(held.ids, shares.argmax(1), 4))))
    sheet = np.asarray(Image.open(io.BytesIO(frame.said)))
    assert sheet.shape == (64 + 4 * 4, 6 * 64)
    assert (frame.masks() == sheet[:64]).all()
    for number in range(tasks.SHOWN):
        assert (sheet[:64, 64 * number : 64 * number + 64] == shares[number].argmax(0)).all()
    grid = sheet[64:].reshape(4, 6, 16, 16)
    assert np.abs(grid / 255 - shares[:6, :, 2::4, 2::4].transpose(1, 0, 2, 3)).max() < 0.002
    assert np.abs(frame.head[:, :-1] - made.network.head.weight.detach()[:, :, 0, 0].numpy()).max() == 0


def test_frames_are_bounded() -> None:
    due = [step for step in range(run.LAST + 1) if framed(step)]
    assert len(due) < 150
    raw = tasks.SHOWN * (64 * 64 + 4 * 16 * 16)
    assert len(due) * raw < 5_000_000, "at worst; PNG takes a seventh of it"
    made = Training(Options(pictures=4))
    for _ in range(4):
        inference.run(made.learn)
        inference.run(made.look)  # a step at a time: what stands between two that are due gives way
    assert [frame.step for frame in made.frames] == [4]


def test_cut_skips_have_the_same_parameters_and_another_answer() -> None:
    with_, without = Training(Options()), Training(Options(skips=False))
    assert all((a == b).all() for a, b in zip(with_.network.parameters(), without.network.parameters(), strict=True))
    assert inference.run(with_.look).value.said != inference.run(without.look).value.said
    assert sum(p.numel() for p in with_.network.parameters()) == tasks.PARAMETERS


@pytest.mark.parametrize("depth", run.DEPTHS)
@pytest.mark.parametrize("width", run.WIDTHS)
def test_every_size_on_offer_answers_and_stays_small(depth: int, width: int) -> None:
    network = SmallUNet(3, depth, width)
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 3, 64, 64)
    assert sum(p.numel() for p in network.parameters()) < 600_000


def test_too_large_a_rate_is_named() -> None:
    made = learned(Options(rate=1e30, pictures=4), 40)
    assert made.exploded
    assert made.over
    assert made.step < 40
    assert math.isnan(made.frames[-1].loss) or math.isinf(made.frames[-1].loss)
    assert learned(Options(rate=50.0, pictures=4), 20).grows


def test_a_loss_that_hardly_falls_is_named() -> None:
    """Dice ends at 1, so it cannot grow as the others do."""
    bounded = learned(Options(rate=50.0, loss="dice", pictures=16), run.PATIENCE)
    assert bounded.stuck
    assert not bounded.grows
    for frame in list(bounded.frames):
        assert frame.step == 0 or frame.loss > run.HARDLY * (bounded.first or 0)
    right = learned(Options(loss="dice", pictures=16), run.PATIENCE)
    assert not right.stuck
    assert not Training(Options(pictures=4)).stuck


def test_two_runs_learn_side_by_side() -> None:
    pair = [Training(Options()), Training(Options(loss="dice"))]
    worker = Trainer(pair, until=5)
    worker.start()
    assert worker.finished.wait(120)
    assert [made.step for made in pair] == [5, 5]
    assert Options().differs(Options(loss="dice")) == ("loss",)


def test_a_paused_run_frees_its_slot_and_goes_on_as_if_nothing_had_been() -> None:
    made, taken = Training(Options()), Trainer.slots.taken
    first = Trainer([made], until=3)
    first.start()
    assert first.finished.wait(120)
    assert Trainer.slots.taken == taken
    second = Trainer([made], until=7)
    second.start()
    assert second.finished.wait(120)
    whole = learned(Options(), 7)
    assert (made.frames[-1].said, made.frames[-1].iou) == (whole.frames[-1].said, whole.frames[-1].iou)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(depth=9), "depth is 9: choose one of 1, 2, 3, 4"),
        (Options(width=7), "width is 7: choose one of 4, 8, 16"),
        (Options(rate=0.0), "choose one above 0"),
        (Options(rate=float("nan")), "choose one above 0"),
        (Options(pictures=0), "choose 1 to 256"),
    ],
)
def test_what_no_run_can_have_is_a_sentence(options: Options, said: str) -> None:
    with pytest.raises(run.LearningError, match=said):
        Training(options)


def test_a_visitor_waits_for_one_turn_of_each_training_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    some_steps = Trainer._some_steps

    def counted(self: Trainer) -> None:
        turns.append(1)
        some_steps(self)

    monkeypatch.setattr(Trainer, "_some_steps", counted)
    workers = [Trainer([Training(Options(seed=seed, pictures=4))]) for seed in range(4)]
    for worker in workers:
        worker.start()
    while len(turns) < 4:
        threading.Event().wait(0.01)
    visitor = Visitor("somebody")
    for _ in range(3):
        before = len(turns)
        with inference.on_behalf_of(visitor):
            assert inference.run(lambda: len(turns)).value - before <= 5, "four, and one that had begun"
    for worker in workers:
        worker.stop()
    assert all(worker.finished.wait(60) for worker in workers)
