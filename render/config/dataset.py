"""The settings of a dataset: which fits, and the photos that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from omegaconf import MISSING

from render.config.checks import (
    check_choice,
    check_is_folder,
    check_range,
    check_text,
    expand_path,
    open_mapping,
)
from render.errors import ConfigError
from render.fits.reader import AUTO, READERS
from render.photos.names.renames import check_renames

# Of what a file of conf/ tells, and what nobody changes for a run.
TOLD = {"told": True}


# What is MISSING here stands in the files of conf/, or the user must say it.
@dataclass
class DatasetConfig:
    """Which fits, and the photos that they belong to.

    Attributes:
        name: What the dataset is called, in the folder of what is made.
    """

    name: str = MISSING


@dataclass
class FilesDataset(DatasetConfig):
    """A fit file, a folder of photos, and COCO's person_keypoints file if its annotations are shown.

    Attributes:
        format: Of the fit file, such as eft, or auto, which tells it from the content.
        fit_file: The fit file, or a folder of them where the format takes one. As other inputs it may be a
            URL, and is fetched once: s3://, gs://, az://, https:// or file://, folders with a / at the end.
        also: Further fit files, whose rows are counted on from those of the first.
        image_dir: The folder of photos, which the image names of the fit file are relative to; or a zip or
            tar of them, or several, such as '/data/coco-*.tar'; or the URL of a folder or of such archives;
            or a video, whose frames are the photos; or null, where there are none.
        coco_file: COCO's person_keypoints file, for annotate=coco, audits, and formats that name no photos.
        segmentation_dir: For audits and comparisons, a folder with pictures of which pixels are a person's:
            im1_segmentation.png of im1.jpg (not 0 where he is), and im1_part_segmentation.png (parts 1 to 6),
            as UP-3D has them for LSP.
        options: What the format takes beside the file, such as '{preset: hmr2}'.
        rename_images: What is replaced in image names to get those of the files, such as '{.jpg: .png}'.
        exif: Whether photos are turned by their EXIF orientation: apply, ignore, or format, as fits of this
            format were made.
        entries: How many the fit file is known to have, in one release or another.
        fits_url: Where it is served.
        image_source: Where the photos are to be had.
        image_layout: What `image_dir` must hold.
        licence: Of fits and photos.
    """

    format: str = MISSING
    fit_file: str = MISSING
    also: list[str] = field(default_factory=list)
    image_dir: str | None = MISSING
    coco_file: str | None = None
    segmentation_dir: str | None = None
    options: dict[str, Any] = field(default_factory=partial(open_mapping, Any))
    rename_images: dict[str, str] = field(default_factory=open_mapping)
    exif: str = "format"
    entries: list[int] = field(default_factory=list, metadata=TOLD)
    fits_url: str | None = field(default=None, metadata=TOLD)
    image_source: str | None = field(default=None, metadata=TOLD)
    image_layout: str | None = field(default=None, metadata=TOLD)
    licence: str | None = field(default=None, metadata=TOLD)

    def __post_init__(self) -> None:
        check_text("dataset.name", self.name)
        check_renames("dataset.rename_images", self.rename_images)
        if not isinstance(self.options, Mapping | None):
            raise ConfigError(
                f"dataset.options: expected names with values, such as '{{preset: hmr2}}', found "
                f"{str(self.options)[:60]!r}"
            )
        check_choice("dataset.exif", self.exif, ("format", "apply", "ignore"))
        if self.format != AUTO:
            READERS.check("dataset.format", self.format)
        self.fit_file = expand_path("dataset.fit_file", self.fit_file)
        self.also = [expand_path("dataset.also", path) for path in self.also]
        if self.image_dir is not None:
            self.image_dir = expand_path("dataset.image_dir", self.image_dir)
        if self.coco_file is not None:
            self.coco_file = expand_path("dataset.coco_file", self.coco_file)
        if self.segmentation_dir is not None:
            self.segmentation_dir = expand_path("dataset.segmentation_dir", self.segmentation_dir)


@dataclass
class DemoDataset(DatasetConfig):
    """A generated set.

    Attributes:
        root: The folder that the demo set is made below.
        count: How many photos the demo set has, 1 to 1000000.
        seed: What the demo set is made from; another number gives other photos.
    """

    root: str = MISSING
    count: int = MISSING
    seed: int = MISSING

    def __post_init__(self) -> None:
        check_text("dataset.name", self.name)
        self.root = expand_path("dataset.root", self.root)
        check_is_folder("dataset.root", self.root, "the demo set is made there")
        check_range("dataset.count", self.count, 1, 1_000_000)
        check_range("dataset.seed", self.seed, 0, 2**32 - 1)
