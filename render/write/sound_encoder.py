"""Decoded sound to AAC, sample by sample in step with the clip."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
import numpy as np
from av.container import OutputContainer

# Of AAC, ISO/IEC 14496-3, table 1.18.
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_FRAME = 1024
_BITS_PER_S_A_CHANNEL = 96_000
# Times of frames are rounded in many containers; only what is further off than this is a gap.
_GAP_S = Fraction(1, 20)


def choose_sound_rate(rate: int) -> int:
    """The rate in which sound of a rate is encoded: the same where AAC has it."""
    return rate if rate in _RATES else 48000


class SoundEncoder:
    """Encodes sound in AAC, mono as mono and all other as stereo.

    Args:
        container: An MP4 before its first packet, which gets a stream of sound.
        rate: Samples a second, one of AAC's.
        channels: Of the sound that will come.

    Attributes:
        stream: Where the packets go.
        fault: What is wrong with the sound, None where nothing is.
    """

    def __init__(self, container: OutputContainer, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, min(channels, 2)
        layout = "mono" if self._channels == 1 else "stereo"
        self.stream = container.add_stream(
            "aac", rate=rate, layout=layout, bit_rate=_BITS_PER_S_A_CHANNEL * self._channels
        )
        self._resampler = av.AudioResampler("fltp", layout, rate)
        self.fault: str | None = None

    def encode(self, frames: Iterator[av.AudioFrame], begin: Fraction, end: int) -> Iterator[av.Packet]:
        """Packets of what lies between two times; silence where there is no sound.

        Args:
            frames: In order.
            begin: Where the clip begins, in seconds by the clock of the frames.
            end: Where it ends, in samples after that.
        """
        at, kept = 0, np.zeros((self._channels, 0), np.float32)
        for piece in self._place(frames, begin, end):
            kept = np.concatenate([kept, piece], 1)
            while kept.shape[1] >= _FRAME:
                yield from self._encode_frame(kept[:, :_FRAME], at)
                kept, at = kept[:, _FRAME:], at + _FRAME
        if kept.shape[1]:
            yield from self._encode_frame(kept, at)
        yield from self.stream.encode()

    def _encode_frame(self, samples: np.ndarray, at: int) -> list[av.Packet]:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), "fltp", self.stream.codec_context.layout.name
        )
        frame.sample_rate, frame.pts, frame.time_base = self._rate, at, Fraction(1, self._rate)
        return self.stream.encode(frame)

    def _place(self, frames: Iterator[av.AudioFrame], begin: Fraction, end: int) -> Iterator[np.ndarray]:
        """(channels, N) samples, one piece behind the other from where the clip begins."""
        done = 0
        # Where the next piece lies if the frames do not say so.
        expected = None
        for frame in self._resample(frames):
            samples = frame.to_ndarray()
            if frame.pts is not None and frame.time_base is not None:
                start = round((frame.pts * frame.time_base - begin) * self._rate)
                if expected is None or abs(start - expected) > _GAP_S * self._rate:
                    expected = start
            if expected is None:
                continue
            if expected >= end:
                return
            while done < expected:
                # In small pieces: a gap may be as long as the clip.
                silent = min(expected - done, _FRAME)
                yield np.zeros((self._channels, silent), np.float32)
                done += silent
            piece = samples[:, max(done - expected, 0) : end - expected]
            expected += samples.shape[1]
            if piece.shape[1]:
                yield piece
                done += piece.shape[1]

    def _resample(self, frames: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        try:
            for frame in chain(frames, [None]):
                for piece in self._resampler.resample(frame):
                    # What needs no change at first is not looked at again.
                    if (piece.sample_rate, piece.layout.nb_channels) != (self._rate, self._channels):
                        raise ValueError("its rate or its channels change")
                    yield piece
        # Of sound that becomes another in its middle.
        except (av.FFmpegError, ValueError) as error:
            self.fault = str(error)
