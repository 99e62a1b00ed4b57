"""A picture or a clip at another width."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageSequence


def shrink(picture: Path, result: Path, width: int, quality: int, height: int | None = None) -> None:
    """Writes one file as another, whose suffix says the format; what lies below that height is cut off."""
    with Image.open(picture) as opened:
        size = width, round(opened.height * width / opened.width)
        frames, times_ms = [], []
        for frame in ImageSequence.Iterator(opened):
            # The filter that averages over the pixels that become one.
            small = frame.convert("RGB").resize(size, Image.Resampling.BOX)
            frames.append(small.crop((0, 0, width, height or size[1])))
            # Known when the frame has been read.
            times_ms.append(frame.info.get("duration", 0))
    clip = {"save_all": True, "append_images": frames[1:], "duration": times_ms, "loop": 0}
    extra = {**clip, "method": 6} if len(frames) > 1 else {"optimize": True}
    frames[0].save(result, quality=quality, **extra)
