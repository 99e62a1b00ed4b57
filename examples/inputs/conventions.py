"""The people of the demo set as other programs would write them: other axes, units and cameras.

smpl-render
python examples/inputs/walk.py outputs/demo/walk.smpl
python examples/inputs/conventions.py eft_fit/demo/n12_seed0/demo_EFT.json outputs/demo/walk.smpl conventions
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.spatial.transform import Rotation

from render import load_body, pose_bodies, read_fits

# Of the longer side: far enough for bodies that were fitted by weak perspective.
FOV_DEG = 24.0
OPENGL, PYTORCH3D, MIRROR = np.array([1, -1, -1]), np.array([-1, -1, 1]), np.array([1, 1, -1])
# HMR's crops, and 4D-Humans': their sides and their focal length.
CROP_PX, HMR2_PX, CROP_FOCAL_PX = 224, 256, 5000.0
# Blender's camera: where it is, with z up, and how far it is turned about that.
BLENDER_M, BLENDER_DEG = np.array([0.5, -1.0, 1.5]), 30.0
# COCO's keypoints.
EYES_EARS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
COCO_JOINTS = (*EYES_EARS, *(f"{side}_{limb}" for limb in LIMBS for side in ("left", "right")))
# What programs with boxes of their own cut out: larger, and beside the person.
BOX_SIZE, BOX_SHIFT = 2.0, np.array([0.45, 0.2])
HMR2_IMAGE = "demo_000003.jpg"


class People:
    """All people of a fit file in EFT's format, with OpenCV's cameras.

    Attributes:
        image: Names of photos.
        wh_px: (M, 2) their sizes.
        verts, joints: (M, V, 3) and (M, K, 3) m, x right, y down, z away.
        scale, origin_px: (M,) and (M, 2) of their weak perspective.
        points_px: (M, K, 2) the joints on the photo.
    """

    def __init__(self, path: Path) -> None:
        fits, _ = read_fits("eft", path)
        self.entries = json.loads(path.read_text())["data"]
        self.poses = fits.sources[0].bodies
        self.body = load_body()
        posed = pose_bodies(self.body, self.poses.rotmat, self.poses.betas)
        self.verts, self.joints = (part.cpu().numpy().astype(float) for part in (posed.verts, posed.joints))
        self.image = fits.image_name.tolist()
        sizes = {name: Image.open(path.parent / "images" / name).size for name in set(self.image)}
        self.wh_px = np.array([sizes[name] for name in self.image], float)
        self.scale, self.origin_px, self.box_px = fits.scale, fits.origin, fits.box_px
        self.points_px = self.origin_px[:, None] + self.scale[:, None, None] * self.joints[..., :2]
        self.focal_px = 0.5 * self.wh_px.max(1) / math.tan(math.radians(FOV_DEG / 2))

    def find_transl(self, focal_px: np.ndarray, center_px: np.ndarray) -> np.ndarray:
        """(M, 3) m where bodies stand before pinholes that see them as large, at the same places."""
        return np.column_stack([(self.origin_px - center_px) / self.scale[:, None], focal_px / self.scale])

    @property
    def axis_angle(self) -> np.ndarray:
        """(M, 72) rad."""
        return Rotation.from_matrix(self.poses.rotmat.reshape(-1, 3, 3)).as_rotvec().reshape(-1, 72)


def make_k(focal_px: np.ndarray, center_px: np.ndarray) -> np.ndarray:
    """(M, 3, 3) camera matrices."""
    k = np.tile(np.eye(3), (len(center_px), 1, 1))
    k[:, 0, 0] = k[:, 1, 1] = focal_px
    k[:, :2, 2] = center_px
    return k


def write_meshes(people: People, folder: Path) -> None:
    """Vertices as dataset=meshes reads them: right, and with the usual mistakes."""
    middle = people.wh_px / 2
    transl = people.find_transl(people.focal_px, middle)
    k, faces = make_k(people.focal_px, middle), people.body.faces.cpu().numpy()
    placed, placed_joints = people.verts + transl[:, None], people.joints + transl[:, None]

    def save(name: str, verts: np.ndarray, joints: np.ndarray, **camera: np.ndarray | float) -> None:
        shown = {"image": people.image, "joints2d": people.points_px, "joints3d": joints, "faces": faces}
        np.savez(folder / f"{name}.npz", vertices=verts.astype(np.float32), **shown, **camera)

    def save_body(name: str, signs: np.ndarray | float, **camera: np.ndarray | float) -> None:
        save(name, people.verts * signs, people.joints * signs, **camera)

    save_body("opencv", 1, K=k, T=transl)
    save_body("opengl", OPENGL, K=k, T=transl)
    save_body("mirrored", MIRROR, K=k, T=transl)
    save("pytorch3d", placed * PYTORCH3D, placed_joints * PYTORCH3D, K=k)
    # Blender's matrix_world leads from the camera's x right, y up, z back to a world whose z is up.
    forward = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    turned = Rotation.from_euler("z", BLENDER_DEG, degrees=True).as_matrix() @ forward
    world, world_joints = placed @ turned.T + BLENDER_M, placed_joints @ turned.T + BLENDER_M
    matrix_world = turned @ np.diag(OPENGL)
    for name, rotation in (
        ("blender", np.diag(OPENGL) @ matrix_world.T),
        ("blender_unturned", matrix_world.T),
    ):
        extrinsics = {
            "R": np.tile(rotation, (len(k), 1, 1)),
            "T": np.tile(-rotation @ BLENDER_M, (len(k), 1)),
        }
        save(name, world, world_joints, K=k, **extrinsics)
    save_body("centimetres", 100, K=k, T=100 * transl)
    save_body("centimetres_bodies", 100, K=k, T=transl)
    save_body("millimetres_transl", 1, K=k, T=1000 * transl)
    save_body("no_camera", 1, T=transl)
    save_body("from_middle", 1, K=make_k(people.focal_px, 0 * middle), T=transl)
    save_body("twice_the_size", 1, K=make_k(2 * people.focal_px, 2 * middle), T=transl)
    save_body("half_a_pixel", 1, K=make_k(people.focal_px, middle - 0.5), T=transl)
    # s (X + t) in the crop, and the pinhole of the crop that people make of it.
    side_px = people.box_px[:, 2]
    center_px = people.box_px[:, :2] + side_px[:, None] / 2
    s = 2 * people.scale / side_px
    t = (people.origin_px - center_px) / people.scale[:, None]
    boxes = {"weak": np.column_stack([s, t]), "bbox_center": center_px, "bbox_size": side_px}
    save_body("crop_with_box", 1, **boxes)
    crop_t = np.column_stack([t, 2 * CROP_FOCAL_PX / (CROP_PX * s)])
    crop_k = make_k(np.full(len(k), CROP_FOCAL_PX), np.full((len(k), 2), CROP_PX / 2))
    save_body("crop", 1, K=crop_k, T=crop_t)


def write_cliff(people: People, folder: Path) -> None:
    """CLIFF's npz, and one with the translations of the crops."""
    frames = sorted(set(people.image))
    found = np.zeros((len(people.image), 8))
    found[:, 0] = [frames.index(name) for name in people.image]
    found[:, 1:5] = np.hstack([people.box_px[:, :2], people.box_px[:, :2] + people.box_px[:, 2:]])
    found[:, 7] = range(len(found))
    transl = people.find_transl(people.focal_px, people.wh_px / 2)
    center_px = people.box_px[:, :2] + people.box_px[:, 2:] / 2
    of_crop = people.find_transl(people.focal_px, center_px)
    for name, global_t in (("cliff", transl), ("cliff_without_box", of_crop)):
        np.savez(
            folder / f"{name}.npz",
            imgname=np.array(frames),
            pose=people.axis_angle,
            shape=people.poses.betas,
            global_t=global_t,
            focal_l=people.focal_px,
            detection_all=found,
        )


