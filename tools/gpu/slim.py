"""Takes the machine code for other GPUs out of a library, so that it packs to a fraction of its size.

Sizes and places in the file stay as they are: what is taken out becomes zeros. A driver takes the code that
is for its GPU, and never looks at the rest.
"""

from __future__ import annotations

import struct
from pathlib import Path

from tools.gpu.errors import KitError

# Of a fat binary, and before each piece of code in it, as CUDA's header fatbinary.h has them.
MAGIC, VERSION, HEADER_BYTES = 0xBA55ED50, 1, 16
START = struct.pack("<IHH", MAGIC, VERSION, HEADER_BYTES)
# Where an entry's own header has its length and that of the code, and the architecture.
LENGTHS_AT, ARCHITECTURE_AT, LEAST_ENTRY_BYTES = 4, 28, 32


def keep_architecture(path: Path, architecture: int) -> tuple[int, int]:
    """Empties the code for other GPUs out of a library, in place.

    Args:
        path: The library.
        architecture: The compute capability that stays, such as 90.

    Returns:
        The bytes of code that stay and of code that is gone.

    Raises:
        KitError: The library has no code for the architecture, or is not made as this expects.
    """
    content = bytearray(path.read_bytes())
    kept = gone = at = 0
    while (at := content.find(START, at)) >= 0:
        (size,) = struct.unpack_from("<Q", content, at + 8)
        entry, at = at + HEADER_BYTES, at + HEADER_BYTES + size
        if at > len(content):
            raise KitError(f"{path}: expected whole fat binaries, found one that ends behind the file")
        while entry + LEAST_ENTRY_BYTES <= at:
            header_bytes, code_bytes = struct.unpack_from("<IQ", content, entry + LENGTHS_AT)
            (found,) = struct.unpack_from("<I", content, entry + ARCHITECTURE_AT)
            code, entry = entry + header_bytes, entry + header_bytes + code_bytes
            if header_bytes < LEAST_ENTRY_BYTES or entry > at:
                raise KitError(f"{path}: expected code in a fat binary, found an entry that leaves it")
            if found == architecture:
                kept += code_bytes
            else:
                content[code:entry] = bytes(code_bytes)
                gone += code_bytes
    if not kept:
        raise KitError(f"{path}: found no code for compute capability {architecture}")
    path.write_bytes(content)
    return kept, gone
