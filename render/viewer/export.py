"""Files of HTML, one for each photo, person or sequence."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace

import numpy as np

from render.config.schema import Config
from render.errors import FitFileError, PhotoError, SheetError
from render.files.stores.output import open_output
from render.fits.rows.shards import parse_shard
from render.run.progress import open_progress
from render.viewer.scenes.page import finish_page
from render.viewer.scenes.server import load_viser, serve
from render.viewer.scenes.writer import MOST_PHOTO_PX, SceneWriter
from render.viewer.source import Source, Subject, open_source
from render.viewer.stages.looks import choose_look, list_looks
from render.viewer.stages.stage import Stage

log = logging.getLogger("render")

# Of a sequence in a file: frames a second at most, the longer side of their photos, and how many bytes of
# vertices and photos there may be before they are packed, which makes them a third smaller.
MOST_HZ, FRAME_PHOTO_PX, MOST_BYTES = 10.0, 480, 96 << 20
# A pixel of a JPEG.
_PHOTO_PIXEL_BYTES = 0.35
# A tenth of a millimetre, about; numbers with few digits take less room.
_STEP_M = 2.0**-13


def export_files(config: Config, shares_stage: bool) -> int:
    """Writes a file for each photo, person or sequence that the settings take; what is there is made anew.

    Args:
        config: The settings.
        shares_stage: See `open_source`.

    Returns:
        How many could not be made; the reasons are said.

    Raises:
        RenderError: Nothing can be made; with on_error=stop, one of them cannot.
    """
    load_viser()
    tag = parse_shard(config.shard).tag
    output = open_output(config.output.dir, tag)
    output.remove_temporaries([tag])
    failed = 0
    with (
        open_source(config, shares_stage) as source,
        closing(open_progress(len(source.subjects), "page")) as bar,
    ):
        for subject in source.subjects:
            try:
                output.write(f"{subject.name}.html", export_subject(source, subject).encode())
            except (FitFileError, PhotoError, SheetError) as error:
                if config.on_error == "stop":
                    raise
                failed += 1
                log.warning("%s: %s", subject.name, error)
            bar.advance()
        made = len(source.subjects) - failed
    pages = "1 page" if made == 1 else f"{made} pages"
    log.info("%s in %s%s", pages, output.locate(), f"; {failed} could not be made" if failed else "")
    return failed


def export_subject(source: Source, subject: Subject, plain: tuple[int, int, int] | None = None) -> str:
    """The page of a photo, a person or a sequence.

    Args:
        source: What it is of.
        subject: Which one.
        plain: See `SceneWriter`.

    Raises:
        RenderError: It cannot be shown, or would be too large a file.
    """
    config = source.config
    is_motion = len(subject.shots) > 1
    photo_px = FRAME_PHOTO_PX if is_motion else MOST_PHOTO_PX
    kept = thin_out(subject.starts_s) if is_motion else [0]
    first = source.loader.load(subject.shots, kept[0], photo_px)
    first = replace(first, reach_m=source.loader.find_reach(subject.shots))
    looks = list_looks(first.people, config.error_mm)
    look = looks[choose_look(config.crowd_look if len(first.people) > 1 else config.look, looks)]
    with serve() as server:
        scene = SceneWriter(server, plain)
        scene.look_through(first)
        scene.show(_round(first) if is_motion else first, look, opacity=config.opacity)
        recorder = server.get_scene_serializer()
        taken = _weigh(first)
        for at, number in enumerate(kept[1:], 1):
            recorder.insert_sleep(subject.starts_s[number] - subject.starts_s[kept[at - 1]])
            stage = source.loader.load(subject.shots, number, photo_px)
            taken += _weigh(stage)
            if taken > MOST_BYTES:
                raise SheetError(
                    f"its {len(kept)} frames would be a page of more than {MOST_BYTES >> 20} MB; take fewer "
                    f"by samples, about {at} of them, or look at all of them with view=live"
                )
            scene.show(_round(stage), look, opacity=config.opacity)
        if is_motion:
            recorder.insert_sleep(subject.starts_s[-1] - subject.starts_s[kept[-1]])
        return finish_page(recorder.as_html(), first, has_bar=is_motion)


def thin_out(starts_s: tuple[float, ...]) -> list[int]:
    """The frames that a file takes of a sequence: all, or where they follow fast about `MOST_HZ` a second.

    Args:
        starts_s: When each begins, and when the last one ends.
    """
    kept, last = [0], starts_s[0]
    for number, start in enumerate(starts_s[:-1]):
        # Times are sums with their rounding.
        if start - last >= 1 / MOST_HZ - 1e-6:
            kept.append(number)
            last = start
    return kept


def _weigh(stage: Stage) -> float:
    pixels = 0 if stage.photo is None else stage.photo.shape[0] * stage.photo.shape[1]
    return sum(person.verts.nbytes for person in stage.people) + _PHOTO_PIXEL_BYTES * pixels


def _round(stage: Stage) -> Stage:
    people = (replace(one, verts=np.round(one.verts / _STEP_M) * _STEP_M) for one in stage.people)
    return replace(stage, people=tuple(people))
