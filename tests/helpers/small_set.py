"""A set of small photos."""

import json
from pathlib import Path
from typing import NamedTuple

import cv2

SHRINK = 4


class SmallSet(NamedTuple):
    """A fit file with its photos, the entries of the file, and the settings that draw them on the CPU."""

    fit_file: Path
    image_dir: Path
    entries: list[dict]
    settings: list[str]

    def save(self) -> None:
        """Writes the entries as they are now."""
        self.fit_file.write_text(json.dumps({"ver": 0.1, "data": self.entries}))


def make_small_set(demo_fit_file: Path, folder: Path, people: int) -> SmallSet:
    """The demo set with photos of about 160x120, as often over as it takes, in a sub-folder each time."""
    images = folder / "images"
    images.mkdir(parents=True)
    demo = json.loads(demo_fit_file.read_text())["data"]
    entries = []
    for k in range(people):
        entry = dict(demo[k % len(demo)])
        source = demo_fit_file.parent / "images" / entry["imageName"]
        entry["imageName"] = f"part{k // len(demo)}/{entry['imageName']}"
        photo = images / entry["imageName"]
        if not photo.exists():
            photo.parent.mkdir(exist_ok=True)
            picture = cv2.imread(str(source))
            hw = [length // SHRINK for length in picture.shape[:2]]
            cv2.imwrite(str(photo), cv2.resize(picture, hw[::-1], interpolation=cv2.INTER_AREA))
        entry["annotId"] = k + 1
        entry["bbox_center"] = [value / SHRINK for value in entry["bbox_center"]]
        entry["bbox_scale"] /= SHRINK
        entry["gt_keypoint_2d"] = [[x / SHRINK, y / SHRINK, c] for x, y, c in entry["gt_keypoint_2d"]]
        entries.append(entry)
    fit_file = folder / "fits.json"
    settings = ["dataset=eft", f"dataset.fit_file={fit_file}", f"dataset.image_dir={images}"]
    made = SmallSet(fit_file, images, entries, [*settings, "body=demo", "device=cpu", "threads=2"])
    made.save()
    return made


def count_journal(folder: Path, tag: str = "") -> int:
    """How many records are in the journal of a folder; 0 where there is none."""
    try:
        return (folder / f".manifest.{tag}{'.' if tag else ''}journal").read_bytes().count(b'"sheet"')
    except FileNotFoundError:
        return 0
