"""Seg-Grad-CAM on screen as a few lines of PyTorch."""

from __future__ import annotations

from core.passes.snippets import prepared
from core.pictures.images import Picture


def seg_grad_cam(picture: Picture, path: str, name: str, depth: str, label: int, row: int, column: int) -> str:
    """A script that prints the map of one pixel's class at one depth: its cells, its sum, and its hottest cell.

    Args:
        picture: what is on screen.
        path: where the script finds the picture's file.
        name: registry name of the network.
        depth: module path of the map.
        label: class id.
        row, column: of the pixel on the network's input.
    """
    return (
        prepared(picture, path, name)
        + f"""
maps = {{}}
net.get_submodule({depth!r}).register_forward_hook(lambda module, inputs, output: maps.update(here=output))
score = net(x.requires_grad_())[0, {label}, {row}, {column}]  # {{VOC[{label}]}}, at one pixel
(slope,) = torch.autograd.grad(score, maps["here"])
weights = slope.mean((2, 3), keepdim=True)  # one for each channel
heat = (weights * maps["here"]).sum(1).relu()[0].detach()  # Seg-Grad-CAM
row, column = divmod(int(heat.argmax()), heat.shape[1])
print(f"{{heat.shape[0]}} x {{heat.shape[1]}} cells, hottest {{heat.max():.4f}} in row {{row}}, column {{column}}")
""".replace("{VOC", "VOC").replace("]}, at", "], at")
    )