def write_weak(people: People, folder: Path) -> None:
    """One camera as SPIN's s (X + t) and as EFT's s X + t, and the first in EFT's file."""
    side_px = BOX_SIZE * people.box_px[:, 2]
    center_px = people.box_px[:, :2] + people.box_px[:, 2:] / 2 + BOX_SHIFT * people.box_px[:, 2:]
    s = 2 * people.scale / side_px
    t = (people.origin_px - center_px) / people.scale[:, None]
    np.savez(
        folder / "spin.npz",
        imgname=np.array(people.image),
        center=center_px,
        scale=side_px / 200,
        pred_cam=np.column_stack([s, t]),
        pred_rotmat=people.poses.rotmat,
        pred_betas=people.poses.betas,
    )
    for name, shift in (("eft", s[:, None] * t), ("eft_with_spins_t", t)):
        entries = [
            {
                **entry,
                "parm_cam": [float(s[i]), *shift[i].tolist()],
                "bbox_center": center_px[i].tolist(),
                "bbox_scale": float(side_px[i] / 200),
            }
            for i, entry in enumerate(people.entries)
        ]
        (folder / f"{name}.json").write_text(json.dumps({"ver": 0.1, "data": entries}))


def write_neuralannot(people: People, folder: Path) -> None:
    """NeuralAnnot's JSON with its annotations, and one with the camera of each photo's first person."""
    side_px = people.box_px[:, 2]
    focal_px = CROP_FOCAL_PX * side_px / CROP_PX
    center_px = people.box_px[:, :2] + side_px[:, None] / 2
    transl = people.find_transl(focal_px, center_px)
    first = [people.image.index(name) for name in people.image]
    for file, of in (("neuralannot", range(len(first))), ("neuralannot_one_camera", first)):
        content = {
            str(i + 1): {
                "smpl_param": {
                    "pose": people.axis_angle[i].tolist(),
                    "shape": people.poses.betas[i].tolist(),
                    "trans": transl[i].tolist(),
                },
                "cam_param": {"focal": [focal_px[camera]] * 2, "princpt": center_px[camera].tolist()},
            }
            for i, camera in enumerate(of)
        }
        (folder / f"{file}.json").write_text(json.dumps(content))
    names = sorted(set(people.image))
    places = [people.body.joint_names.index(name) for name in COCO_JOINTS]
    seen = np.concatenate([people.points_px[:, places], np.full((len(first), len(places), 1), 2)], 2)
    annotations = [
        {
            "id": i + 1,
            "image_id": names.index(name),
            "category_id": 1,
            "bbox": [*people.box_px[i], side_px[i]],
            "keypoints": seen[i].round(2).ravel().tolist(),
            "num_keypoints": len(places),
        }
        for i, name in enumerate(people.image)
    ]
    images = []
    for i, name in enumerate(names):
        width, height = people.wh_px[people.image.index(name)].astype(int).tolist()
        images.append({"id": i, "file_name": name, "width": width, "height": height})
    coco = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}
    (folder / "annotations.json").write_text(json.dumps(coco))


