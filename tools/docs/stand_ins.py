"""Stand-ins for the files that pages speak of and that nobody can be given: made in exactly their formats."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.sparse import csc_matrix
from scipy.spatial.transform import Rotation

from render.body.smpl_arrays import SMPL_PARENTS

# What a page calls by a path of somebody's machine lies below the folder of the page.
PLACES = r"(?<![\w./-])/(?=(?:data|shared)/)"
# As a page writes what its reader has: FITS, WALK.npz.
NAMED = re.compile(r"(?<![\w./])[A-Z][A-Z_]*(?:\.\w+)?(?![\w.])")
DEMO = Path("eft_fit/demo/n12_seed0")
# Frames of motion: enough for a step.
FRAMES, EVERY = 30, 4


@dataclass(frozen=True)
class StandIn:
    """A file or folder that commands need.

    Args:
        pattern: Of commands that need it.
        path: Of it, in the folder of the page.
        make: Writes it there; it is given that folder and the path in it.
    """

    pattern: str
    path: str
    make: Callable[[Path, Path], None]


def place(command: str, folder: Path) -> str:
    """A command with paths of somebody's machine as paths below a folder."""
    return re.sub(PLACES, f"{folder}/", command)


def list_needed(command: str) -> list[StandIn]:
    """What has to be there before it runs."""
    return [one for one in STAND_INS if re.search(one.pattern, command)]


def make_needed(command: str, folder: Path) -> None:
    """Makes what is not there yet."""
    for one in list_needed(command):
        path = folder / one.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            one.make(folder, path)


def _copy_fits(folder: Path, path: Path) -> None:
    shutil.copyfile(folder / DEMO / "demo_EFT.json", path)


def _copy_photos(folder: Path, path: Path) -> None:
    shutil.copytree(folder / DEMO / "images", path)


