"""A job from Python, with the settings of the command line."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from render.config.load import compose_settings, load_config
from render.config.schema import Config
from render.errors import ConfigError
from render.types.fits import RowProblem

log = logging.getLogger("render")


@dataclass(frozen=True)
class JobResult:
    """What became of a job.

    Attributes:
        folder: Where its files are, a folder or a URL, as `output.dir` has it.
        made: How many sheets, clips, label sets or meshes were written; 1 where it is a figure.
        kept: How many of them were there already.
        skipped: Rows that are no valid fits, with the reasons.
        failed: Rows of which nothing could be made, with the reasons.
    """

    folder: str
    made: int
    kept: int = 0
    skipped: tuple[RowProblem, ...] = ()
    failed: tuple[RowProblem, ...] = ()


def run_job(settings: Sequence[str]) -> JobResult:
    """Runs a job of the command line: sheets, videos, labels, meshes, audits, comparisons or figures.

    Files are those of `smpl-render` with the same settings, and what is there already is kept. How far it is
    goes to the logger `render`. Ctrl-C finishes what is under way, and is then raised.

    Args:
        settings: Words of the command line, such as `job=video` and `dataset.fit_file=walk.npz`, without the
            quotes that a shell needs: `panels=[camera/studio, side/normal]`.

    Returns:
        Where the files are, how many were made, and which rows failed.

    Raises:
        TypeError: The settings are no list of words.
        RenderError: A setting is refused, or nothing can be done. A row that fails raises nothing.
        KeyboardInterrupt: A signal came; the same call goes on from there.

    Examples:
        >>> from render import run_job
        >>> demo = ["dataset=eft", "dataset.fit_file=demo_EFT.json", "dataset.image_dir=null", "body=demo"]
        >>> run_job([*demo, "job=meshes", "output=obj", "samples=0:2", "output.dir=bodies"])
        JobResult(folder='bodies', made=2, kept=0, skipped=(), failed=())
    """
    if isinstance(settings, str) or not isinstance(settings, Sequence):
        raise TypeError(f"settings: expected a list of words, such as ['job=figure'], found {settings!r}")
    for word in settings:
        if not isinstance(word, str):
            raise TypeError(f"settings: expected words, such as 'job=figure', found {word!r}")
        if word.startswith("-"):
            raise ConfigError(f"settings: expected key=value, found {word!r}, which is for the command line")
    config = load_config(compose_settings(list(settings)))
    if config.dry_run:
        raise ConfigError("dry_run: it prints what a run would do, and is for the command line")
    return run_config(config)


def run_config(config: Config) -> JobResult:
    """Runs the job that checked settings ask for; see `run_job`.

    Args:
        config: Of anything but a dry run.
    """
    # Torch and Warp take seconds; refused settings need not wait for them.
    if config.job.product == "figure":
        from render.run.figures.make import make_figure

        log.info("%s", make_figure(config))
        return JobResult(config.output.dir, made=1)
    from render.run.render_dataset import render_dataset

    report = render_dataset(config)
    log.info("%s", report.summarize())
    # It may have come when there was nothing left to do.
    if report.stopped_by and not report.is_finished:
        raise KeyboardInterrupt(report.stopped_by)
    return JobResult(
        config.output.dir, report.rendered, report.kept, tuple(report.skipped), tuple(report.failed)
    )
