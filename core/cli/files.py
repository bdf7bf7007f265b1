"""Pictures in and results out: every complaint of the file system becomes one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.pictures.images import Picture


class CommandError(SegScopeError):
    """Arguments that do not make sense together, or files that cannot be read or written."""


def read(path: Path) -> Picture:
    """The picture in a file.

    Raises:
        CommandError: there is no such file, or it cannot be read.
        core.pictures.images.ImageError: it holds no usable picture.
    """
    from core.pictures import images

    try:
        if path.stat().st_size > images.MAX_BYTES:  # do not read a film to say no
            return images.decode(b"\0" * (images.MAX_BYTES + 1))
        return images.decode(path.read_bytes(), path.name)
    except OSError as error:
        raise CommandError(
            N_("{path} cannot be read ({reason})."), path=path, reason=error.strerror or type(error).__name__
        ) from error
    except images.ImageError as error:
        raise images.ImageError(f"{{path}}: {error.message}", path=path, **error.params) from error


def write(path: Path, data: bytes) -> None:
    """Write a file, and make its folder if only that is missing.

    Raises:
        CommandError: it cannot be written.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise CommandError(
            N_("{path} cannot be written ({reason})."), path=path, reason=error.strerror or type(error).__name__
        ) from error


def check_output(path: Path, suffixes: Sequence[str]) -> None:
    """Say before the long computation that its result could not be stored.

    Raises:
        CommandError: another kind of file, or a folder that does not exist.
    """
    if path.suffix.lower() not in suffixes:
        raise CommandError(N_("{path} must end in {suffixes}."), path=path, suffixes=" or ".join(suffixes))
    if not path.parent.is_dir():
        raise CommandError(N_("The folder {folder} does not exist: create it first."), folder=path.parent)


def targets(images: Sequence[Path], out: Path, suffix: str) -> list[Path]:
    """Where the result of each image goes: ``out`` itself, or files of the same names in the folder ``out``, which need
    not exist yet.

    Raises:
        CommandError: several images for one file, two images of one name, or a folder that does not exist.
    """
    folder = out.is_dir() or (not out.suffix and not out.exists())
    if not folder:
        if len(images) > 1:
            raise CommandError(
                N_("{count} images cannot go into one file: name a folder instead of {out}."),
                count=len(images),
                out=out,
            )
        check_output(out, (".png",) if suffix == ".png" else (".png", ".jpg", ".jpeg"))
        return [out]
    names = [image.stem for image in images]
    for name in names:
        if names.count(name) > 1:
            raise CommandError(N_("Two images are called {name}: write them into two folders."), name=name)
    if not out.parent.is_dir():
        raise CommandError(N_("The folder {folder} does not exist: create it first."), folder=out.parent)
    return [out / f"{name}{suffix}" for name in names]


def encoded(path: Path, pixels: npt.NDArray[np.uint8]) -> bytes:
    """Pixels in the format that the file's name asks for."""
    from core.pictures import images

    return images.encode_png(pixels, 6) if path.suffix.lower() == ".png" else images.encode_jpeg(pixels, 90)
