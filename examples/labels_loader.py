"""Labels of fits for training: a DataLoader of crops, and for each batch what its pixels show.

python examples/labels_loader.py [FITS.json PHOTOS]

Workers read photos while this process draws the labels of whole batches, on a GPU where there is one.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from render import (
    build_sheets,
    label_sheets,
    load_body,
    load_charts,
    pose_fits,
    rasterize_sheets,
    read_fits,
    run_job,
)
from render.resources import DEMO_BODY_FILE

DEMO = ("eft_fit/demo/n12_seed0/demo_EFT.json", "eft_fit/demo/n12_seed0/images")
# A crop of 224 px, magnified.
SIDE_PX = 224
LAYERS = ["iuv", "depth_relative", "normal", "silhouette"]


class Crops(Dataset):
    """The crop of the photo around each person."""

    def __init__(self, fits, folder: Path) -> None:
        self.fits, self.folder = fits, folder

    def __len__(self) -> int:
        return len(self.fits)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """(3, SIDE_PX, SIDE_PX) RGB from 0 to 1, and the place in the fits."""
        photo = cv2.imread(str(self.folder / self.fits.image_name[index]))[:, :, ::-1]
        left, top, side = self.fits.box_px[index]
        scale = side / SIDE_PX
        # From centres of pixels to centres of pixels.
        to_photo = np.array([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(photo, to_photo, (SIDE_PX, SIDE_PX), flags=flags)
        return torch.from_numpy(crop).permute(2, 0, 1) / 255, index


def draw_labels(fits, body, charts) -> dict[str, torch.Tensor]:
    """(B, C, SIDE_PX, SIDE_PX) float32 of each layer, on the device of the body."""
    sheets = build_sheets(
        pose_fits(fits, body), ["crop:1/iuv"], size_px=(SIDE_PX, SIDE_PX), fits=fits, charts=charts
    )
    drawn = label_sheets(sheets, rasterize_sheets(sheets), LAYERS)
    return {name: torch.stack([one[name].movedim(-1, 0) for one in drawn]) for name in LAYERS}


def main(fit_file: str, photos: str) -> None:
    fits, _ = read_fits("eft", fit_file)
    body = load_body()
    charts = load_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), body)
    order = torch.Generator().manual_seed(0)
    for images, rows in DataLoader(Crops(fits, Path(photos)), batch_size=8, shuffle=True, generator=order):
        labels = draw_labels(fits.take(rows.numpy()), body, charts)
        shapes = ", ".join(f"{name} {tuple(layer.shape)}" for name, layer in labels.items())
        print(f"images {tuple(images.shape)}, {shapes}")


if __name__ == "__main__":
    if not Path(DEMO[0]).exists():
        # Makes the demo set.
        run_job(["samples=0", "output.dir=outputs/examples/labels_loader"])
    main(*(sys.argv[1:] or DEMO))
