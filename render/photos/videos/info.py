"""What is known of a video before its frames are asked for: sizes, times, and where each frame begins.

A header may lie about the number of frames, and often knows none. Where a container keeps the time of each
frame, and its codec has one frame in each packet, the packets are counted, which decodes nothing. Elsewhere
(AVI, MPEG-4, VP8, interlaced pictures) all frames are decoded once and counted as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from render.errors import PhotoError
from render.photos.videos.colours import read_turn
from render.photos.videos.containers import demux, opened
from render.photos.videos.keyframes import begins_anew

# Nine hours at 60 frames a second. What a file of a few megabytes claims beyond that is a trap.
MOST_FRAMES = 2_000_000
# Those of libav whose packets have true times, and codecs with one frame in each packet.
_TIMED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts")
_ONE_EACH = ("h264", "hevc", "vp9", "av1", "mjpeg", "ffv1", "prores", "dnxhd", "rawvideo")
# AVFieldOrder: not known, and progressive.
_WHOLE_FRAMES = (0, 1)
# By so much the rate of a header may differ from the times of the frames.
_SAME_RATE = 0.02


@dataclass(frozen=True, eq=False)
class VideoInfo:
    """A video.

    Attributes:
        path: Of the file.
        width: Of its frames in px, upright.
        height: Of its frames in px, upright.
        pts: (N,) int64, when each frame is shown, in units of `time_base`, ascending; the first may differ
            from 0, and sound counts from the same origin.
        end_pts: When the last frame has been shown.
        time_base: Seconds of a unit.
        average_rate: Frames a second, on average.
        has_audio: Whether there is sound.
        claimed_frames: How many its header says it has; 0 where it says nothing.
        turn: What makes a stored frame upright, as `read_turn` has it.
    """

    path: Path
    width: int
    height: int
    pts: np.ndarray
    end_pts: int
    time_base: Fraction
    average_rate: Fraction
    has_audio: bool
    claimed_frames: int
    turn: tuple[bool, bool, bool]

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return len(self.pts)

    @cached_property
    def times_s(self) -> np.ndarray:
        """(N,) float64, when each frame is shown after the first one, in seconds."""
        return (self.pts - self.pts[0]) * float(self.time_base)


@dataclass(frozen=True, eq=False)
class Packets:
    """Where the frames of a video are among its packets, in the order of the file.

    Attributes:
        number_of: Of each time the number of the frame that is shown then; other packets are not shown.
        ordinal_of: Of each time the place of its packet.
        ordinals: Of each frame the place of its packet.
        seek_times: Of each packet, by which it is sought.
        starts: Of each frame the packet from which decoding has to begin.
        next_start: Of each packet the next one from which decoding can begin.
    """

    number_of: dict[int, int]
    ordinal_of: dict[int, int]
    ordinals: list[int]
    seek_times: list[int]
    starts: list[int]
    next_start: list[int]

    def find_place(self, packet: Packet[VideoStream]) -> int | None:
        """The place of a packet, None of one that was not there when the video was looked at."""
        return None if packet.pts is None else self.ordinal_of.get(packet.pts)


@dataclass(frozen=True)
class _Packet:
    pts: int | None
    dts: int | None
    duration: int
    is_start: bool
    is_shown: bool


def read_info(path: Path) -> tuple[VideoInfo, Packets | None]:
    """Looks at a video.

    Args:
        path: Of the file.

    Returns:
        What is known of it, and where its frames are; None where they can only be counted in the order in
        which they are decoded.

    Raises:
        PhotoError: It is no video, encrypted, damaged so that no frame is left, or beyond the limits.
    """
    try:
        return _look_at(path)
    # Also what libav says of sizes in a damaged file that nobody has.
    except MemoryError as error:
        raise PhotoError(
            f"{path}: the video asks for more memory than there is. Where it should not, it is damaged: "
            f"download it again."
        ) from error


def _look_at(path: Path) -> tuple[VideoInfo, Packets | None]:
    with opened(path) as (container, stream):
        listed = _list_packets(path, container, stream)
    with opened(path) as (container, stream):
        first = _find_first(path, container, stream)
        is_timed = _is_timed(container, stream, first, listed)
        if is_timed:
            shown = sorted((one.pts or 0, one.duration) for one in listed if one.is_shown)
            pts, time_base = np.array([time for time, _ in shown], np.int64), stream.time_base
            last = shown[-1][1]
        else:
            pts, time_base, last = _count(path, stream)
        assert time_base is not None
        try:
            turn = read_turn(first)
        except ValueError as error:
            raise PhotoError(f"{path}: the video is not read: {error}. Save it upright.") from error
        width, height = (first.height, first.width) if turn[0] else (first.width, first.height)
        info = VideoInfo(
            path=path,
            width=width,
            height=height,
            pts=pts,
            end_pts=int(pts[-1]) + (last or _guess_duration(pts)),
            time_base=time_base,
            average_rate=_find_rate(stream, pts, time_base),
            has_audio=bool(container.streams.audio),
            claimed_frames=stream.frames,
            turn=turn,
        )
    return info, _place_frames(listed) if is_timed else None


def _list_packets(path: Path, container: InputContainer, stream: VideoStream) -> list[_Packet]:
    codec, extradata = stream.codec_context.name, stream.codec_context.extradata
    listed: list[_Packet] = []
    for packet in demux(container, stream):
        if packet is None:
            break
        if packet.has_sidedata("encryption_info"):
            raise PhotoError(f"{path}: the video is encrypted. Save it without a copy protection.")
        is_start = packet.is_keyframe and begins_anew(codec, extradata, bytes(packet))
        listed.append(_Packet(packet.pts, packet.dts, packet.duration or 0, is_start, not packet.is_discard))
        _check_count(path, len(listed))
    if not any(one.is_shown for one in listed):
        raise PhotoError(f"{path}: found a video without a frame; it may be cut off. Download it again.")
    return listed


def _check_count(path: Path, count: int) -> None:
    if count > MOST_FRAMES:
        raise PhotoError(f"{path}: expected at most {MOST_FRAMES:,} frames, found more. Cut the video.")


def _decode_all(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """All frames that the decoder makes, whatever is damaged."""
    stream.codec_context.thread_count = 1
    stream.codec_context.flags |= Flags.output_corrupt
    for packet in demux(container, stream):
        try:
            yield from stream.codec_context.decode(packet)
        except av.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise


def _find_first(path: Path, container: InputContainer, stream: VideoStream) -> av.VideoFrame:
    first = next(_decode_all(container, stream), None)
    if first is None:
        raise PhotoError(
            f"{path}: no frame of the video can be decoded: it is damaged, or of a kind or size that is not "
            f"read. Download it again or convert it."
        )
    return first


def _is_timed(
    container: InputContainer, stream: VideoStream, first: av.VideoFrame, listed: list[_Packet]
) -> bool:
    times = {one.pts for one in listed}
    return (
        container.format.name in _TIMED
        and stream.codec_context.name in _ONE_EACH
        and stream.codec_context.field_order in _WHOLE_FRAMES
        and not first.interlaced_frame
        and listed[0].is_start
        and None not in times
        and len(times) == len(listed)
    )


def _count(path: Path, stream: VideoStream) -> tuple[np.ndarray, Fraction, int]:
    """The times of the frames as they are decoded, their unit, and how long the last one is shown."""
    times: list[int | None] = []
    with opened(path) as (container, again):
        for frame in _decode_all(container, again):
            times.append(frame.pts)
            _check_count(path, len(times))
    if None not in times and stream.time_base is not None:
        pts = np.array(times, np.int64)
        if (np.diff(pts) > 0).all():
            return pts, stream.time_base, 0
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return np.arange(len(times), dtype=np.int64), 1 / rate, 1


def _guess_duration(pts: np.ndarray) -> int:
    return int(np.median(np.diff(pts))) if len(pts) > 1 else 0


def _find_rate(stream: VideoStream, pts: np.ndarray, time_base: Fraction) -> Fraction:
    claimed = stream.average_rate or stream.guessed_rate or Fraction(25)
    if len(pts) < 2:
        return claimed
    counted = (len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base)
    # Times in milliseconds do not tell 29.97 from 30.
    return claimed if abs(claimed / counted - 1) < _SAME_RATE else counted.limit_denominator(1001)


def _place_frames(listed: list[_Packet]) -> Packets:
    times = [one.pts or 0 for one in listed]
    shown = sorted(time for time, one in zip(times, listed, strict=True) if one.is_shown)
    number_of = {time: number for number, time in enumerate(shown)}
    ordinal_of = {time: ordinal for ordinal, time in enumerate(times)}
    starts, next_start, begun = [0] * len(shown), [len(listed)] * len(listed), [0]
    for ordinal, (time, one) in enumerate(zip(times, listed, strict=True)):
        if one.is_start and ordinal:
            begun.append(ordinal)
        if one.is_shown:
            # What is shown before a key frame that it comes behind may refer to what came before that.
            starts[number_of[time]] = next((k for k in reversed(begun) if times[k] <= time), 0)
    following = len(listed)
    for ordinal in reversed(range(len(listed))):
        next_start[ordinal] = following
        following = ordinal if listed[ordinal].is_start else following
    return Packets(
        number_of=number_of,
        ordinal_of=ordinal_of,
        ordinals=[ordinal_of[time] for time in shown],
        seek_times=[time if one.dts is None else one.dts for time, one in zip(times, listed, strict=True)],
        starts=starts,
        next_start=next_start,
    )
