"""Pictures in and results out: every complaint of the file system becomes one sentence, and nothing is lost.

Where results go is known before the first picture is computed (:func:`targets`, :func:`claim`): a picture that is read
is never overwritten, two results never meet in one file, and another file only gives way where that is asked for.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import shown
from core.errors import N_, SegScopeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.pictures.images import Picture


class CommandError(SegScopeError):
    """Arguments that do not make sense together, or files that cannot be read or written."""


def _reason(error: OSError | RuntimeError) -> str:
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _unreadable(path: Path, reason: str) -> CommandError:
    return CommandError(N_("{path} cannot be read ({reason})."), path=shown(path), reason=reason)


def _unwritable(path: Path, reason: str) -> CommandError:
    return CommandError(N_("{path} cannot be written ({reason})."), path=shown(path), reason=reason)


def _kind(mode: int) -> str:
    """Why something that is not an ordinary file is none, in brackets after a name."""
    return "it is a folder" if stat.S_ISDIR(mode) else "it is a pipe, a device or the like, and no file"


def check_input(path: Path) -> None:
    """Say before the work starts that a picture is not there. A pipe or a device is none: it may never end.

    Raises:
        CommandError: there is no such file, or it is something else.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _unreadable(path, _reason(error)) from error
    if not stat.S_ISREG(mode):
        raise _unreadable(path, _kind(mode))


def read(path: Path) -> Picture:
    """The picture in a file.

    Raises:
        CommandError: there is no such file, or it cannot be read.
        core.pictures.images.ImageError: it holds no usable picture.
    """
    from core.pictures import images

    check_input(path)
    try:
        with path.open("rb") as file:
            data = file.read(images.MAX_BYTES + 1)  # do not read a film to say no
        return images.decode(data, path.name)
    except OSError as error:
        raise _unreadable(path, _reason(error)) from error
    except images.ImageError as error:
        raise images.ImageError(f"{{path}}: {error.message}", **{"path": shown(path), **error.params}) from error


def write(path: Path, data: bytes) -> None:
    """Write a file, and make its folder if only that is missing. Either all of it appears there or nothing does: it is
    written beside its place under a name of its own, and then renamed.

    Raises:
        CommandError: it cannot be written.
    """
    part: Path | None = None
    try:
        place = path.resolve()  # through a symbolic link, as claim() has looked
        place.parent.mkdir(exist_ok=True)
        new = place.with_name(f".{secrets.token_hex(8)}.part")
        with new.open("xb") as file:
            part = new
            file.write(data)
        if place.exists():
            shutil.copymode(place, part)
        os.replace(part, place)
        part = None
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a circle
        raise _unwritable(path, _reason(error)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _status(path: Path) -> os.stat_result | None:
    """What is at ``path``, or nothing; raises where nothing could be there either, such as a name that is too long."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(path, _reason(error)) from error


def claim(images: Sequence[Path], results: Sequence[Path], force: bool = False) -> None:
    """Refuse what would lose a file, before anything is computed.

    Files are compared as the system knows them, through symbolic and hard links; names that were not written yet as a
    computer would that tells neither large from small letters nor one way of composing letters from another.

    Args:
        images: what is read.
        results: what will be written.
        force: whether another file that is there already may be overwritten.

    Raises:
        CommandError: a result is one of the pictures, two results are one file, or a file is there already.
    """
    read_from = {(found.st_dev, found.st_ino): image for image in images if (found := _input_status(image))}
    taken: dict[object, Path] = {}
    for result in results:
        try:
            place = result.resolve()
        except (OSError, RuntimeError) as error:
            raise _unwritable(result, _reason(error)) from error
        found = _status(place)
        same = found and (found.st_dev, found.st_ino)
        if same in read_from:
            raise CommandError(
                N_("{path} is the picture {image} itself: name another file or folder, so that it is kept."),
                path=shown(result),
                image=shown(read_from[same]),
            )
        for key in (same, unicodedata.normalize("NFC", str(place)).casefold()):
            if key is not None and (other := taken.setdefault(key, result)) is not result:
                raise CommandError(
                    N_(
                        "The results {one} and {other} would be one file, here or where upper and lower case are one:"
                        " write them into two folders."
                    ),
                    one=shown(other),
                    other=shown(result),
                )
        if found and not stat.S_ISREG(found.st_mode):
            raise _unwritable(result, _kind(found.st_mode))
        if found and not force:
            raise CommandError(
                N_("{path} is there already: name another file or folder, or overwrite it with --force."),
                path=shown(result),
            )
        if place.parent.is_dir() and not os.access(place.parent, os.W_OK):
            raise _unwritable(result, "Permission denied")


def _input_status(image: Path) -> os.stat_result | None:
    try:
        return image.stat()
    except OSError:
        return None


def check_output(path: Path, suffixes: Sequence[str]) -> None:
    """Say before the long computation that its result could not be stored.

    Raises:
        CommandError: another kind of file, or a folder that does not exist.
    """
    if path.suffix.lower() not in suffixes:
        raise CommandError(N_("{path} must end in {suffixes}."), path=shown(path), suffixes=" or ".join(suffixes))
    _check_folder(path.parent)


def _check_folder(folder: Path) -> None:
    found = _status(folder)
    if found is None:
        raise CommandError(N_("The folder {folder} does not exist: create it first."), folder=shown(folder))
    if not stat.S_ISDIR(found.st_mode):
        raise _unwritable(folder, "Not a directory")


def targets(images: Sequence[Path], out: Path, suffix: str) -> list[Path]:
    """Where the result of each image goes: ``out`` itself, or files of the same names in the folder ``out``, which need
    not exist yet.

    Raises:
        CommandError: several images for one file, two images of one name, or a folder that does not exist.
    """
    found = _status(out)
    folder = stat.S_ISDIR(found.st_mode) if found else not out.suffix
    if not folder:
        if len(images) > 1:
            raise CommandError(
                N_("{count} images cannot go into one file: name a folder instead of {out}."),
                count=len(images),
                out=shown(out),
            )
        check_output(out, (".png",) if suffix == ".png" else (".png", ".jpg", ".jpeg"))
        return [out]
    names = Counter(image.stem for image in images)
    if twice := [name for name, number in names.items() if number > 1]:
        raise CommandError(N_("Two images are called {name}: write them into two folders."), name=shown(twice[0]))
    if found is None:
        _check_folder(out.parent)
    return [out / f"{image.stem}{suffix}" for image in images]


def encoded(path: Path, pixels: npt.NDArray[np.uint8]) -> bytes:
    """Pixels in the format that the file's name asks for."""
    from core.pictures import images

    return images.encode_png(pixels, 6) if path.suffix.lower() == ".png" else images.encode_jpeg(pixels, 90)
