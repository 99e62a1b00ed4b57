"""PPM, with as many grey levels as one asks for."""

from render.write.format import Format, Option


def encode(pixels, levels):
    height, width = pixels.shape[:2]
    return f"P6 {width} {height} {levels - 1}\n".encode() + (pixels // (256 // levels)).tobytes()


FORMAT = Format(encode, options=(Option("levels", int, 2, 256, default=256),))
