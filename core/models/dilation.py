"""Output stride by dilation: strides that are taken away come back as atrous rates, as in DeepLab.

Source: Chen, Papandreou, Schroff, Adam, "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017), section
3.1. A stage whose stride is taken away runs at stride 1, and every *later* layer samples with the lost stride as its
atrous rate; the weights stay as they are. Does not import torch.
"""

from __future__ import annotations

from collections.abc import Iterable

OUTPUT_STRIDES = (8, 16, 32)


def strides_and_rates(stages: Iterable[tuple[int, int]], output_stride: int) -> list[tuple[int, int]]:
    """Stride and atrous rate of the filter in every block behind a stem that halves the picture.

    Args:
        stages: stride of the stage's first block, and how many blocks the stage has.
        output_stride: input pixels from one cell of the last map to the next, one of :data:`OUTPUT_STRIDES`.

    Raises:
        ValueError: for another output stride.
    """
    if output_stride not in OUTPUT_STRIDES:
        raise ValueError(f"The output stride is 8, 16 or 32, not {output_stride}.")
    reached, rate = 2, 1  # the stem has halved the picture
    plan = []
    for first, blocks in stages:
        for wanted in (first, *(1,) * (blocks - 1)):
            stride = wanted if reached * wanted <= output_stride else 1
            plan.append((stride, rate))
            reached *= stride
            rate *= wanted // stride  # only what comes after the removed stride is spread out
    return plan
