"""One pixel's gradient and one update by hand equal autograd's, in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.engine import inference
from core.models.small_unet import normalised
from core.passes.learning import glass, tasks
from core.passes.learning.glass import Pixel
from core.passes.learning.run import Options, Training


@given(st.integers(0, 10**6), st.integers(0, 3), st.floats(0.01, 2))
def test_gradient_and_update_are_autograds(seed: int, truth: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    seen = Pixel(rng.normal(size=8), rng.normal(size=(4, 9)), truth)
    head = torch.tensor(seen.head, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(
        (head[:, :-1] @ torch.tensor(seen.features) + head[:, -1])[None], torch.tensor([truth])
    )
    loss.backward()
    assert seen.loss == pytest.approx(loss.item(), abs=1e-12)
    assert np.abs(seen.gradient - head.grad.numpy()).max() < 1e-12
    optimizer = torch.optim.SGD([head], rate)
    optimizer.step()
    assert np.abs(seen.after(rate).head - head.detach().numpy()).max() < 1e-12
    assert seen.after(0.01).loss < seen.loss


@pytest.mark.usefixtures("torch_loaded")
def test_a_pixel_is_what_the_network_says_there() -> None:
    run = Training(Options())
    seen = inference.run(glass.pixel, run, 2, 20, 30).value
    held = tasks.held_out("shapes")
    run.network.eval()
    with torch.no_grad():
        shares = run.network(normalised(torch.tensor(held.pixels[2:3]))).softmax(1)[0, :, 20, 30]
    assert np.abs(seen.shares - shares.numpy()).max() < 1e-5
    assert seen.truth == held.ids[2, 20, 30]
