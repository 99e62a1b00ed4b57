"""A picture or a clip at another width, for the README.

python shrink.py PICTURE RESULT WIDTH [QUALITY [HEIGHT]]; what lies below that height is cut off.
"""

import sys

from PIL import Image, ImageSequence

QUALITY = 80


def main(picture: str, result: str, width: str, quality: str = str(QUALITY), height: str = "") -> None:
    """Writes one file as another, whose suffix says the format."""
    with Image.open(picture) as opened:
        size = int(width), round(opened.height * int(width) / opened.width)
        frames, times_ms = [], []
        for frame in ImageSequence.Iterator(opened):
            # The filter that averages over the pixels that become one.
            small = frame.convert("RGB").resize(size, Image.Resampling.BOX)
            frames.append(small.crop((0, 0, size[0], int(height or size[1]))))
            # Known when the frame has been read.
            times_ms.append(frame.info.get("duration", 0))
    clip = {"save_all": True, "append_images": frames[1:], "duration": times_ms, "loop": 0}
    extra = {**clip, "method": 6} if len(frames) > 1 else {"optimize": True}
    frames[0].save(result, quality=int(quality), **extra)


if __name__ == "__main__":
    main(*sys.argv[1:])
