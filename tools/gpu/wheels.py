"""The packages that the GPU machine needs, as wheels for its Python, in the versions installed here."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Collection
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.results import REPOSITORY
from tools.gpu.errors import KitError

# What the tests and benchmarks of the kit import.
NEEDED = (
    *("warp-lang", "numpy", "scipy", "opencv-python-headless", "simplejpeg", "pillow", "imageio"),
    *("hydra-core", "omegaconf", "tqdm", "lazy-loader", "pycocotools", "uharfbuzz", "python-bidi"),
    *("OpenEXR", "av"),
    *("smplx", "pytest", "pytest-timeout", "hypothesis"),
)
# It is large, and made for the CUDA of the machine.
ALWAYS_THERE = ("torch",)
PLATFORMS = ("2_28", "2_27", "2_26", "2_25", "2_24", "2_17", "2_12", "2_5")
OLD_PLATFORMS = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")
# NVIDIA's, with its program, by the first version of CUDA that each is for.
SANITIZERS = {"12": "nvidia-cuda-sanitizer-api-cu12", "13": "nvidia-cuda-sanitizer-api"}
# What is large and nobody here uses, in wheels that are unpacked.
UNUSED = (
    "nvidia/**/compute-sanitizer/docs",
    "nvidia/**/compute-sanitizer/x86",
    *("warp/tests", "warp/examples", "scipy/**/tests", "numpy/**/tests"),
    *("nvidia/nvimgcodec/tools", "nvidia/nvimgcodec/include"),
    *("nvidia/nvimgcodec/extensions/*nvjpeg2k*", "nvidia/nvimgcodec/extensions/*tiff*"),
)


def list_pins(python: str, there: Collection[str]) -> list[str]:
    """What NEEDED needs, and what that needs, and so on, each as `name==version`.

    Args:
        python: Version of the GPU machine's Python, such as 3.12.
        there: Names of packages that it has; these, and what only they need, are left out.
    """
    skipped = {canonicalize_name(name) for name in (*there, *ALWAYS_THERE)}
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    pins: dict[str, str] = {}
    coming = list(NEEDED)
    while coming:
        name = canonicalize_name(coming.pop())
        if name in skipped or name in pins:
            continue
        pins[name] = f"{name}=={version(name)}"
        for requirement in map(Requirement, requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                coming.append(requirement.name)
    return sorted(pins.values())


def list_codecs(cuda: str) -> list[str]:
    """What the package says it needs for JPEG on GPUs of a CUDA version, such as 13."""
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    found = extras.get(f"gpu-cuda{cuda}")
    if found is None:
        known = ", ".join(name.removeprefix("gpu-cuda") for name in extras if name.startswith("gpu-cuda"))
        raise KitError(f"--cuda {cuda}: expected one of {known}")
    return found


def list_sanitizers(cuda: str) -> list[str]:
    """The package with compute-sanitizer for a version of CUDA, such as 13."""
    return [f"{SANITIZERS[cuda]}>={cuda},<{int(cuda) + 1}"] if cuda in SANITIZERS else []


def fetch(wishes: list[str], python: str, folder: Path, with_needs: bool = False) -> None:
    """Has pip download wheels; one that there is only as source is made here, if it is pure Python.

    Args:
        wishes: As pip takes them.
        python: Version of the GPU machine's Python.
        folder: Where they are put.
        with_needs: Whether also what they need.

    Raises:
        KitError: There is no such wheel.
    """
    tags = [f"manylinux_{number}_x86_64" for number in PLATFORMS] + list(OLD_PLATFORMS)
    target = ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
    target += [f"--platform={tag}" for tag in tags]
    needs = [] if with_needs else ["--no-deps"]
    for wish in wishes:
        fault = _pip("download", *target, *needs, f"--dest={folder}", wish)
        if fault is None:
            continue
        made_fault = _pip("wheel", "--no-deps", f"--wheel-dir={folder}", wish)
        if made_fault is not None:
            raise KitError(f"{wish}: pip has no wheel of it for Python {python} ({fault})")
    own_python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    stray = [p.name for p in folder.glob("*.whl") if "-none-any" not in p.name and "linux_x86_64" in p.name]
    stray = [name for name in stray if "manylinux" not in name]
    if stray and python != own_python:
        raise KitError(f"{stray[0]}: made for Python {own_python}, expected {python}; use that to prepare")


def _pip(*words: str) -> str | None:
    """The last line of what pip says if it fails."""
    command = [sys.executable, "-m", "pip", words[0], "--quiet", "--disable-pip-version-check", *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no word of pip"])[-1]


def unpack_wheels(folder: Path, site: Path, python: str) -> None:
    """Unpacks wheels as an installer would, without scripts, and leaves out what nobody uses."""
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
            # Which of them are programs it leaves out.
            for entry in archive.infolist():
                if entry.external_attr >> 16 & stat.S_IXUSR and not entry.is_dir():
                    (site / entry.filename).chmod(0o755)
    tag = python.replace(".", "")
    # One extension for each Python, and one is all that is imported.
    others = [p for p in site.glob("nvidia/nvimgcodec/nvimgcodec_impl.*") if f"cpython-{tag}-" not in p.name]
    for path in [*others, *(path for pattern in UNUSED for path in site.glob(pattern))]:
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
