"""Videos whose sound clicks at known times, and when it is heard in a clip."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np

CLICKS_S = (Fraction(1, 2), Fraction(3, 2), Fraction(21, 10), Fraction(3))


def make_sound(rate: int, duration_s: float, clicks_s: tuple[Fraction, ...] = CLICKS_S) -> np.ndarray:
    """(N,) float32: silence, but for short tones that begin at the times of the clicks."""
    samples = np.zeros(int(rate * duration_s), np.float32)
    tone = 0.8 * np.sin(np.arange(rate // 100) * 2 * np.pi * 1000 / rate)
    for click_s in clicks_s:
        at = round(click_s * rate)
        samples[at : at + len(tone)] = tone[: len(samples) - at]
    return samples


def write_video(
    path: Path,
    codec: str,
    rate: int = 48000,
    duration_s: float = 4.0,
    late_s: float = 0.0,
    layout: str = "mono",
) -> None:
    """A video of 25 grey pictures a second with such sound, by FFmpeg's own encoders.

    Args:
        path: Of the file, whose extension says the container.
        codec: Of the sound.
        rate: Of the sound.
        duration_s: Of both.
        late_s: By so much both begin later than the clock of the file.
        layout: Of the sound's channels, all of which have the same.
    """
    samples = make_sound(rate, duration_s)
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 32, 32, "yuv420p"
        sound = container.add_stream(codec, rate=rate, layout=layout)
        context = sound.codec_context
        context.open(strict=False)
        resampler = av.AudioResampler(context.format, layout, rate, frame_size=context.frame_size or 1024)
        channels = context.layout.nb_channels
        frame = av.AudioFrame.from_ndarray(np.tile(samples, (channels, 1)), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, round(late_s * rate), Fraction(1, rate)
        pieces = [*resampler.resample(frame), *resampler.resample(None)]
        for k in range(round(25 * duration_s)):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), k % 256, np.uint8), "rgb24")
            picture.pts, picture.time_base = k + round(late_s * 25), Fraction(1, 25)
            container.mux(pictures.encode(picture))
        container.mux(pictures.encode())
        for piece in pieces:
            container.mux(sound.encode(piece))
        container.mux(sound.encode())


def hear_clicks(data: bytes) -> list[float]:
    """When clicks begin in an MP4, in seconds on the clock of its pictures, as FFmpeg plays it."""
    heard, silent_since = [], -1.0
    with av.open(BytesIO(data)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).reshape(-1, frame.samples).max(0) > 0.2)
            for at in loud:
                now = float(frame.pts * frame.time_base) + int(at) / frame.sample_rate
                if now - silent_since > 0.05:
                    heard.append(now)
                silent_since = now
    return [click for click in heard if click >= 0]
