"""Writes ``requirements.lock``: what the image installs beside PyTorch, each file by its SHA-256.

``python deploy/lock.py`` in an environment in which ``requirements.txt`` is installed. It fetches the files for Python
3.12 on Linux, x86-64 and ARM, and takes the hash of each. PyTorch is left out: its builds without CUDA are in its own
index, and what it needs of others stands in the lock like everything else.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHON = "312"
MACHINES = ("x86_64", "aarch64")
GLIBC = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24", "manylinux_2_17", "manylinux2014")
ELSEWHERE = ("torch", "torchvision")
HEAD = """\
# What the image installs beside PyTorch: every package, and the SHA-256 of its files for Python 3.12 on Linux, x86-64
# and ARM. pip takes no other file (--require-hashes). Not written by hand: python deploy/lock.py
"""


def needed(roots: Iterable[str]) -> dict[str, str]:
    """Name and installed version of everything that ``roots`` need on Linux, themselves included."""
    environment = {"python_version": "3.12", "python_full_version": "3.12.0", "sys_platform": "linux"}
    found: dict[str, str] = {}
    waiting, seen = [Requirement(line) for line in roots], set[str]()
    while waiting:
        one = waiting.pop()
        if str(one) in seen:
            continue
        seen.add(str(one))
        there = metadata.distribution(one.name)
        found[canonicalize_name(one.name)] = there.version
        for text in there.requires or []:
            more = Requirement(text)
            extras = ("", *one.extras)
            if more.marker is None or any(more.marker.evaluate({**environment, "extra": extra}) for extra in extras):
                waiting.append(more)
    return {name: found[name] for name in sorted(found) if name not in ELSEWHERE}


def pins() -> list[str]:
    """The lines of ``requirements.txt`` without their comments."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [text for line in lines if (text := line.partition("#")[0].strip())]


def fetch(packages: dict[str, str], machine: str, folder: Path) -> None:
    """The files of ``packages`` for ``machine``."""
    platforms = [word for glibc in GLIBC for word in ("--platform", f"{glibc}_{machine}")]
    wanted = [f"{name}=={version}" for name, version in packages.items()]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *platforms]
    command += ["--implementation", "cp", "--python-version", PYTHON, "--abi", f"cp{PYTHON}", "--abi", "abi3"]
    subprocess.run([*command, "--abi", "none", "--dest", str(folder), *wanted], check=True)


def lock(packages: dict[str, str], files: Iterable[Path]) -> str:
    """The text of the lock.

    Raises:
        ValueError: there is no file for a package.
    """
    hashes: dict[str, set[str]] = {name: set() for name in packages}
    for file in files:
        name = re.sub(r"[-_.]+", "-", file.name.split("-")[0]).lower()
        hashes[name].add(hashlib.sha256(file.read_bytes()).hexdigest())
    if lacking := [name for name, found in hashes.items() if not found]:
        raise ValueError(f"no file for {', '.join(lacking)}")
    entries = (
        " \\\n    ".join([f"{name}=={version}", *(f"--hash=sha256:{each}" for each in sorted(hashes[name]))])
        for name, version in packages.items()
    )
    return HEAD + "\n".join(entries) + "\n"


def main() -> None:
    """Fetch, hash, write."""
    packages = needed(pins())
    with tempfile.TemporaryDirectory() as folder:
        for machine in MACHINES:
            fetch(packages, machine, Path(folder) / machine)
        (ROOT / "requirements.lock").write_text(lock(packages, Path(folder).glob("*/*")), encoding="utf-8")


if __name__ == "__main__":
    main()
