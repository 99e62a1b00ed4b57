"""What each picture of a figure shows: views, and crops that a row shares."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from render.config.figure.settings import read_column
from render.config.schema import Config
from render.errors import PhotoError
from render.photos.crop import MOST_SIDE_PX
from render.photos.sources.no_photos import BLANK_HW
from render.photos.sources.source import PhotoSource
from render.run.figures.looks import Observer, View
from render.run.figures.pictures import Cell
from render.run.figures.regions import Region, choose_aspect, enclose, widen
from render.run.figures.samples import FigureRow
from render.sheet.layout import FROM_THE_FRONT, have_cameras
from render.sheet.panels import PanelSpec
from render.sheet.view import VIEWS
from render.types.figure.spec import FigureSpec
from render.types.fits import Fits
from render.types.sheets import Photo, Viewpoint

# What views around bodies are framed for before it is known how large they become.
_NOMINAL_PX = 720
# Of the heights of two fits of the same people, in lengths of the same space.
MOST_RATIO = 3.0
# Of a crop: pixels, which with a copy of them take half a gigabyte, or areas of its photo, if that is more.
_MOST_PX, _MOST_AREAS = 1 << 26, 8
_CAMERA = Viewpoint("camera")


@dataclass(frozen=True)
class _Photo:
    """The photo of a row.

    Attributes:
        path: None where there is none.
        size_hw: Its height and width, or of what stands for it.
    """

    path: Photo | None
    size_hw: tuple[int, int]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.size_hw[1], self.size_hw[0]


class Planner:
    """Plans the pictures of rows of columns.

    Args:
        config: The settings.
        spec: The figure.
        fits: Of all methods.
        photos: Where the photos are.
        observer: Finds where people are in views.

    Attributes:
        problems: What cannot be shown, a line each.
    """

    def __init__(
        self, config: Config, spec: FigureSpec, fits: Fits, photos: PhotoSource, observer: Observer
    ) -> None:
        self._spec = spec
        self._fits = fits
        self._photos = photos
        self._observer = observer
        # None is the photo alone.
        self._panels = [read_column(column, config.background, config.has_photos) for column in spec.columns]
        self.problems: list[str] = []

    def plan(self, rows: list[FigureRow]) -> tuple[float, dict[tuple[int, int], Cell]]:
        """The aspect that all pictures share, and what each shows, by row and column.

        Args:
            rows: Whom they show; strips are passed over.
        """
        found = {i: self._find_photo(i, row) for i, row in enumerate(rows) if row.sample.strip is None}
        photos = {i: photo for i, photo in found.items() if photo is not None}
        wanted = {i: self._find_region(i, rows[i], photo) for i, photo in photos.items()}
        aspect = self._spec.aspect or choose_aspect(
            [
                (wanted[i], None if self._spec.crop == "photo" else photo.size_px)
                for i, photo in photos.items()
            ]
        )
        cells: dict[tuple[int, int], Cell] = {}
        for i, photo in photos.items():
            over_photo = widen(wanted[i], aspect, photo.size_px)
            self._check_size(i, over_photo, photo)
            around = self._plan_around(rows[i], photo, aspect)
            for j, panel in enumerate(self._panels):
                method = self._spec.columns[j].method
                people = rows[i].people[method]
                if panel is None or self._lies_over(panel, people):
                    view = View(people, _CAMERA, photo.size_px, photo.size_hw)
                    cells[i, j] = Cell(view, None, "photo", photo.path, over_photo)
                    if panel is not None:
                        cells[i, j] = replace(
                            cells[i, j],
                            mode=panel.mode,
                            background=panel.background,
                            has_shadow=panel.has_shadow,
                        )
                else:
                    view, region = around[method, self._turn(panel)]
                    cells[i, j] = Cell(view, panel.mode, panel.background, None, region, panel.has_shadow)
        return aspect, cells

    def _check_size(self, i: int, region: Region, photo: _Photo) -> None:
        """Notes a crop that would take far more memory than its photo."""
        most = max(_MOST_PX, _MOST_AREAS * photo.size_px[0] * photo.size_px[1])
        is_small = region.width * region.height <= most and max(region.width, region.height) <= MOST_SIDE_PX
        if not is_small:
            self.problems.append(
                f"figure.rows[{i}]: its crop is {region.width:.0f} x {region.height:.0f} pixels of a photo "
                f"of {photo.size_px[0]} x {photo.size_px[1]}; {most} in all and {MOST_SIDE_PX} a side are "
                f"the most; set figure.crop or figure.aspect to something nearer to the photo"
            )

    def _find_photo(self, i: int, row: FigureRow) -> _Photo | None:
        path = None
        try:
            path = self._photos.find(row.image_name)
            if path is not None:
                return _Photo(path, self._photos.read_size(path))
        except PhotoError as error:
            advice = self._photos.advise(row.image_name)
            self.problems.append(f"figure.rows[{i}]: {error}" + (f" ({advice})" if advice else ""))
            return None
        if any(panel is None for panel in self._panels):
            self.problems.append(
                f"figure.rows[{i}]: the column image shows a photo, and the dataset has none"
            )
            return None
        return _Photo(None, BLANK_HW)

    def _lies_over(self, panel: PanelSpec, people: tuple[int, ...]) -> bool:
        """Whether a panel lies over the photo; who has no camera is looked at from the front instead."""
        has_cameras = self._photos.has_photos or have_cameras(self._fits, people)
        return VIEWS.load(panel.viewpoint.name).over_photo and has_cameras

    def _turn(self, panel: PanelSpec) -> Viewpoint:
        return FROM_THE_FRONT if VIEWS.load(panel.viewpoint.name).over_photo else panel.viewpoint

    def _find_region(self, i: int, row: FigureRow, photo: _Photo) -> Region:
        """What of the photo a row shows."""
        whole = Region(0.0, 0.0, *map(float, photo.size_px))
        if self._spec.crop == "photo":
            return whole
        if not isinstance(self._spec.crop, str):
            return Region(*self._spec.crop)
        corners = [
            self._observer.look(View(people, _CAMERA, photo.size_px, photo.size_hw)).corners
            for people in self._list_people(row)
        ]
        if not np.isfinite(corners).all():
            self.problems.append(
                f"figure.rows[{i}]: a body of it is nowhere before the camera; check the camera of its fit, "
                f"or set figure.crop=photo"
            )
            return whole
        low = [min(one[0][axis] for one in corners) for axis in (0, 1)]
        high = [max(one[1][axis] for one in corners) for axis in (0, 1)]
        return enclose(low, high, photo.size_px)

    def _list_people(self, row: FigureRow) -> list[tuple[int, ...]]:
        """Those of each method that a column of the figure shows."""
        methods = dict.fromkeys(column.method for column in self._spec.columns)
        return list(dict.fromkeys(row.people[method] for method in methods))

    def _plan_around(
        self, row: FigureRow, photo: _Photo, aspect: float
    ) -> dict[tuple[str | None, Viewpoint], tuple[View, Region]]:
        """The views around bodies of a row, with the parts of them that are shown."""
        size_px = _NOMINAL_PX, max(1, round(_NOMINAL_PX / aspect))
        by_viewpoint: dict[Viewpoint, list[str | None]] = {}
        for column, panel in zip(self._spec.columns, self._panels, strict=True):
            if panel is not None and not self._lies_over(panel, row.people[column.method]):
                by_viewpoint.setdefault(self._turn(panel), []).append(column.method)
        planned: dict[tuple[str | None, Viewpoint], tuple[View, Region]] = {}
        for viewpoint, methods in by_viewpoint.items():
            views = {
                method: View(row.people[method], viewpoint, size_px, photo.size_hw)
                for method in dict.fromkeys(methods)
            }
            region = Region(0.0, 0.0, float(size_px[0]), float(size_px[1]))
            if len({view.people for view in views.values()}) > 1:
                views, region = self._share(views, region, aspect)
            planned |= {(method, viewpoint): (view, region) for method, view in views.items()}
        return planned

    def _share(
        self, views: dict[str | None, View], region: Region, aspect: float
    ) -> tuple[dict[str | None, View], Region]:
        """Views of several fits of the same people, with one up, from one distance.

        Each looks at the middle of its own fit, for how far off a person stands hardly any fit knows. Where
        their spaces have other lengths, as of a world in metres and of a photo's pixels, each stays as it is.
        """
        first = next(iter(views.values()))
        told = self._observer.measure(first)
        scenes = {
            method: self._observer.measure(replace(view, scenes=told)) for method, view in views.items()
        }
        heights = [float(one.half_height[0]) for one in scenes.values()]
        if max(heights) > MOST_RATIO * min(heights):
            return views, region
        radius = np.max([one.radius for one in scenes.values()], 0)
        half_height = np.max([one.half_height for one in scenes.values()], 0)
        shared = {
            method: replace(
                view, scenes=replace(scenes[method], up=told.up, radius=radius, half_height=half_height)
            )
            for method, view in views.items()
        }
        corners = [self._observer.look(view).corners for view in shared.values()]
        low = [min(one[0][axis] for one in corners) for axis in (0, 1)]
        high = [max(one[1][axis] for one in corners) for axis in (0, 1)]
        return shared, widen(enclose(low, high), aspect)
