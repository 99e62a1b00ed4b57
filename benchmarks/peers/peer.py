"""What draws sheets beside ours: who there is, how each is installed, and the loop around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Protocol

import cv2
import numpy as np

from benchmarks.peers.people import People, Posed

WHITE, GREEN = (255, 255, 255), (0, 255, 0)
QUALITY = 95


class MissingPeerError(Exception):
    """Why a peer cannot be measured on this machine, as a sentence."""


class Opened(Protocol):
    """A peer that is ready to draw.

    Attributes:
        about: Its version and what it draws with.
    """

    about: str

    def draw(self, rows: range, folder: Path) -> float:
        """Writes a JPEG of each row into `folder`; seconds from the first photo to the last file."""

    def find_bodies(self, rows: range, folder: Path) -> np.ndarray:
        """Where sheets show a body, (N, H, W) bool. folder: for what is written on the way."""


class Painter(Protocol):
    """What a library is asked for.

    Attributes:
        about: As in `Opened`.
        batch: How many people it is given at once.
    """

    about: str
    batch: int

    def paint(self, posed: Posed, photos: Sequence[np.ndarray], paper: tuple[int, int, int]) -> np.ndarray:
        """Sheets (N, H, 2 W, 3) uint8: bodies over `photos`, and from the side on `paper`."""


@dataclass(frozen=True)
class Peer:
    """One row of the table.

    Attributes:
        title: What the table calls it.
        module: Below benchmarks.peers; its `open_peer` takes people, threads and `settings`.
        install: What to do where it is missing.
        settings: Of ours, as on the command line.
    """

    title: str
    module: str
    install: str = ""
    settings: tuple[str, ...] = ()

    def open(self, people: People, threads: int) -> Opened:
        """Raises MissingPeerError where it cannot be had."""
        return import_module(f"benchmarks.peers.{self.module}").open_peer(people, threads, self.settings)


OURS = "ours"
_PIP = "`make bench-peers` installs it with pip; EGL is needed: apt install libegl1 libgl1-mesa-dri"
_PYTORCH3D = "Build it for the torch that is there, as its INSTALL.md says"
PEERS = {
    OURS: Peer("ours", "ours"),
    "ours_single": Peer("ours, batches of one", "ours", settings=("batch=1",)),
    "opengl": Peer("OpenGL, one by one", "opengl", _PIP),
    "pyrender": Peer("pyrender", "pyrender", _PIP),
    "ours_pytorch3d": Peer(
        "ours, with PyTorch3D's rasterizer", "ours", _PYTORCH3D, ("rasterizer=pytorch3d",)
    ),
    "pytorch3d": Peer("PyTorch3D", "pytorch3d", _PYTORCH3D),
    "nvdiffrast": Peer("nvdiffrast", "nvdiffrast", "Build it from its repository, with nvcc and a GPU"),
}


class Loop:
    """The loop that people write around a library: read a photo, pose, draw, write, and again.

    Args:
        people: Whom to draw.
        painter: The library.
    """

    def __init__(self, people: People, painter: Painter) -> None:
        self._people, self._painter = people, painter
        self.about = painter.about

    def draw(self, rows: range, folder: Path) -> float:
        """As in `Opened`."""
        began = perf_counter()
        for batch in self._cut(rows):
            photos = [cv2.imread(str(self._people.photo_path(row))) for row in batch]
            sheets = self._painter.paint(self._people.pose(batch), photos, WHITE)
            for row, sheet in zip(batch, sheets, strict=True):
                path = str(folder / f"{row}.jpg")
                if not cv2.imwrite(path, sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
                    raise OSError(f"{path} cannot be written")
        return perf_counter() - began

    def find_bodies(self, rows: range, folder: Path) -> np.ndarray:
        """As in `Opened`: what is not green where photo and paper are. Bodies are grey."""
        width, height = self._people.size_px
        photo = np.full((height, width, 3), GREEN, np.uint8)
        sheets = [
            self._painter.paint(self._people.pose(batch), [photo] * len(batch), GREEN)
            for batch in self._cut(rows)
        ]
        return (np.concatenate(sheets) != GREEN).any(-1)

    def _cut(self, rows: range) -> list[range]:
        step = self._painter.batch
        return [rows[first : first + step] for first in range(0, len(rows), step)]
