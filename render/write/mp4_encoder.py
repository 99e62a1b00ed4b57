"""MP4: H.264 that plays in browsers."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from typing import BinaryIO

# Not through imageio, whose plugin for it sets neither the quality nor the colours.
import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from render.errors import SheetError
from render.write.clip import LARGEST_FPS_DENOMINATOR, Clip, check_frames
from render.write.clip_encoder import ClipEncoder, encode_all
from render.write.sound import DAMAGE, Soundtrack, explain_damage

# Constant rate factor, H.264's scale of quality: 0 is lossless, 18 looks so. One less makes up for the tree
# of macroblocks, which is left out below.
CRF = 17
MOST_FPS = 240.0
MOST_SIDE_PX = 16384
# Units of time a second, and how long a file may be in them: what players keep in 32 and 64 bits.
MOST_TIMESCALE, MOST_UNITS = (1 << 31) - 1, (1 << 62)

# The index goes to the front, where players of streams want it, into room kept for it: the box itself, and at
# most this much a frame; and at most that much where frames are not equally long or sound lies between them.
_INDEX_BYTES, _INDEX_BYTES_A_FRAME, _INDEX_BYTES_A_PACKET = 4096, 32, 48


def encode_mp4(frames: np.ndarray, fps: float) -> bytes:
    """An MP4 that lasts N / fps, as Mp4Encoder writes it.

    Args:
        frames: (N, H, W, 3) uint8 RGB.
        fps: 0.01 to 240.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_frames(frames, fps, channels=(3,), most_fps=MOST_FPS)
    height, width, channels = frames.shape[1:]
    file = BytesIO()
    encode_all(Mp4Encoder(file, Clip.at_rate((height, width, channels), len(frames), fps)), frames)
    return file.getvalue()


