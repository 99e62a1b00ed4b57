"""One open decoder of a video: forward, and back to where nothing before it shapes what comes out.

Damage is what the decoder complains of. Codecs have no checksums, so that many a changed bit decodes to other
pixels without a word; VP8, VP9 and MPEG-4 hardly notice any.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from render.photos.files import MOST_PIXELS
from render.photos.videos.containers import demux, open_container
from render.photos.videos.info import Packets

# Threads of a batch ask for frames that are near one another, in no order.
MOST_HELD, HELD_BYTES = 64, 256 << 20
# However large they are.
_LEAST_HELD = 4
# Decoders hold back some 16 frames, and one for each of their threads: after so many later ones a frame will
# never come.
_MOST_LATE = 64


class DamagedFrameError(Exception):
    """A frame that does not decode as it was encoded; the reason in a few words."""


class _UnclearDamageError(Exception):
    """Damage of which several threads do not say where it is."""


class HeldFrame:
    """A decoded frame.

    Args:
        frame: The frame.

    Attributes:
        frame: The frame.
        lock: For who makes RGB of it, in which libav changes its tags for a moment.
    """

    def __init__(self, frame: av.VideoFrame) -> None:
        self.frame = frame
        self.lock = threading.Lock()


class Decoder:
    """Decodes frames of a video; for one thread at a time.

    A frame has the same pixels whatever was asked for before it, and however many threads decode: each way to
    it begins where it comes out as it does from the beginning of the file.

    Args:
        path: Of the file.
        packets: Where its frames are; None where they are counted as they come.
        is_strict: Frames that are damaged, or may refer to such, are refused instead of being patched.
        threads: Of the decoder.
    """

    def __init__(self, path: Path, packets: Packets | None, is_strict: bool, threads: int) -> None:
        self._path = path
        self._packets = packets
        self._is_strict = is_strict
        self._threads = threads
        self._held: OrderedDict[int, HeldFrame] = OrderedDict()
        # From where to where frames are damaged, and why: packets, or frames where those are counted.
        self._damaged: list[tuple[int, int, str]] = []
        self._open_files: list[BufferedReader | InputContainer] = []
        # The frame that is asked for, which is held however many come with it.
        self._wanted = 0

    def close(self) -> None:
        """Closes the file; what is asked for later opens it again."""
        while self._open_files:
            self._open_files.pop().close()

    def decode(self, number: int) -> HeldFrame:
        """A frame.

        Args:
            number: From 0 on.

        Raises:
            DamagedFrameError: It is damaged, or nothing comes out.
            PhotoError: The file can no longer be opened.
        """
        self._wanted = number
        damage = self._find_damage(number)
        if damage is not None:
            raise DamagedFrameError(damage)
        while number not in self._held:
            try:
                self._go_to(number)
                self._go_on(number)
            except _UnclearDamageError:
                self._threads = 1
                self.close()
            except BaseException:
                # Wherever the decoder is now, the next one begins anew.
                self.close()
                raise
        self._held.move_to_end(number)
        return self._held[number]

    def _find_damage(self, number: int) -> str | None:
        place = number if self._packets is None else self._packets.ordinals[number]
        return next((reason for first, end, reason in self._damaged if first <= place < end), None)

    def _go_to(self, number: int) -> None:
        """Makes the frame one that is still to come."""
        if self._packets is None:
            if not self._open_files or number < self._made:
                self._open(0)
            return
        start, place = self._packets.starts[number], self._packets.ordinals[number]
        is_coming = place >= self._fed or number in self._pending if self._open_files else False
        if is_coming and start <= self._fed:
            return
        if not start or not self._open_files or not self._seek(self._packets, start):
            self._open(start)

    def _open(self, start: int) -> None:
        """Opens the file anew; packets before the start are passed over."""
        self.close()
        file, self._container, self._stream = open_container(self._path)
        self._open_files = [file, self._container]
        codec = self._stream.codec_context
        codec.options = {"max_pixels": str(MOST_PIXELS)}
        if self._is_strict:
            codec.options |= {"err_detect": "explode"}
        else:
            codec.flags |= Flags.output_corrupt
        codec.thread_type, codec.thread_count = "AUTO", self._threads
        self._begin(demux(self._container, self._stream), start, 0)

    def _seek(self, packets: Packets, start: int) -> bool:
        """Goes to a packet from which decoding can begin; False where the file cannot do that."""
        try:
            self._container.seek(packets.seek_times[start], stream=self._stream)
            demuxed = demux(self._container, self._stream)
            first = next(demuxed)
        except av.FFmpegError:
            return False
        place = None if first is None else packets.find_place(first)
        if place is None or place > start:
            return False
        self._begin(chain([first], demuxed), start, place)
        return True

    def _begin(self, demuxed: Iterator[Packet[VideoStream] | None], start: int, place: int) -> None:
        self._demuxed, self._start = demuxed, start
        # How many packets the decoder has been given, counted from the beginning of the file.
        self._fed = place
        # Frames that it was given and has not made, and how many it has made.
        self._pending: set[int] = set()
        self._made = 0
        self._has_ended = False

    def _go_on(self, number: int) -> None:
        late = 0
        while number not in self._held:
            damage = self._find_damage(number)
            if damage is None and (late > _MOST_LATE or self._has_ended):
                damage = "the decoder makes nothing of it"
            if damage is not None:
                raise DamagedFrameError(damage)
            made = self._feed(next(self._demuxed))
            late += sum(one > number for one in made)

    def _feed(self, packet: Packet[VideoStream] | None) -> list[int]:
        """Gives the decoder a packet, None at the end; the numbers of the frames that it makes."""
        packets, place = self._packets, self._fed
        if packet is None:
            # Gives what is held back.
            self._has_ended = True
        else:
            found = None if packets is None else packets.find_place(packet)
            place = place if found is None else found
            self._fed = place + 1
            if place < self._start:
                return []
            if packets is not None and packet.pts in packets.number_of:
                self._pending.add(packets.number_of[packet.pts])
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            if self._is_strict:
                self._note_damage(place, f"the decoder says: {error.strerror}")
            return []
        return [number for number in map(self._take, frames) if number is not None]

    def _take(self, frame: av.VideoFrame) -> int | None:
        """Holds a frame; its number, None of one that is not shown."""
        packets, number = self._packets, self._made
        self._made += 1
        if packets is not None:
            # A frame without a time is nobody's.
            if frame.pts not in packets.number_of:
                return None
            number = packets.number_of[frame.pts]
        self._pending.discard(number)
        if self._is_strict and frame.is_corrupt:
            self._note_damage(number if packets is None else packets.ordinals[number], "parts are missing")
        if self._find_damage(number) is None:
            self._hold(number, frame)
        return number

    def _note_damage(self, place: int, reason: str) -> None:
        if self._threads > 1:
            raise _UnclearDamageError
        if self._packets is None:
            # Which of those held back it is, and where the damage ends, nobody knows.
            self._damaged.append((self._made, 1 << 62, reason))
        else:
            last = len(self._packets.next_start) - 1
            self._damaged.append((place, self._packets.next_start[min(place, last)], reason))
        # What came out with it, or before it in the order of showing, and builds on it.
        for number in [number for number in self._held if self._find_damage(number) is not None]:
            del self._held[number]

    def _hold(self, number: int, frame: av.VideoFrame) -> None:
        self._held[number] = HeldFrame(frame)
        taken = sum(plane.buffer_size for plane in frame.planes)
        most = max(_LEAST_HELD, min(MOST_HELD, HELD_BYTES // max(taken, 1)))
        while len(self._held) > most:
            oldest = next(iter(self._held))
            if oldest == self._wanted:
                self._held.move_to_end(oldest)
                oldest = next(iter(self._held))
            del self._held[oldest]
