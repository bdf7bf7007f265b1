"""Elastic deformation: the augmentation with which U-Net learned from thirty pictures.

Source: Ronneberger, Fischer, Brox, MICCAI 2015, section 3.1: random displacements on a coarse 3x3 grid, drawn from a
Gaussian with a standard deviation of 10 pixels, bicubic interpolation in between.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor


def displacements(height: int, width: int, generator: torch.Generator, sigma: float = 10.0, nodes: int = 3) -> Tensor:
    """A smooth random field: ``(2, height, width)``, how many pixels right and down each pixel looks for its value.

    Args:
        sigma: standard deviation at the nodes, pixels.
        nodes: of the coarse grid along each side; the outermost stand on the picture's border.
    """
    coarse = sigma * torch.randn(1, 2, nodes, nodes, generator=generator)
    return F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)[0]


def sample(x: Tensor, across: Tensor, down: Tensor, mode: Literal["bilinear", "nearest"] = "bilinear") -> Tensor:
    """``out[:, v, u] = x[:, down[v, u], across[v, u]]``, mirrored at the borders: ``(C, H, W) -> (C, h, w)``.

    Args:
        x: ``(C, H, W)``; labels as floats, with ``mode="nearest"``, so that no class is invented between two.
        across, down: ``(h, w)``, columns and rows of ``x``, also between pixels and beyond the border.
        mode: how values between pixels are found.
    """
    height, width = x.shape[-2:]
    # grid_sample counts from -1 (first pixel) to 1 (last pixel)
    grid = torch.stack((2 * across / max(width - 1, 1) - 1, 2 * down / max(height - 1, 1) - 1), -1)  # (h, w, 2)
    return F.grid_sample(x[None], grid[None], mode=mode, padding_mode="reflection", align_corners=True)[0]


def warp(x: Tensor, field: Tensor, mode: Literal["bilinear", "nearest"] = "bilinear") -> Tensor:
    """``out[:, v, u] = x[:, v + field[1, v, u], u + field[0, v, u]]``, mirrored at the borders.

    Args:
        x: ``(C, H, W)``; labels as in :func:`sample`.
        field: ``(2, H, W)`` from :func:`displacements`.
        mode: how values between pixels are found.
    """
    rows, columns = torch.meshgrid(*(torch.arange(side) for side in x.shape[-2:]), indexing="ij")
    return sample(x, columns + field[0], rows + field[1], mode)