class Mp4Encoder(ClipEncoder):
    """An MP4: H.264, yuv420p, BT.709 in limited range and tagged so, index at the front.

    Where a side is odd, which yuv420p cannot be, its last row or column is doubled. Frames have exactly the
    times of the clip, and its sound is in step with them. The same frames give the same bytes, whatever else
    runs beside. The source for the colours is ITU-R BT.709, that for the index ISO/IEC 14496-12.

    Args:
        file: Open to be written, at its start; seekable.
        clip: Of 3 channels.

    Raises:
        ValueError: The clip has other channels, or its times cannot be told exactly.
        SheetError: The format cannot hold such a clip.
    """

    FAULTS = (av.FFmpegError,)

    def __init__(self, file: BinaryIO, clip: Clip) -> None:
        super().__init__(file, clip, channels=(3,), most_side_px=MOST_SIDE_PX)
        self._times, self._unit = clip.reduce_times()
        rate = clip.count / clip.duration_s
        if rate > MOST_FPS:
            raise SheetError(
                f"clip: expected at most {MOST_FPS:g} frames per second, found {float(rate):g}. Set "
                f"output.fps to a lower rate."
            )
        if max(self._unit.numerator, self._unit.denominator) > MOST_TIMESCALE or self._times[-1] > MOST_UNITS:
            raise ValueError(f"times: expected units that 32 bits hold, found {self._unit} s")
        self._sound = self._open_sound()
        try:
            with self._tell_faults():
                self._open()
        except SheetError:
            if self._sound is None:
                raise
            self.give_up()
            self._drop_sound("an MP4 does not take it")
            file.seek(0)
            file.truncate()
            with self._tell_faults():
                self._open()
        self._reformatter = VideoReformatter()

    def _open(self) -> None:
        rate = self.clip.count / self.clip.duration_s
        is_constant = len(self._times) == self._times[-1] + 1
        is_plain = is_constant and self._sound is None
        index_bytes = _INDEX_BYTES + self.clip.count * (
            _INDEX_BYTES_A_FRAME if is_plain else _INDEX_BYTES_A_PACKET
        )
        options = {}
        if self._sound is not None:
            index_bytes += _INDEX_BYTES + self._sound.most_packets * _INDEX_BYTES_A_PACKET
            # Where a track begins is told in this unit, which is milliseconds otherwise.
            options["movie_timescale"] = str(self._sound.rate)
        options["moov_size"] = str(index_bytes)
        self._container = av.open(self._file, "w", format="mp4", options=options)
        # How long a frame is shown is told in the order in which frames are decoded, and players that seek
        # believe it. With frames that are made of later ones that is another order.
        self._stream = (
            self._add_pictures(1 / self._unit, {})
            if is_constant
            else self._add_pictures(rate.limit_denominator(LARGEST_FPS_DENOMINATOR), {"bf": "0"})
        )
        if self._sound is not None:
            self._sound.add_stream(self._container)
            self._container.start_encoding()

    def _open_sound(self) -> Soundtrack | None:
        if self.clip.sound is None:
            return None
        try:
            sound = Soundtrack(self.clip.sound)
        except DAMAGE as error:
            self.remarks.append(f"{self.clip.sound.path}: the clip has no sound: {explain_damage(error)}.")
            return None
        if sound.is_there:
            return sound
        sound.close()
        return None

    def _drop_sound(self, reason: str) -> None:
        assert self.clip.sound is not None
        assert self._sound is not None
        self.remarks.append(f"{self.clip.sound.path}: the clip has no sound, or not all of it: {reason}.")
        self._sound.close()
        self._sound = None

    def _add_pictures(self, rate: Fraction, further: dict[str, str]) -> av.VideoStream:
        options = {
            "crf": str(CRF),
            # Clips are encoded side by side; and the bytes depend on it.
            "threads": "1",
            # Where the processor has AVX-512, x264's tree of macroblocks comes out another way now and then,
            # with one thread too.
            "x264-params": "mbtree=0",
            "colorspace": "bt709",
            "color_primaries": "bt709",
            "color_trc": "bt709",
            "color_range": "tv",
            **further,
        }
        stream = self._container.add_stream("libx264", rate=rate, options=options)
        stream.codec_context.time_base = self._unit
        width, height = self.clip.width, self.clip.height
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        return stream

    def _encode(self, frame: np.ndarray, number: int) -> None:
        # Each colour sample of yuv420p is shared by two columns and two rows.
        odd_rows, odd_columns = self.clip.height % 2, self.clip.width % 2
        even = np.pad(frame, ((0, odd_rows), (0, odd_columns), (0, 0)), mode="edge")
        rgb = av.VideoFrame.from_ndarray(even, format="rgb24")
        # By default it takes the matrix of BT.601.
        yuv = self._reformatter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range="JPEG",
            dst_color_range="MPEG",
            threads=1,
        )
        yuv.pts = int(self._times[number])
        self._mux(self._stream.encode(yuv))

    def _finish(self) -> None:
        # Without a frame it gives those that it has held back.
        self._mux(self._stream.encode())
        self._mux_sound(None)
        if self._sound is not None and self._sound.fault is not None:
            self._drop_sound(self._sound.fault)
        self._container.close()

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            # Which have times, as their frames had.
            assert packet.pts is not None
            assert packet.dts is not None
            # The encoder does not say how long each is shown, and the last one must end in time.
            place = np.searchsorted(self._times, packet.pts)
            packet.duration = int(self._times[place + 1] - self._times[place])
            self._mux_sound(packet.dts * self._unit)
            self._container.mux(packet)

    def _mux_sound(self, until_s: Fraction | None) -> None:
        """Sound lies beside its pictures in the file, so that neither is held back in memory."""
        if self._sound is None:
            return
        try:
            for packet in self._sound.take_packets(until_s):
                self._container.mux(packet)
        # Not what the file that is written raises.
        except (av.FFmpegError, ValueError, IndexError, ArithmeticError) as error:
            self._drop_sound(explain_damage(error))

    def give_up(self) -> None:
        if self._sound is not None:
            self._sound.close()
        # It wants to write an end first, into a file that may not take it.
        with suppress(Exception):
            self._container.close()
