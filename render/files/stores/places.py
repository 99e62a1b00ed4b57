"""Which places runs can write to."""

from __future__ import annotations

from render.errors import StoreError
from render.files.stores.urls import is_url, parse_url

# Web servers have no way to write a file only where there is none.
WRITABLE = ("s3", "gs", "az", "file")


def read_output_place(text: str) -> str:
    """The place that a setting names, as `open_output` takes it: of a file:// URL its path.

    Args:
        text: A path, or a URL.

    Raises:
        StoreError: It is a URL that cannot be written to.
    """
    if not is_url(text):
        return text
    url = parse_url(text)
    if url.scheme not in WRITABLE:
        raise StoreError(
            f"{url}: expected a place that runs can write to, found a web server. Set output.dir to a "
            f"folder, or to a URL that begins with {', '.join(f'{one}://' for one in WRITABLE)}."
        )
    return str(url.local_path or url)