def write_hmr2(people: People, folder: Path) -> None:
    """Meshes of 4D-Humans' demo.py --save_mesh, of one photo."""
    focal_px = CROP_FOCAL_PX / HMR2_PX * people.wh_px.max(1)
    transl = people.find_transl(focal_px, people.wh_px / 2)
    folder.mkdir(exist_ok=True)
    faces = "".join(f"f {a} {b} {c}\n" for a, b, c in (np.asarray(people.body.faces.cpu()) + 1).tolist())
    members = [i for i, name in enumerate(people.image) if name == HMR2_IMAGE]
    for person, i in enumerate(members):
        verts = (people.verts[i] + transl[i]) * OPENGL
        text = "".join(f"v {x:.6f} {y:.6f} {z:.6f}\n" for x, y, z in verts.tolist())
        (folder / f"{Path(HMR2_IMAGE).stem}_{person}.obj").write_text(text + faces)


def write_motion(people: People, walk: Path, folder: Path) -> None:
    """A walk as AMASS has it, with z up, and one with y up."""
    with np.load(walk) as held:
        pose, place_m = held["bodyPose"].astype(float), held["bodyTranslation"].astype(float)
    count = len(pose)
    # Bodies turn about their pelvis, which is not their origin.
    rest = pose_bodies(people.body, np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)), up="-y")
    pelvis_m = rest.joints[0, 0].cpu().numpy().astype(float)
    turned = Rotation.from_euler("x", 90, degrees=True)
    for name, turn in (("y_up", Rotation.identity()), ("z_up", turned)):
        angles = pose.copy()
        angles[:, 0] = (turn * Rotation.from_rotvec(pose[:, 0])).as_rotvec()
        np.savez(
            folder / f"{name}.npz",
            poses=angles.reshape(count, 72),
            trans=turn.apply(place_m + pelvis_m) - pelvis_m,
            betas=np.zeros(10),
            gender="neutral",
            mocap_framerate=60.0,
        )


def main(fits: str, walk: str, result: str) -> None:
    """Writes a file for each convention, and for each mistake, into a folder."""
    people, folder = People(Path(fits)), Path(result)
    folder.mkdir(parents=True, exist_ok=True)
    write_meshes(people, folder)
    write_cliff(people, folder)
    write_weak(people, folder)
    write_neuralannot(people, folder)
    write_hmr2(people, folder / "demo_out")
    write_motion(people, Path(walk), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
