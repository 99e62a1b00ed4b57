"""Any vertices and faces before cameras of your own, over photos.

python examples/own_meshes.py [MESH.obj]

Two cameras see one mesh, a ring where none is named. Their photos are made here: OpenCV projects a floor of
squares with the same K, R and t, so that one sees whether the mesh stands where it should.
"""

import sys

import cv2
import numpy as np
import trimesh

from render import build_sheets, make_bodies, make_cameras, rasterize_sheets, shade_sheets, write_sheets

WIDTH, HEIGHT = 640, 480
K = np.array([[700, 0, WIDTH / 2], [0, 700, HEIGHT / 2], [0, 0, 1.0]])
EYES_M = np.array([[0.5, -3.0, 1.2], [2.4, -1.6, 2.2]])
TARGET_M = np.array([0, 0, 0.1])


def look_at(eye_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R and t as OpenCV has them: R X + t is x right, y down, z away, for X in a world whose z is up."""
    away = (TARGET_M - eye_m) / np.linalg.norm(TARGET_M - eye_m)
    right = np.cross(away, [0, 0, 1]) / np.linalg.norm(np.cross(away, [0, 0, 1]))
    rotation = np.stack([right, np.cross(away, right), away])
    return rotation, -rotation @ eye_m


def draw_floor(rotation: np.ndarray, transl_m: np.ndarray) -> np.ndarray:
    """(H, W, 3) RGB: squares of 25 cm at z = 0."""
    photo = np.full((HEIGHT, WIDTH, 3), (206, 212, 218), np.uint8)
    for x, y in np.ndindex(8, 8):
        corners = np.array([[x, y, 0], [x + 1, y, 0], [x + 1, y + 1, 0], [x, y + 1, 0]]) / 4 - [1, 1, 0]
        points, _ = cv2.projectPoints(corners, cv2.Rodrigues(rotation)[0], transl_m, K, None)
        color = (112, 98, 90) if (x + y) % 2 else (236, 230, 220)
        cv2.fillConvexPoly(photo, points.round().astype(int), color, cv2.LINE_AA)
    return photo


def main(*path: str) -> None:
    mesh = trimesh.load_mesh(*path) if path else trimesh.creation.torus(0.5, 0.15, 96, 48)
    mesh.apply_translation([0, 0, -mesh.bounds[0, 2]])
    rotation, transl_m = (np.stack(of_all) for of_all in zip(*map(look_at, EYES_M), strict=True))
    # A body for each sheet: (M, V, 3) m.
    bodies = make_bodies(np.stack([mesh.vertices] * 2), mesh.faces)
    cameras = make_cameras(rotation, transl_m, [K[0, 0]] * 2, [K[:2, 2]] * 2)
    photos = [draw_floor(*camera) for camera in zip(rotation, transl_m, strict=True)]
    sheets = build_sheets(bodies, ["camera/clay/photo", "camera/normal"], photos=photos, cameras=cameras)
    pictures = shade_sheets(sheets, rasterize_sheets(sheets), edges="smooth")
    print(*write_sheets(sheets, pictures, "outputs/examples/own_meshes"), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
