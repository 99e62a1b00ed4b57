"""What shapes the pixels of a sheet, as hashes: whoever finds the same hashes need not draw it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from render.annotate.annotation import ANNOTATIONS
from render.body.model import BODY_MODELS
from render.config.schema import Config
from render.files.digest import hash_bytes, hash_file
from render.files.stores.fetch import find_input
from render.fits.coco import CocoPerson
from render.fits.kept.pieces import Pieces
from render.labels.layer import LAYERS
from render.library.surface.reference import Reference
from render.photos.sources.segmentations import SegmentationDir
from render.rasterize.rasterizer import RASTERIZERS
from render.review.measure import MEASURES
from render.review.other_bodies import is_tried
from render.shade.mode import MODES
from render.sheet.panels import PanelSpec
from render.sheet.photo_cameras import has_lens
from render.sheet.view import VIEWS
from render.types.fits import Fits
from render.types.sheets import ORIGINAL
from render.write.format import FORMATS

# Raised whenever the same settings and inputs give other pixels than before.
PIXELS_VERSION = 1
# What a sheet's pixels do not depend on; whatever else there is, now or later, counts as shaping them. Panels
# and rasterizer are taken as they are understood, and files by their content.
_SHAPELESS = {
    "dataset",
    "body",
    "job",
    "samples",
    "shard",
    "panels",
    "background",
    "figure",
    "look",
    "crowd_look",
    "device",
    "rasterizer",
    "batch",
    "threads",
    "on_error",
    "reference",
    "align",
    "error_mm",
    "joint_regressor",
    "damaged_photos",
    "page",
    "executor",
    "workers",
    "devices",
    "progress",
    "dry_run",
}
# Settings that came later, with what gives the pixels from before; so what was drawn then is kept.
_AS_BEFORE = {
    "gap": 0,
    "paper": "auto",
    "outside": "black",
    "titles": "none",
    **asdict(ORIGINAL),
    "edges": "hard",
    "rays": 0,
    "decoder": "cpu",
    "layers": [],
    "view": "camera",
    "motion": "turn",
    "track": "follow",
    "frame": "camera",
    "transition": 0,
    "joint_subset": [],
}


class Fingerprint:
    """The hash of a run's settings, and that of each sheet's people.

    Args:
        config: The settings.
        rasterizer: The one that is used, whatever chose it.
        origins: Of each source of the fits the file that its body model came from, or the package, with its
            version; None where it has no model.
        charts: The file of the bodies' charts, None where no panel needs them.
        coco: COCO's annotations by annotation id, where they are shown.
        ignores_exif: Whether photos are read without their EXIF orientation applied.
        surface: What bodies are painted with, by the setting of the body that names it: a file, or a word of
            ours. None of it where no panel shows it.
        reference: What people are compared with; None where no panel shows errors.
        tried: Of each source of the fits the files of other bodies that some people are tried with, by name.
        compared: Of a comparison all that shapes it beside the settings and the fits; None for other jobs.

    Attributes:
        settings: Hash of the settings that shape pixels.
    """

    def __init__(
        self,
        config: Config,
        rasterizer: str,
        origins: Sequence[Path | str | None],
        charts: Path | None,
        coco: Mapping[int, CocoPerson],
        ignores_exif: bool = False,
        *,
        surface: Mapping[str, Path | str] = MappingProxyType({}),
        reference: Reference | None = None,
        tried: Sequence[Mapping[str, Path]] = (),
        compared: Mapping[str, Any] | None = None,
    ) -> None:
        shaping = {
            key: value
            for key, value in asdict(config).items()
            if key not in _SHAPELESS and not (key in _AS_BEFORE and value == _AS_BEFORE[key])
        }
        # Frames whose photo is damaged are in the clip in any case, and this says what they show.
        if config.motion == "sequence" and config.damaged_photos != "fail":
            shaping["damaged_photos"] = config.damaged_photos
        for key in ("dir", "tar"):
            shaping["output"].pop(key)
        # Under the name that it had in 0.1.0, so that what was drawn then is kept.
        shaping["draw"] = shaping.pop("annotate")
        # Likewise; the setting that is called page now shapes nothing.
        if "paper" in shaping:
            shaping["page"] = shaping.pop("paper")
        shaping |= {
            "pixels_version": PIXELS_VERSION,
            "rasterizer": rasterizer,
            "specs": [_describe_panel(spec, config.size) for spec in config.panel_specs()],
            "charts_file": None if charts is None else hash_file(charts),
        }
        # Only where it is raised, so that what other formats hold is kept.
        format_version = FORMATS.load(config.output.format).version
        if format_version > 1:
            shaping["format_version"] = format_version
        # Likewise.
        versions = {name: ANNOTATIONS.load(name).version for name in config.annotate}
        if any(version > 1 for version in versions.values()):
            shaping["annotation_versions"] = {name: v for name, v in versions.items() if v > 1}
        versions = {spec.mode: MODES.load(spec.mode).version for spec in config.panel_specs()}
        if any(version > 1 for version in versions.values()):
            shaping["mode_versions"] = {name: v for name, v in versions.items() if v > 1}
        if ignores_exif:
            shaping["ignores_exif"] = True
        if surface:
            shaping["surface"] = {
                name: hash_file(value) if isinstance(value, Path) else value
                for name, value in surface.items()
            }
        if compared is not None:
            shaping["compared"] = compared
        elif reference is not None:
            shaping["errors"] = [config.align, config.error_mm]
        if config.job.is_review:
            # Whoever adds a measure, or changes what one gives, asks for all people anew.
            shaping["measures"] = {name: MEASURES.load(name).version for name in MEASURES.names}
        packages = _find_packages(config, rasterizer)
        # Only where there are any: without them the hash is that of this package alone.
        if packages:
            shaping["packages"] = packages
        self.settings = hash_bytes(json.dumps(shaping, sort_keys=True).encode())
        # Once real cameras did not see it; what was drawn then is drawn again.
        self._sees_ground = any(
            spec.background == "ground" and VIEWS.load(spec.viewpoint.name).over_photo
            for spec in config.panel_specs()
        )
        self._coco = coco
        folder = config.segmentation_dir
        self._segmentations = None if folder is None else SegmentationDir(find_input(folder))
        self._listed: tuple[Fits, Pieces] | None = None
        shows_colors = any(MODES.load(spec.mode).needs_colors for spec in config.panel_specs())
        self._has_colors = shows_colors or config.job.product == "meshes"
        # Not among the settings: which models there are depends on whom a shard draws.
        self._models = _hash_models(origins)
        self._tried = _hash_tried(tried)
        self._reference = reference
        self._others = None
        if reference is not None:
            self._others = (Pieces(reference.fits, has_colors=False), _hash_models(reference.origins))

    def hash_people(self, fits: Fits, people: tuple[int, ...], photo_hw: tuple[int, int] | None) -> str:
        """The hash of all that the fit file says of these people, of their models, and of what else is shown.

        Args:
            fits: The people of the run.
            people: Positions in `fits`.
            photo_hw: Height and width of the photo, where a sheet depends on its size alone.
        """
        # A run asks for the people of one table, again and again.
        held = self._listed
        if held is None or held[0] is not fits:
            held = self._listed = (fits, Pieces(fits, self._has_colors))
        listed = held[1]
        pieces: list[bytes | memoryview] = [repr(photo_hw).encode()]
        if self._sees_ground and has_lens(fits, people):
            pieces.append(b"ground")
        if self._segmentations is not None and people:
            pieces += self._segmentations.list_pieces(str(fits.image_name[people[0]]))
        for person in people:
            pieces += listed.list_pieces(person)
            pieces.append(repr(self._models[fits.source[person]]).encode())
            pieces += self._list_other(int(fits.row[person]))
            if self._tried and is_tried(fits.row[person]):
                pieces.append(repr(self._tried[fits.source[person]]).encode())
            coco = self._coco.get(int(fits.annot_id[person]))
            if coco is not None:
                pieces += [np.ascontiguousarray(coco.keypoints_px).tobytes(), coco.box_px.tobytes()]
                # It is only read where it is used.
                pieces += [] if coco.segmentation is None else coco.segmentation.list_pieces()
            # Or the end of one might be taken for the beginning of another.
            pieces.append(b"\0")
        return hash_bytes(*pieces)

    def _list_other(self, row: int) -> list[bytes | memoryview]:
        """All that is said of whom a person is compared with."""
        if self._reference is None or self._others is None:
            return []
        place = self._reference.joined.partner.get(row)
        if place is None:
            return [b"nobody"]
        listed, models = self._others
        model = models[self._reference.fits.source[place]]
        return [*listed.list_pieces(place), repr(model).encode()]

    def hash_clip(self, fits: Fits, people: tuple[int, ...], told: bytes) -> str:
        """The hash of all that is said of the people of a clip, and of its frames.

        Args:
            fits: The people of the run.
            people: Positions in `fits`.
            told: Of its frames.
        """
        # A hash of hashes: all that is said of the people of a long clip would fill the memory.
        return hash_bytes(told, *(self.hash_people(fits, (person,), None).encode() for person in people))


def _hash_models(origins: Sequence[Path | str | None]) -> list[str | None]:
    """Of each source of fits what tells its body model from others."""
    known = {origin: hash_file(origin) if isinstance(origin, Path) else origin for origin in {*origins}}
    return [known[origin] for origin in origins]


def _hash_tried(tried: Sequence[Mapping[str, Path]]) -> list[dict[str, str]]:
    known = {path: hash_file(path) for path in {path for of in tried for path in of.values()}}
    return [{name: known[path] for name, path in of.items()} for of in tried] if known else []


def _describe_panel(spec: PanelSpec, size: str) -> dict[str, Any]:
    told = asdict(spec)
    # The setting `transition` tells it.
    told.pop("leaves_photo")
    told["viewpoint"].pop("from_photo")
    # Only where it shapes pixels.
    if size != "auto":
        told.pop("fits_row")
    if not spec.has_shadow:
        told.pop("has_shadow")
    return told


def _find_packages(config: Config, rasterizer: str) -> list[str]:
    """Packages, with their versions, that have a hand in the sheets and are not this one."""
    specs = config.panel_specs()
    used = [
        BODY_MODELS.identify(config.body.model),
        FORMATS.identify(config.output.format),
        RASTERIZERS.identify(rasterizer),
        *(MODES.identify(spec.mode) for spec in specs),
        *(VIEWS.identify(spec.viewpoint.name) for spec in specs),
        *(ANNOTATIONS.identify(name) for name in config.annotate),
        *(MEASURES.identify(name) for name in MEASURES.names if config.job.is_review),
        *(LAYERS.identify(spec.layer_name) for spec in config.layer_specs()),
    ]
    return sorted({package for package in used if package is not None})
