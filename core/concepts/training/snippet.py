"""One step under the glass as a few lines of PyTorch that print the same numbers. A test runs them."""

from __future__ import annotations

from core.passes.learning.glass import Pixel


def one_step(pixel: Pixel, label: int, feature: int, rate: float) -> str:
    """A script that prints the loss, the slope along one weight, the weight after the step, and the loss after it.

    Args:
        pixel: its features, the last layer, the truth.
        label, feature: which weight.
        rate: of the step.
    """
    return f"""\
import torch
import torch.nn.functional as F

f = torch.tensor({pixel.features.tolist()}, dtype=torch.float64)  # features of the pixel
w = torch.tensor({pixel.head[:, :-1].tolist()}, dtype=torch.float64, requires_grad=True)
b = torch.tensor({pixel.head[:, -1].tolist()}, dtype=torch.float64, requires_grad=True)

def loss():
    return F.cross_entropy((w @ f + b)[None], torch.tensor([{pixel.truth}]))

before = loss()
before.backward()
print(f"{{before.item():.6f}}")
print(f"{{w.grad[{label}, {feature}].item():.6f}}")
with torch.no_grad():
    w -= {rate} * w.grad
    b -= {rate} * b.grad
print(f"{{w[{label}, {feature}].item():.6f}}")
print(f"{{loss().item():.6f}}")
"""