def _pack_photos(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for photo in sorted((folder / DEMO / "images").iterdir()):
            archive.write(photo, f"train2014/{photo.name}")


def _turn_fits(folder: Path, path: Path) -> None:
    maker = folder / "examples" / "inputs" / "other_fits.py"
    subprocess.run([sys.executable, maker, folder / DEMO / "demo_EFT.json", path], check=True)


def _write_colours(folder: Path, path: Path) -> None:
    """Of SMPL's 6,890 vertices, by their numbers."""
    np.savez(path, vertex_colors=np.linspace(0, 1, 3 * 6890).reshape(-1, 3))


def _rename_photos(folder: Path, path: Path) -> None:
    """As PNG, whose names the fit file does not have."""
    path.mkdir()
    for photo in (folder / DEMO / "images").iterdir():
        with Image.open(photo) as opened:
            opened.save(path / f"{photo.stem}.png", compress_level=1)


def _copy_file(name: str) -> Callable[[Path, Path], None]:
    def copy(folder: Path, path: Path) -> None:
        shutil.copyfile(folder / name, path)

    return copy


def _write_model(folder: Path, path: Path) -> None:
    """The demo body with the keys of SMPL's neutral model; its pose moves no vertex but by its joints."""
    with np.load(folder / "extradata" / "demo" / "demo_smpl.npz") as held:
        verts, joints = len(held["v_template"]), len(SMPL_PARENTS)
        weights = np.zeros((verts, joints))
        weights[held["w_r"], held["w_c"]] = held["w_v"]
        model = {
            "v_template": held["v_template"].astype(float),
            "shapedirs": held["shapedirs"].astype(float),
            "posedirs": np.zeros((verts, 3, 9 * (joints - 1))),
            "J_regressor": csc_matrix((held["jr_v"], (held["jr_r"], held["jr_c"])), (joints, verts)),
            "weights": weights,
            "f": held["f"].astype(np.uint32),
            "kintree_table": np.stack([np.array(SMPL_PARENTS) % 2**32, np.arange(joints)]),
        }
    path.write_bytes(pickle.dumps(model, 2))


def _write_regressor(folder: Path, path: Path) -> None:
    """17 joints of SMPL's 6,890 vertices, each the mean of 40 that follow one another."""
    regressor = np.zeros((17, 6890))
    for i, row in enumerate(regressor):
        row[400 * i : 400 * i + 40] = 1 / 40
    np.save(path, regressor)


def _write_predictions(folder: Path, path: Path) -> None:
    """The demo set's people as SPIN's npz; those of B a little turned."""
    people = json.loads((folder / DEMO / "demo_EFT.json").read_text())["data"]
    turned = Rotation.from_euler("y", 6 if path.stem == "B" else 0, degrees=True).as_matrix()
    np.savez(
        path,
        imgname=np.array([person["imageName"] for person in people]),
        center=np.array([person["bbox_center"] for person in people]),
        scale=np.array([person["bbox_scale"] for person in people]),
        pred_cam=np.array([person["parm_cam"] for person in people], np.float32),
        pred_rotmat=(np.array([person["parm_pose"] for person in people]) @ turned).astype(np.float32),
        pred_betas=np.array([person["parm_shape"] for person in people], np.float32),
    )


def _walk(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) and places (T, 3) of the walk of the examples, y up."""
    walk = folder / "walk.smpl"
    subprocess.run([sys.executable, folder / "examples" / "inputs" / "walk.py", walk], check=True)
    with np.load(walk) as held:
        return held["bodyPose"][::EVERY][:FRAMES], held["bodyTranslation"][::EVERY][:FRAMES]


def _turn_root(pose: np.ndarray, degrees: float) -> tuple[np.ndarray, Rotation]:
    turn = Rotation.from_euler("x", degrees, degrees=True)
    return (turn * Rotation.from_rotvec(pose[:, 0])).as_rotvec(), turn


def _write_amass(folder: Path, path: Path) -> None:
    """The walk as AMASS has motion: SMPL-H, z up."""
    pose, transl = _walk(folder)
    root, turn = _turn_root(pose, 90)
    hands = np.zeros((len(pose), 90))
    np.savez(
        path,
        poses=np.hstack([root, pose[:, 1:22].reshape(len(pose), 63), hands]),
        trans=turn.apply(transl),
        betas=np.zeros(16),
        dmpls=np.zeros((len(pose), 8)),
        gender=np.array("neutral"),
        mocap_framerate=np.array(60.0 / EVERY),
    )


def _write_gvhmr(folder: Path, path: Path) -> None:
    """The walk as GVHMR's demo.py saves what it finds in a video of 640 x 480."""
    import torch

    pose, transl = _walk(folder)
    seen, turn = _turn_root(pose, 180)
    before_m = turn.apply(transl) + np.array([0, 1, 9])
    common = {"body_pose": pose[:, 1:22].reshape(len(pose), 63), "betas": np.zeros((len(pose), 10))}
    held = {
        "smpl_params_global": common | {"global_orient": pose[:, 0], "transl": transl},
        "smpl_params_incam": common | {"global_orient": seen, "transl": before_m},
        "K_fullimg": np.tile([[700.0, 0, 320], [0, 700, 240], [0, 0, 1]], (len(pose), 1, 1)),
    }
    torch.save(_as_tensors(held), path)


def _as_tensors(held: dict) -> dict:
    import torch

    return {
        key: _as_tensors(value) if isinstance(value, dict) else torch.tensor(value, dtype=torch.float32)
        for key, value in held.items()
    }


def _write_video(folder: Path, path: Path) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        rows = np.linspace(60, 200, 480)[:, None, None]
        for number in range(FRAMES):
            picture = np.broadcast_to(rows + number, (480, 640, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())


def _draw_sheets(folder: Path, path: Path) -> None:
    words = ["-m", "render", "samples=0:4", f"output.dir={path}"]
    subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True)


# SMPL's model and charts, which one registers for, wherever a data set of poses is drawn with no other body.
_SMPL = r"(?s)^(?!.*\bbody=).*\bdataset=(?!demo\b|amass|sam3d|meshes)|^openjd run"
STAND_INS = (
    StandIn(r"\bFITS\b", "FITS", _copy_fits),
    StandIn(r"\bPHOTOS\b", "PHOTOS", _copy_photos),
    StandIn(r"\bOTHER\b(?!\.)", "OTHER", _turn_fits),
    StandIn(r"\bCOLOURS\.npz\b", "COLOURS.npz", _write_colours),
    StandIn(r"/data/coco/train2017\b", "data/coco/train2017", _rename_photos),
    StandIn(r"\bOTHER\.npz\b", "OTHER.npz", _write_predictions),
    StandIn(r"\bA\.npz\b", "A.npz", _write_predictions),
    StandIn(r"\bB\.npz\b", "B.npz", _write_predictions),
    StandIn(r"\bWALK\.npz\b", "WALK.npz", _write_amass),
    StandIn(r"\bDANCE\.mp4\b", "DANCE.mp4", _write_video),
    StandIn(r"\bhmr4d_results\.pt\b", "hmr4d_results.pt", _write_gvhmr),
    StandIn(r"\bJ_regressor_h36m\.npy\b", "J_regressor_h36m.npy", _write_regressor),
    StandIn(r"/data/coco/train2014\b", "data/coco/train2014", _copy_photos),
    StandIn(r"/data/train2014\.zip\b", "data/train2014.zip", _pack_photos),
    StandIn(r"\bcoco2014_part\b", "eft_fit/COCO2014-Part-ver01.json", _copy_fits),
    StandIn(r"\bcoco2014_all\b", "eft_fit/COCO2014-All-ver01.json", _copy_fits),
    StandIn(r"\boutputs/a/overlay\b", "outputs/a/overlay", _draw_sheets),
    StandIn(r"\boutputs/b/overlay\b", "outputs/b/overlay", _draw_sheets),
    StandIn(r"^openjd ", "openjd.yaml", _copy_file("docs/clusters/openjd.yaml")),
    StandIn(_SMPL, "extradata/smpl/basicModel_neutral_lbs_10_207_0_v1.0.0.pkl", _write_model),
    StandIn(_SMPL, "extradata/densepose/UV_Processed.mat", _copy_file("extradata/demo/demo_charts.mat")),
)
