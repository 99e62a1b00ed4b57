"""What a message advises, done as a user does it: pasted behind the command into a shell."""

import shlex
from pathlib import Path

from render.photos.folder import PhotoDir
from tests.helpers.runs import configure


def follow_advice(said: str, image_dir: Path, *settings: str) -> PhotoDir:
    """Where the photos are under the settings that stand at the end of the message.

    Args:
        said: The message.
        image_dir: Where they were looked for.
        settings: What was set before.
    """
    words = shlex.split(said.partition(". Set ")[2])
    assert words, said
    before = [f'dataset.image_dir="{image_dir}"', *settings]
    config = configure("dataset=eft", "dataset.fit_file=a.json", *before, *words).dataset
    return PhotoDir(Path(config.image_dir), config.rename_images)
