"""The transposed convolution on screen as a few lines of PyTorch that print the same numbers. A test runs them."""

from __future__ import annotations

from core.maths.transposed import Axis
from core.models.kernels import Integers, Kernel


def transposed(axis: Axis, x: Integers, kernel: Kernel) -> str:
    """A script that prints the output of a transposed convolution, and the size after the twin convolution.

    Args:
        axis: the parameters, the same along both axes.
        x: the input.
        kernel: the weights.
    """
    over = f" / {kernel.denominator}" if kernel.denominator != 1 else ""
    return f"""\
import torch
import torch.nn.functional as F

x = torch.tensor({x.tolist()}, dtype=torch.float64)
w = torch.tensor({kernel.numerators.tolist()}, dtype=torch.float64){over}
same = dict(stride={axis.stride}, padding={axis.padding}, dilation={axis.dilation})

y = F.conv_transpose2d(x[None, None], w[None, None], output_padding={axis.output_padding}, **same)[0, 0]
print(*y.shape)
for row in y.tolist():
    print(*(f"{{value:.4f}}" for value in row))

small = F.conv2d(y[None, None], w[None, None], **same)[0, 0]  # the shape returns, the values do not
print(*small.shape)
"""
