"""A run whose products are sequences of bodies: one animated scene each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from render.compute.memory import is_out_of_memory, let_go
from render.compute.steps import Step, Steps
from render.config.schema import Config
from render.errors import FitFileError, SheetError
from render.library.poser import BatchPoser
from render.photos.sources.source import PhotoSource
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.record.resume import Resume
from render.run.clips.group import ClipPeople
from render.run.clips.outcomes import ClipOutcomes
from render.run.clips.survey import ClipSurvey, FoundClip
from render.run.executor import Job
from render.run.meshes.motion import make_scene
from render.run.meshes.pose import pose_bodies
from render.run.meshes.scene import ScenePeople
from render.run.outcomes import Outcomes
from render.run.stop import Stop
from render.sheet.framing import make_batch
from render.types.fits import Fits
from render.types.meshes import MeshScene
from render.write.format import FORMATS, Encoded
from render.write.products import ProductWriter

# Frames that are posed together.
MOST_FRAMES = 64
# Of a vertex of a frame until the scene is written: as it is posed, turned, and twice as trimesh joins them.
_VERT_BYTES = 4 * 12
# Of a row's poses, which are all that formats of motion take.
_POSE_BYTES = 4096


class MeshClipRun:
    """The jobs of such a run, one a clip.

    Args:
        config: The settings.
        fits: The people of the run.
        clips: Who is in each clip.
        photos: Where the photos are.
        poser: Of the bodies.
        products: What writes the files.
        outcomes: Is told what becomes of each clip.
        ledger: What earlier runs have noted.
        fingerprint: Of this run.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        clips: list[ClipPeople],
        photos: PhotoSource,
        poser: BatchPoser,
        products: ProductWriter,
        outcomes: Outcomes,
        ledger: Ledger,
        fingerprint: Fingerprint,
        stop: Stop,
    ) -> None:
        resume = Resume(ledger, fingerprint, fits, photos, shows_photo=False, takes_damaged=False)
        self._survey = ClipSurvey(config, fits, clips, photos, resume)
        self._outcomes = ClipOutcomes(outcomes, fits, fingerprint, config.output.format, shows_photo=False)
        self._format = FORMATS.load(config.output.format)
        self._frame = config.frame
        self._fits = fits
        self._bodies = poser.bodies
        self._poser = poser
        self._products = products
        self._stop = stop
        # Clips that did not fit into memory beside others.
        self._tight: list[FoundClip] = []

    def list_jobs(self) -> Iterator[Job]:
        """Clips are planned as the executor asks for them; no more of them once the run is to stop."""
        for found in self._survey.look(self._stop):
            if self._outcomes.settle(found):
                continue
            assert found.plan is not None
            self._outcomes.lose(found.plan)
            yield Job(self._weigh(found), self._make(found))

    def list_last_jobs(self, weight: int) -> Iterator[Job]:
        """Clips that did not fit into memory beside others, each by itself.

        Args:
            weight: So much that no other job is let in.
        """
        for found in self._tight:
            if self._stop.number:
                return
            yield Job(weight, self._make(found, is_last_try=True))

    def close(self) -> None:
        """Nothing is left open."""

    def _weigh(self, found: FoundClip) -> int:
        rows = found.people.rows
        if self._format.encode_meshes is None:
            return _POSE_BYTES * len(rows)
        sources, counts = np.unique(self._fits.source[rows], return_counts=True)
        sizes = [self._bodies.measure(self._bodies.find_key(sources[k : k + 1])) for k in range(len(sources))]
        return sum(
            _VERT_BYTES * size.vert_count * count for size, count in zip(sizes, counts.tolist(), strict=True)
        )

    def _make(self, found: FoundClip, is_last_try: bool = False) -> Steps[None]:
        assert found.plan is not None
        try:
            files = yield from self._encode(found)
            (outcome,) = yield Step("write", [partial(self._products.write, found.people.name, files)])
        # A file that is read when its bodies are posed may be gone.
        except (SheetError, FitFileError) as error:
            outcome = SheetError(str(error))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            let_go(error, self._bodies.device)
            if not is_last_try:
                self._tight.append(found)
                return
            outcome = SheetError(
                "there is not enough memory for its frames; choose fewer by samples, or poses with output=mcs"
            )
        for _ in range(found.plan.count):
            self._outcomes.count_frame()
        self._outcomes.finish_meshes(found.plan, found.photo_hw, outcome)

    def _encode(self, found: FoundClip) -> Steps[Mapping[str, Encoded]]:
        encode_motion, encode_meshes = self._format.encode_motion, self._format.encode_meshes
        if encode_meshes is None:
            assert encode_motion is not None
            (scene,) = yield Step("pose", [partial(make_scene, self._fits, self._bodies, found)])
            (files,) = yield Step("encode", [partial(encode_motion, scene)])
            return files
        posed = yield from self._pose(found)
        (files,) = yield Step("encode", [partial(encode_meshes, posed)])
        return files

    def _pose(self, found: FoundClip) -> Steps[MeshScene]:
        """Poses all frames, a few at a time."""
        plan = found.plan
        assert plan is not None
        scene = ScenePeople(self._frame, has_normals=False, has_cameras=self._format.holds_cameras)
        for begin in range(0, plan.count, MOST_FRAMES):
            numbers = range(begin, min(begin + MOST_FRAMES, plan.count))
            batch = make_batch(self._fits, [self._survey.lay_out(found, k) for k in numbers])
            posed = yield from pose_bodies(self._poser, batch, self._frame)
            for i, number in enumerate(numbers):
                scene.add(batch, i, posed, number)
        return MeshScene(self._frame, tuple(scene.people), scene.cameras, plan.starts_s)
