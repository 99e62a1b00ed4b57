"""A clip that is being made: it takes its frames in their order, and notes what is wrong with some."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np

from render.compute.memory import is_out_of_memory
from render.errors import PhotoError, SheetError
from render.files.digest import FileId
from render.files.growing_file import GrowingFile
from render.library.poser import Undrawable
from render.photos.behind_sheets import Shown
from render.run.clips.timeline import ClipPlan
from render.run.outcomes import describe_undrawable
from render.types.sheets import Sheet
from render.write.clip import Clip
from render.write.clip_encoder import ClipEncoder
from render.write.writer import ClipWriter

log = logging.getLogger("render")

# Reasons of single frames that are said; of all others only how many there are.
MOST_TOLD = 20


class OpenClip:
    """Takes the frames of a clip, one after the other; jobs do it in turn.

    Args:
        plan: Of the clip.
        lay_out: Gives the sheet of a frame.
        writer: Encodes it and writes its file.
        finish: Called once, when the last frame was taken: with this clip and its file, or why there is none.
        note: Called with the number of a frame that is not as it should be, and what is wrong with it.
        count: Called once for each frame.

    Attributes:
        plan: As given.
        lay_out: As given.
        shown: The photo of each frame, None where there is none.
        faulty: Numbers of frames that are not as they should be.
        is_over: Whether the last frame was taken.
    """

    def __init__(
        self,
        plan: ClipPlan,
        lay_out: Callable[[int], Sheet],
        writer: ClipWriter,
        finish: Callable[[OpenClip, FileId | SheetError], None],
        note: Callable[[ClipPlan, int, str], None],
        count: Callable[[], None],
    ) -> None:
        self.plan = plan
        self.lay_out = lay_out
        self.shown: list[Shown | None] = [None] * plan.count
        self.faulty: set[int] = set()
        self.is_over = False
        # Frames are noted by several threads.
        self._lock = threading.Lock()
        self._writer = writer
        self._finish = finish
        self._note = note
        self._count = count
        self._stack = ExitStack()
        self._encoder: ClipEncoder | None = None
        self._file: GrowingFile | None = None
        self._failure: SheetError | None = None

    def add(
        self, number: int, pixels: np.ndarray, shown: Shown | PhotoError | None, lost: Undrawable | None
    ) -> None:
        """Encodes the next frame.

        Args:
            number: Of the frame.
            pixels: (H, W, C) uint8.
            shown: Its photo, or why that cannot be read.
            lost: Why some of its bodies could not be drawn.

        Raises:
            OutputError: Nothing can be written.
        """
        if isinstance(shown, PhotoError):
            self.note(number, describe_grey(shown))
        elif shown is not None:
            self.shown[number] = shown
            if shown.damage is not None:
                self.note(number, shown.damage)
        if lost is not None:
            self.note(number, describe_undrawable(lost))
        if self._failure is None:
            try:
                self._encode(number, pixels)
            except SheetError as error:
                self._fail(error)
            except Exception as error:
                # The frames before it must not come once more.
                if not is_out_of_memory(error):
                    raise
                self._fail(SheetError("there was not enough memory to encode it; draw smaller panels"))
        self._go_on(number)

    def give_up(self, number: int, reason: str) -> None:
        """Takes no more frames, because the next one cannot be drawn at all.

        Args:
            number: Of the frame.
            reason: Why it cannot.

        Raises:
            OutputError: What is written cannot be removed.
        """
        if self._failure is None:
            self._fail(SheetError(reason))
        self._go_on(number)

    def _fail(self, error: SheetError) -> None:
        # The rest of the frames come all the same, for batches of them are under way.
        self._failure = error
        self.abandon()

    def _go_on(self, number: int) -> None:
        self._count()
        if number == self.plan.count - 1:
            self.is_over = True
            self._end()

    def note(self, number: int, reason: str) -> None:
        """Notes what is wrong with a frame, which is in the clip all the same."""
        with self._lock:
            self.faulty.add(number)
            is_told = len(self.faulty) <= MOST_TOLD
        if is_told:
            self._note(self.plan, number, reason)

    def abandon(self) -> None:
        """Removes what is written of a clip that comes to no end."""
        error = SheetError("the clip is not finished")
        # An error is what tells the file that it is not whole.
        self._stack.__exit__(SheetError, error, None)

    def _encode(self, number: int, pixels: np.ndarray) -> None:
        plan = self.plan
        if number == 0:
            height, width, channels = pixels.shape
            clip = Clip(height, width, channels, plan.times, plan.time_base, plan.sound)
            opened = self._writer.open(plan.people.name, clip)
            self._encoder, self._file = self._stack.enter_context(opened)
        assert self._encoder is not None
        self._encoder.add(pixels)

    def _end(self) -> None:
        failure = self._failure
        if failure is None:
            try:
                self._stack.close()
            except SheetError as error:
                failure = error
        if failure is not None:
            self._finish(self, failure)
            return
        assert self._encoder is not None
        assert self._file is not None
        assert self._file.id is not None
        for remark in self._encoder.remarks:
            log.warning("%s: %s", self.plan.people.name, remark)
        self._finish(self, self._file.id)


def describe_grey(error: PhotoError) -> str:
    """What is said of a photo that cannot be read."""
    return f"{error} The clip shows grey there."
