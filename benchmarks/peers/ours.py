"""Our own run, as a peer: the program itself with preset=eft, in which all draw."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from benchmarks.child import render
from benchmarks.end_to_end import overlay_settings
from benchmarks.peers.peer import MissingPeerError
from benchmarks.peers.people import People
from render.errors import RasterizerError
from render.rasterize.load_pytorch3d import load_pytorch3d


class _Ours:
    def __init__(self, people: People, threads: int, settings: tuple[str, ...]) -> None:
        self._people, self._threads, self._settings = people, threads, settings
        self.about = f"Warp {version('warp-lang')}, {people.device.type}"

    def draw(self, rows: range, folder: Path) -> float:
        """As in `Opened`."""
        return self._render(rows, folder)

    def find_bodies(self, rows: range, folder: Path) -> np.ndarray:
        """As in `Opened`, from silhouettes: black on white."""
        panels = "panels=[camera/silhouette/white,side/silhouette/white]"
        self._render(rows, folder, "output=png", panels)
        sheets = [cv2.imread(str(path)) for path in sorted(folder.rglob("*.png"))]
        return np.stack(sheets)[..., 0] == 0

    def _render(self, rows: range, folder: Path, *more: str) -> float:
        settings = overlay_settings(self._people.data, folder, *self._settings, *more)
        settings += [
            *("preset=eft", f"samples={rows.start}:{rows.stop}:{rows.step}", "executor=threads"),
            *(f"threads={self._threads}", f"device={self._people.device}"),
        ]
        return render(settings)["seconds"]


def open_peer(people: People, threads: int, settings: tuple[str, ...]) -> _Ours:
    """One process with so many threads. Raises MissingPeerError where PyTorch3D is to draw and cannot."""
    if "rasterizer=pytorch3d" in settings:
        try:
            load_pytorch3d()
        except RasterizerError as error:
            raise MissingPeerError(str(error)) from error
    return _Ours(people, threads, settings)
