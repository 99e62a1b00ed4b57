"""The sound of a video for a clip of it: packets in order, none of them in memory for longer than needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BufferedReader

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Disposition

from render.files.regular import open_regular
from render.photos.videos.containers import FILE_ONLY
from render.write.clip import SoundSource
from render.write.sound_encoder import SoundEncoder, choose_sound_rate

# What libav and PyAV raise for damaged files, which may also have times beyond all numbers.
DAMAGE = (av.FFmpegError, OSError, ValueError, IndexError, ArithmeticError)
# Codecs that browsers play in an MP4, and those of them that need what the file says at its start.
COPIED = ("aac", "mp3", "opus", "flac")
_NEED_EXTRADATA = ("aac", "opus", "flac")
# So much before the clip is kept too, unheard: a decoder needs it to begin.
PREROLL_S = Fraction(1, 8)
_MOST_RATE, _MOST_CHANNELS = 192_000, 64


@dataclass(frozen=True)
class SoundPacket:
    """A piece of compressed sound.

    Attributes:
        content: As the codec has it.
        start: When it begins, in samples after the clip does; before it, it is negative.
        length: In samples.
    """

    content: bytes
    start: int
    length: int


class Soundtrack:
    """The sound of a video from when a clip of it begins to when it ends.

    It is copied where browsers play the codec in an MP4, and encoded in AAC elsewhere. What is damaged ends
    it, or is silent.

    Args:
        source: The video and the part of it.

    Attributes:
        rate: Samples a second.
        fault: What is wrong with the sound, None where nothing is.

    Raises:
        DAMAGE: There is sound, but it cannot be read.
    """

    def __init__(self, source: SoundSource) -> None:
        self._source = source
        self.fault: str | None = None
        self._file: BufferedReader = open_regular(source.path)
        self._container: InputContainer | None = None
        try:
            self._container = av.open(self._file, "r", options=FILE_ONLY, metadata_errors="ignore")
            self._stream = _choose_stream(self._container)
            if self._stream is not None:
                self._prepare(self._container, self._stream)
        except BaseException:
            self.close()
            raise

    @property
    def is_there(self) -> bool:
        """Whether the video has sound at all."""
        return self._stream is not None

    def _prepare(self, container: InputContainer, stream: AudioStream) -> None:
        codec = stream.codec_context
        if codec is None or stream.time_base is None:
            raise ValueError("its codec is not known")
        if not (0 < codec.sample_rate <= _MOST_RATE and 0 < codec.channels <= _MOST_CHANNELS):
            raise ValueError(f"found {codec.channels} channels of {codec.sample_rate} samples a second")
        # Not that of the decoder, which may be mp3float.
        name = codec.codec.canonical_name
        has_extradata = bool(codec.extradata) or name not in _NEED_EXTRADATA
        self._is_copied = name in COPIED and has_extradata
        self.rate = codec.sample_rate if self._is_copied else choose_sound_rate(codec.sample_rate)
        origin = self._source.origin
        if origin is None:
            picture = container.streams.video[0] if container.streams.video else stream
            origin = (picture.start_time or 0) * (picture.time_base or Fraction(0))
        # Where the clip begins, by the clock of the file.
        self._begin = origin + self._source.start
        self._end = round((self._source.end - self._source.start) * self.rate)
        self._seek(container, stream)
        self._packets = self._time_packets(container, stream) if self._is_copied else iter(())
        first = next(self._packets, None)
        self._next = first
        # What comes in smaller pieces than the first is cut off before the index has no room for it.
        length = first.length if first else 1024
        preroll = round(PREROLL_S * self.rate)
        self.most_packets = 2 * -(-(self._end + preroll) // length) + 16

    def add_stream(self, container: OutputContainer) -> None:
        """Adds a stream of sound to an MP4, before its first packet."""
        assert self._stream is not None
        if self._is_copied:
            self._target = container.add_stream_from_template(self._stream)
            self._target.time_base = Fraction(1, self.rate)
        else:
            encoder = SoundEncoder(container, self.rate, self._stream.codec_context.channels)
            self._target = encoder.stream
            self._encoded = self._encode(encoder)
            self._waiting: av.Packet | None = None

    def take_packets(self, until_s: Fraction | None) -> Iterator[av.Packet]:
        """The packets that begin before a time of the clip and are not taken yet.

        Args:
            until_s: Seconds after the clip begins; None for all.
        """
        while self.fault is None or not self._is_copied:
            packet = self._take_copied(until_s) if self._is_copied else self._take_encoded(until_s)
            if packet is None:
                return
            self.most_packets -= 1
            if self.most_packets < 0:
                self.fault = "its packets are too many for its length"
                return
            yield packet

    def close(self) -> None:
        """Closes the video."""
        if self._container is not None:
            self._container.close()
        self._file.close()

    def _seek(self, container: InputContainer, stream: AudioStream) -> None:
        assert stream.time_base is not None
        # A second more: not all containers find a place exactly.
        target = self._begin - PREROLL_S - 1
        if target > 0:
            try:
                container.seek(int(target / stream.time_base), stream=stream)
            except av.FFmpegError:
                # It is read from its start, which takes longer.
                container.seek(0)

    def _take_copied(self, until_s: Fraction | None) -> av.Packet | None:
        found = self._next
        if found is None or (until_s is not None and found.start > until_s * self.rate):
            return None
        try:
            self._next = next(self._packets, None)
        except DAMAGE as error:
            self._next, self.fault = None, explain_damage(error)
        packet = av.Packet(found.content)
        packet.stream = self._target
        packet.time_base = Fraction(1, self.rate)
        packet.pts = packet.dts = found.start
        packet.duration = found.length
        packet.is_keyframe = True
        return packet

    def _time_packets(self, container: InputContainer, stream: AudioStream) -> Iterator[SoundPacket]:
        """The packets of the clip, each where the one before it ends, but for what the file has otherwise."""
        unit = stream.time_base
        assert unit is not None
        frame_size = stream.codec_context.frame_size or 0
        # Times of some containers are rounded, to milliseconds.
        tick = int(unit * self.rate) + 1
        end: int | None = None
        before: int | None = None
        for packet in container.demux(stream):
            if not packet.size:
                continue
            length = round((packet.duration or 0) * unit * self.rate)
            if (frame_size and abs(length - frame_size) <= tick) or not length:
                length = frame_size or 1024
            if packet.pts is not None:
                start = round((packet.pts * unit - self._begin) * self.rate)
            elif end is not None:
                start = end
            else:
                continue
            start = end if end is not None and abs(start - end) <= tick else start
            if before is not None and start <= before:
                continue
            end, before = start + length, start
            if end <= -PREROLL_S * self.rate:
                continue
            if start >= self._end:
                return
            yield SoundPacket(bytes(packet), start, min(length, self._end - start))

    def _take_encoded(self, until_s: Fraction | None) -> av.Packet | None:
        if self._waiting is None:
            self._waiting = next(self._encoded, None)
        packet = self._waiting
        if packet is None or packet.pts is None:
            return None
        if until_s is not None and packet.pts > until_s * self.rate:
            return None
        self._waiting = None
        return packet

    def _encode(self, encoder: SoundEncoder) -> Iterator[av.Packet]:
        assert self._stream is not None
        assert self._container is not None
        frames = self._decode(self._container, self._stream)
        yield from encoder.encode(frames, self._begin, self._end)
        self.fault = self.fault or encoder.fault

    def _decode(self, container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
        try:
            for packet in container.demux(stream):
                try:
                    yield from stream.codec_context.decode(packet if packet.size else None)
                # What comes behind may be whole.
                except DAMAGE as error:
                    self.fault = explain_damage(error)
                if not packet.size:
                    return
        except DAMAGE as error:
            self.fault = explain_damage(error)


def explain_damage(error: Exception) -> str:
    """What is wrong with a file, in the words of what found it."""
    return getattr(error, "strerror", None) or str(error)


def _choose_stream(container: InputContainer) -> AudioStream | None:
    streams = container.streams.audio
    default = [one for one in streams if one.disposition & Disposition.default]
    return next(iter([*default, *streams]), None)
