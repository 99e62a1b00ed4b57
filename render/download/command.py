"""The command that fetches fit files and charts, and says what is left to do by hand."""

from __future__ import annotations

import logging
import os
import shlex
import textwrap
from collections.abc import Callable
from pathlib import Path

from render.body.charts import read_chart_arrays
from render.config.command_line import run_with_words
from render.config.dataset import FilesDataset
from render.config.load import describe_images
from render.config.schema import Config
from render.download.chart_archive import unpack_charts
from render.download.fetch import download
from render.download.place import disk_errors, find_place, is_there
from render.download.sources import compose_config, list_datasets
from render.errors import ConfigError, DownloadError, RenderError
from render.files.regular import open_regular
from render.fits.read import read_fits
from render.resources import find_file

# The largest fit file of EFT has 0.43 GB.
MOST_FIT_BYTES = 4 << 30
MOST_ARCHIVE_BYTES = 1 << 29
ARCHIVE = "densepose_uv_data.tar.gz"

_HELP = """\
Fetches what is free to fetch, and says what must be fetched by hand.

    smpl-render download eft coco2014_part     # fit files of datasets, into eft_fit/
    smpl-render download densepose             # DensePose's charts of SMPL, into extradata/densepose/

Datasets:
{datasets}

A download that was cut or stopped goes on where it stopped when the same command is run again. What cannot
be read is removed. A file that is there already is left alone.

Settings may follow, as for smpl-render:

  dataset.fit_file, body.charts       where the file goes
  dataset.fits_url, body.charts_url   where it is served

Exit code: 0 if the files are there, 1 if not.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Does what the words of the command line ask for.

    Args:
        words: What follows `smpl-render download`.

    Returns:
        The exit code: 0 if the files are there.
    """
    interrupted = "interrupted; what has come is kept, and the same command goes on from there"
    return run_with_words(words, _run, interrupted, _build_help)


def _build_help() -> str:
    names = textwrap.fill(_name_served(), 100, initial_indent="  ", subsequent_indent="  ")
    return _HELP.format(datasets=names)


def _run(words: list[str]) -> None:
    settings = [word for word in words if "=" in word]
    match [word for word in words if "=" not in word]:
        case ["eft", name]:
            _fetch_fits(name, settings)
        case ["eft", _, _, *_] as found:
            # A path or an address can only be meant for one of them.
            if any(setting.startswith("dataset.") for setting in settings):
                raise ConfigError(
                    f"{shlex.join(settings)}: expected one dataset with settings of its own, found "
                    f"{', '.join(found[1:])}. Fetch them one by one."
                )
            for name in found[1:]:
                _fetch_fits(name, settings)
        case ["densepose"]:
            _fetch_charts(settings)
        case found:
            raise ConfigError(
                f"expected eft and names of datasets, or densepose; found {shlex.join(found) or 'nothing'}. "
                f"See --help."
            )


def _fetch_fits(name: str, settings: list[str]) -> None:
    other = next((setting for setting in settings if setting.startswith("dataset=")), None)
    if other is not None:
        raise ConfigError(
            f"{other}: expected the dataset as a word; write smpl-render download eft "
            f"{other.removeprefix('dataset=')}"
        )
    config = compose_config([f"dataset={name}", *settings]) if name in list_datasets() else None
    dataset = config.dataset if config is not None else None
    if config is None or not isinstance(dataset, FilesDataset) or dataset.fits_url is None:
        raise ConfigError(f"{name}: expected a dataset whose fits are served; there are: {_name_served()}")
    target = find_place(dataset.fit_file)
    if is_there(target):
        _keep(target, lambda: read_fits(dataset.format, target))
    else:
        with download(dataset.fits_url, target, MOST_FIT_BYTES) as part:
            # Read before it is moved: what cannot be used never has the name of a fit file.
            fits, rejected = read_fits(dataset.format, part)
            with disk_errors(target):
                with open_regular(part) as file:
                    # Whatever becomes of the machine, a file of that name is whole.
                    os.fsync(file.fileno())
                os.replace(part, target)
        log.info("%s: %d people; %d more entries are no valid fits", target, len(fits), len(rejected))
        entries = len(fits) + len(rejected)
        if dataset.entries and entries not in dataset.entries:
            known = " or ".join(map(str, dataset.entries))
            log.warning(
                "%s: expected %s entries, found %d; it may be another release", target, known, entries
            )
    # The first run is to be a short one.
    _say_rest(config, [f"dataset={name}", *settings, "samples=0:100"])


def _fetch_charts(settings: list[str]) -> None:
    # The demo set, which is the default, would choose the demo body, whose charts are there.
    chosen = [] if any(setting.startswith("body=") for setting in settings) else ["body=smpl"]
    config = compose_config([*chosen, *settings])
    if config.body.charts is None:
        raise ConfigError(f"body.charts: body={config.body.name} has no charts; write body=smpl")
    url, target = config.body.charts_url, find_place(config.body.charts)
    if is_there(target):
        _keep(target, lambda: read_chart_arrays(target))
    elif url is None:
        raise ConfigError(
            f"body.charts_url: expected where charts of {config.body.name!r} are served; set it"
        )
    else:
        with download(url, target.with_name(ARCHIVE), MOST_ARCHIVE_BYTES) as part:
            unpack_charts(part, target)
        log.info("%s: the charts are there", target)
    _say_rest(config, ["dataset=coco2014_part", *settings, "panels=[camera/iuv]", "output=png"])


def _keep(target: Path, read: Callable[[], object]) -> None:
    """Leaves what is there already alone; raises DownloadError if it is of no use."""
    try:
        read()
    except RenderError as error:
        raise DownloadError(
            f"{target}: it is there already, but cannot be used; remove it and run the same command again: "
            f"{error}"
        ) from error
    log.info("%s is there already and is left alone", target)


def _say_rest(config: Config, settings: list[str]) -> None:
    """Prints what must be fetched by hand, under which terms, and the command to run after that."""
    rest: dict[str, str | None] = {}
    if config.body.path is not None and not find_file(config.body.path).exists():
        rest["SMPL"] = (
            f"register at https://smpl.is.tue.mpg.de and put the model at {config.body.path}, or name "
            f"another file with body.path=..."
        )
    if isinstance(config.dataset, FilesDataset):
        rest["photos"] = describe_images(config.dataset)
        rest["licence"] = config.dataset.licence
    for name, text in rest.items():
        if text:
            print(f"{name}: {text}")
    if not any(setting.startswith("dataset.image_dir=") for setting in settings):
        settings = [*settings, "dataset.image_dir=FOLDER"]
    print(f"Then: smpl-render {shlex.join(settings)}")


def _name_served() -> str:
    return ", ".join(name for name, is_served in list_datasets().items() if is_served)
