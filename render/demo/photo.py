"""One demo photo: its people placed in a scene, drawn, and described by their fits."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from render.demo import palette
from render.demo.brushes import grey, tint
from render.demo.develop import develop
from render.demo.lens import defocus, mirror
from render.demo.light import choose_light
from render.demo.people.cast import Posed, Slot
from render.demo.people.crowd import draw_people
from render.demo.people.figure import Figure
from render.demo.people.fit_entry import make_fit_entry
from render.demo.people.mannequin import Mannequin
from render.demo.people.placement import place_people
from render.demo.people.poses import POSES
from render.demo.people.surface import dress
from render.demo.people.wardrobe.outfit import choose_outfit
from render.demo.scenery.lawn import stand_before
from render.demo.scenery.scene import Place, draw_scene, pick_place
from render.demo.scenery.stool import STOOLS, Stool, make_stool
from render.demo.shadows import shade_floor
from render.demo.view import PhotoView
from render.demo.visibility import find_faces


@dataclass(frozen=True)
class DemoPhoto:
    """A photo and what is known of its people, who are in the same order throughout.

    Attributes:
        rgb: (H, W, 3) uint8.
        masks: (H, W) bool of each person, also where others stand before them.
        entries: Of a fit file, one a person.
    """

    rgb: np.ndarray
    masks: list[np.ndarray]
    entries: list[dict]


def make_photo(seed: int, photo: int, slot: Slot, people: list[Posed], mannequin: Mannequin) -> DemoPhoto:
    """Makes one photo of a set.

    Args:
        seed: Of the set.
        photo: Its number in the set.
        slot: Its brief.
        people: Posed for it.
        mannequin: What their bodies share.
    """
    # The last number tells a stream from those of the cast and the place. The fits' cameras are drawn last
    # from the first one, so what is drawn from it must stay as it is: new looks are drawn from the second.
    rng, more = (np.random.default_rng([seed, photo, stream]) for stream in (4, 5))
    about_floor = [person.verts_m - person.floor_m for person in people]
    boxes = np.array([(v[:, 0].min(), v[:, 0].max(), v[:, 1].max()) for v in about_floor])
    view, spots = place_people(rng, slot, boxes)
    figures = [
        Figure(
            person.actor,
            verts,
            person.normals,
            person.joints_m - person.floor_m,
            person.floor_m,
            spot,
            choose_outfit(rng, more, mannequin.marks),
        )
        for verts, person, spot in zip(about_floor, people, spots, strict=True)
    ]
    rgb = develop(rng, _draw_picture(rng, pick_place(seed, photo), view, figures, mannequin))
    # Each person alone, at the photo's own resolution: what a renderer would draw of the fit.
    views = np.stack([figure.verts_px for figure in figures])
    seen = find_faces(views, mannequin.faces, [slot.hw] * len(figures))
    entries = [make_fit_entry(rng, photo, k, figure, slot.hw) for k, figure in enumerate(figures)]
    return DemoPhoto(rgb, [face >= 0 for face, _ in seen], entries)


def _draw_picture(
    rng: np.random.Generator, place: Place, view: PhotoView, figures: list[Figure], mannequin: Mannequin
) -> np.ndarray:
    """The picture (H, W, 3) float32 in linear light, nearer people over farther ones."""
    light = choose_light(rng, place.outdoors)
    farthest_first = sorted(figures, key=lambda figure: figure.place.px_per_m)
    scene = draw_scene(rng, place, view, farthest_first[0].place.px_per_m)
    stools = [_stool_under(figure, mannequin) for figure in farthest_first]
    colours = [np.ones(3) if stool is None else palette.choose(rng, STOOLS) for stool in stools]

    direct, ambient = np.ones((2, *view.hw), np.float32)
    for figure, stool in zip(farthest_first, stools, strict=True):
        shade_floor(direct, ambient, figure.verts_m, mannequin.faces, light, figure.place)
        if stool is not None:
            shade_floor(direct, ambient, stool.verts_m, stool.faces, light, figure.place)
    key, sky = light.toward[1] * light.key, light.sky
    floor = scene.floor * (tint(direct, key) + tint(ambient, sky))

    surfaces = [
        dress(figure, stool, mannequin, light) for figure, stool in zip(farthest_first, stools, strict=True)
    ]
    people, sunk = draw_people(farthest_first, surfaces, colours, mannequin.marks, view.hw, light)
    canvas = scene.backdrop + floor
    if place.gloss:
        edge = int(np.clip(scene.base_px, 0, view.hw[0] - 1)) + 1
        canvas[edge:] += place.gloss * (mirror(scene.backdrop, scene.base_px)[edge:])
    canvas = defocus(canvas, scene.base_px, farthest_first[0].place.floor_px)
    if place.has_blades:
        shown = 1 - sunk * stand_before(view.hw, farthest_first[-1].place.px_per_m)
        people *= cv2.merge([shown] * 4)
    return canvas * grey(1 - people[..., 3]) + people[..., :3]


def _stool_under(figure: Figure, mannequin: Mannequin) -> Stool | None:
    if not POSES[figure.actor.pose_name].seat:
        return None
    seat = figure.verts_m[mannequin.seat]
    # The lowest 5 cm of what one sits on.
    lowest = seat[seat[:, 1] < seat[:, 1].min() + 0.05]
    return make_stool(lowest.mean(0), figure.actor.yaw_rad)
