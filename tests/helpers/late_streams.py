"""Streams of a device that is not there: what they are given is done late, in any order that CUDA allows.

Work of one stream is done in its order. Streams do not wait for one another, nor for the default one, as is
so of torch's own streams, unless an event orders them. Nothing is done before somebody waits for it, but what
chance picks.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch.utils._python_dispatch import _disable_current_modes


class Mark:
    """A place in a stream's work that others may wait for."""

    def __init__(self, stream: LateStream) -> None:
        self.stream = stream
        self.is_done = False

    def __call__(self) -> None:
        self.is_done = True


@dataclass(frozen=True)
class WaitFor:
    """In a stream's work: nothing behind it is done before the mark of another stream."""

    mark: Mark


class LateStreams:
    """All streams of the device, and the one that is current in each thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._listed: list[LateStream] = []
        self._current = threading.local()
        self._error: BaseException | None = None
        self.default = LateStream(self)
        self.done = 0
        self.reseed(0)

    def reseed(self, seed: int) -> None:
        """Begins anew with another order; all that was given must be done.

        Of a stream, `haste` is how likely work is done at once, and `stray` how likely that of another stream
        is done before what somebody waits for. The first seed is the latest that is legal.
        """
        self.drain()
        self._random = random.Random(seed)
        self._haste = 0.0 if seed == 0 else self._random.choice([0.0, 0.0, 0.1, 0.5, 0.9])
        self._stray = 0.0 if seed == 0 else self._random.choice([0.0, 0.3, 0.7])

    def chance(self) -> float:
        """A number of this seed's, from 0 to 1."""
        return self._random.random()

    def add(self, stream: LateStream) -> int:
        """Its number."""
        with self.lock:
            self._listed.append(stream)
            # Beyond those that Warp may have for the streams of a GPU.
            return (1 << 48) + len(self._listed)

    @property
    def current(self) -> LateStream:
        """That of this thread."""
        return getattr(self._current, "stream", self.default)

    @contextmanager
    def use(self, stream: LateStream) -> Iterator[None]:
        """As `torch.cuda.stream`."""
        before = self.current
        self._current.stream = stream
        try:
            yield
        finally:
            self._current.stream = before

    def find(self, number: int) -> LateStream:
        """That of this number, as libraries know streams."""
        return next(stream for stream in self._listed if stream.cuda_stream == number)

    def give(self, stream: LateStream, work: Callable[[], object] | WaitFor) -> None:
        """Puts work at a stream's end."""
        with self.lock:
            stream.work.append(work)
            while self._random.random() < self._haste and self._do_one():
                pass

    def drain(self, is_done: Callable[[], bool] | None = None, of: LateStream | None = None) -> None:
        """Does what must be done before somebody who waits goes on, and perhaps more.

        Args:
            is_done: What is waited for; left out, all is done.
            of: The stream that is waited for.
        """
        with self.lock:
            while not (is_done() if is_done else not any(stream.work for stream in self._listed)):
                if of is None or self._random.random() < self._stray:
                    self._do_one()
                else:
                    self._advance(of)
            if self._error is not None:
                error, self._error = self._error, None
                raise error

    def _do_one(self) -> bool:
        """Does some work that is next in its stream; False if there is none."""
        busy = [stream for stream in self._listed if stream.work]
        if busy:
            self._advance(self._random.choice(busy))
        return bool(busy)

    def _advance(self, stream: LateStream) -> None:
        """Does what is next in a stream, or in the one that it waits for."""
        work = stream.work[0]
        if isinstance(work, WaitFor) and not work.mark.is_done:
            self._advance(work.mark.stream)
            return
        stream.work.popleft()
        if isinstance(work, WaitFor):
            return
        self.done += 1
        try:
            # Tensors of other threads are written in place, also those of inference mode.
            with _disable_current_modes(), torch.inference_mode():
                work()
        # As a GPU's faults do, it comes up where somebody waits.
        except BaseException as error:
            self._error = self._error or error


class LateStream:
    """As `torch.cuda.Stream`."""

    def __init__(self, streams: LateStreams) -> None:
        self._streams = streams
        self.work: deque[Callable[[], object] | WaitFor] = deque()
        self.device = torch.device("cuda:0")
        self.cuda_stream = streams.add(self)

    def synchronize(self) -> None:
        """Waits until all that was given to it so far is done."""
        mark = Mark(self)
        self._streams.give(self, mark)
        self._streams.drain(lambda: mark.is_done, self)

    def record_event(self, event: LateEvent | None = None) -> LateEvent:
        """Marks this place."""
        event = event or LateEvent(self._streams)
        event.record(self)
        return event

    def wait_event(self, event: LateEvent) -> None:
        """What comes after is done after the event; one that nobody has recorded keeps nothing waiting."""
        if event.mark is not None:
            self._streams.give(self, WaitFor(event.mark))

    def wait_stream(self, other: LateStream) -> None:
        """What comes after is done after all that the other has been given."""
        self.wait_event(other.record_event())


class LateEvent:
    """As `torch.cuda.Event`."""

    def __init__(self, streams: LateStreams) -> None:
        self._streams = streams
        self.mark: Mark | None = None

    def record(self, stream: LateStream | None = None) -> None:
        """Marks the place in a stream, the current one if left out."""
        stream = stream or self._streams.current
        self.mark = Mark(stream)
        self._streams.give(stream, self.mark)

    def wait(self, stream: LateStream | None = None) -> None:
        """Keeps what a stream is given from now on, the current one's if left out."""
        (stream or self._streams.current).wait_event(self)

    def query(self) -> bool:
        """Whether the mark is done."""
        return self.mark is None or self.mark.is_done

    def synchronize(self) -> None:
        """Waits for the mark."""
        if self.mark is not None:
            mark = self.mark
            self._streams.drain(lambda: mark.is_done, mark.stream)
