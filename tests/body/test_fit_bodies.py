"""Bodies of a batch from several models: each is its own, whatever is posed and drawn beside it."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.fit_bodies import FitBodies, list_posing
from render.body.mesh_body import MeshBody
from render.body.model import BODY_MODELS, BodyModel
from render.compute.transfer import DeviceQueue
from render.errors import BodyModelError
from render.fits.build import assemble, merge_sources
from render.fits.cameras import pinhole
from render.rasterize.fragments import read_fragments
from render.rasterize.whole import rasterize_shots
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.sources import Meshes
from tests.helpers.drawing import make_placements
from tests.helpers.model_files import make_arrays
from tests.helpers.random_poses import as_poses, draw_poses

CPU = torch.device("cpu")
# A box that leans, and a body of fewer vertices: outward faces, so that both are closed.
PYRAMID = np.array([(0, 0, 0), (1, 0.125, 0), (0.25, 1, 0.125), (0.125, 0.25, 1)], np.float32)
PYRAMID_FACES = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)], np.int32)
WEDGE = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1)], np.float32)
WEDGE_FACES = np.array([(0, 2, 1), (3, 4, 2), (0, 3, 2), (1, 2, 4), (0, 1, 4), (0, 4, 3)], np.int32)
TURN = Rotation.from_rotvec([0.4, -0.9, 0.3]).as_matrix()


class Made(NamedTuple):
    """Two files of one topology, and two topologies of meshes."""

    left: BodyModel
    right: BodyModel
    pyramid: MeshBody
    wedge: MeshBody


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    # Hands are the least models that there are; those of men and women differ as these do.
    arrays, folder = make_arrays("mano"), tmp_path_factory.mktemp("hands")
    other = arrays["v_template"] * [0.9, 1.2, 1.0]
    hands = []
    for name, template in (("left", arrays["v_template"]), ("right", other)):
        path = folder / f"{name}.npz"
        np.savez(path, **(arrays | {"v_template": template}))
        hands.append(BODY_MODELS.load("mano")(path, name, CPU))
        path.unlink()
    return Made(
        *hands,
        MeshBody("pyramid", torch.from_numpy(PYRAMID_FACES), 4, is_closed=True),
        MeshBody("wedge", torch.from_numpy(WEDGE_FACES), 5),
    )


def upright(count: int):
    return pinhole(np.full(count, 500.0), [50.0, 50.0], np.tile([0, 0, 5.0], (count, 1)), is_metric=True)


def of_hands(count: int, seed: int = 0, row=None, rotation=None) -> Fits:
    poses = as_poses("mano", draw_poses("mano", count, seed=seed))
    cameras = upright(count)
    if rotation is not None:
        cameras.rotation[:] = rotation
    return assemble("eft", ["a.png"] * count, poses, cameras, row=row)


def of_meshes(verts: np.ndarray, faces: np.ndarray, row=None, rotation=None) -> Fits:
    cameras = upright(len(verts))
    if rotation is not None:
        cameras.rotation[:] = rotation
    return assemble("meshes", ["a.png"] * len(verts), Meshes("", faces, verts), cameras, row=row)


def pose(bodies: FitBodies, fits: Fits) -> Bodies:
    groups = bodies.prepare(fits, DeviceQueue(CPU))
    for task in list_posing(groups, is_one_task=False):
        task()
    return bodies.join(groups, fits)


def pose_alone(model: BodyModel, fits: Fits, k: int) -> Bodies:
    """One body by its model and nothing else."""
    source = fits.sources[fits.source[k]].bodies
    inputs = tuple(torch.from_numpy(part) for part in model.prepare(source, fits.place[[k]]))
    bodies = model.allocate(1)
    model.pose_chunk(inputs, slice(0, 1), bodies)
    return bodies


PARTS = ("verts", "normals", "joints")


def test_one_model_poses_all_in_the_order_of_the_batch(made):
    fits = of_hands(3).take(np.array([2, 0, 1]))
    found = pose(FitBodies([made.left]), fits)
    for k in range(3):
        alone = pose_alone(made.left, fits, k)
        for part in PARTS:
            assert torch.equal(getattr(found, part)[k], getattr(alone, part)[0])
    assert found.faces is made.left.faces


def test_models_of_one_topology_pose_their_own_people_and_share_their_faces(made):
    fits = merge_sources([of_hands(3, 0, np.array([0, 2, 5])), of_hands(3, 1, np.array([1, 3, 4]))])
    assert fits.source.tolist() == [0, 1, 0, 1, 1, 0]
    models = [made.left, made.right]
    bodies = FitBodies(models)
    found = pose(bodies, fits)
    for k, source in enumerate(fits.source):
        alone = pose_alone(models[source], fits, k)
        for part in PARTS:
            assert torch.equal(getattr(found, part)[k], getattr(alone, part)[0])
    assert torch.equal(found.faces, made.left.faces)
    # The models are not the same, or this would hold of any order.
    assert not torch.equal(pose_alone(made.left, fits, 1).verts, pose_alone(made.right, fits, 1).verts)
    assert bodies.find_key(fits.source) == (0,)
    assert bodies.measure((0,)) == (778, 1538)


def mix(made: Made) -> tuple[Fits, FitBodies]:
    """A hand, two pyramids and a wedge, in no order."""
    pyramids = np.stack([PYRAMID, 0.5 * PYRAMID + [0.25, 0, 1]]).astype(np.float32)
    fits = merge_sources(
        [
            of_hands(1, row=np.array([2])),
            of_meshes(pyramids, PYRAMID_FACES, np.array([0, 3])),
            of_meshes(WEDGE[None], WEDGE_FACES, np.array([1])),
        ]
    )
    return fits, FitBodies([made.left, made.pyramid, made.wedge])


def find_own(bodies: FitBodies, fits: Fits, k: int) -> slice:
    """Where the vertices of a body are among those of all: those of the models in their order."""
    counts = [778, 4, 5]
    source = int(fits.source[k])
    begin = sum(counts[i] for i in range(source) if i in fits.source)
    return slice(begin, begin + counts[source])


def test_bodies_of_several_topologies_keep_their_vertices_normals_and_joints(made):
    fits, bodies = mix(made)
    assert fits.source.tolist() == [1, 2, 0, 1]
    assert bodies.find_key(fits.source) == (0, 1, 2)
    assert bodies.measure((0, 1, 2)) == (778 + 4 + 5, 1538 + 4 + 6)
    found = pose(bodies, fits)
    assert found.verts.shape == (4, 787, 3)
    assert len(found.faces) == 1548
    assert found.faces.dtype == torch.int32
    for k in range(4):
        own = find_own(bodies, fits, k)
        alone = pose_alone(bodies.models[fits.source[k]], fits, k)
        assert torch.equal(found.verts[k, own], alone.verts[0])
        assert torch.equal(found.normals[k, own], alone.normals[0])
        joints = alone.joints.shape[1]
        assert torch.equal(found.joints[k, :joints], alone.joints[0])
        # Joints that a body lacks are nowhere.
        assert found.joints[k, joints:].isnan().all()


def test_faces_of_others_cover_nothing_and_nobody_is_larger_for_them(made):
    fits, bodies = mix(made)
    together = pose(bodies, fits)
    for k in range(4):
        verts = together.verts[k].numpy()
        own = verts[find_own(bodies, fits, k)]
        alone = pose_alone(bodies.models[fits.source[k]], fits, k)
        pictures = []
        for placed, faces in ((verts, together.faces), (alone.verts[0].numpy(), alone.faces)):
            placements = make_placements((placed * 20 + 40)[None], faces.numpy())
            layout, visibility = rasterize_shots(placements, [(80, 80)])
            pictures.append(read_fragments(placements, layout, visibility).pixel)
        assert len(pictures[1]) > 20
        assert torch.equal(pictures[0], pictures[1])
        np.testing.assert_array_equal(verts.min(0), own.min(0))
        np.testing.assert_array_equal(verts.max(0), own.max(0))


def test_the_middle_of_a_body_is_its_own_whatever_is_beside_it(made):
    """Views look at the mean of its vertices, and a pinhole takes its size there."""
    fits, bodies = mix(made)
    found = pose(bodies, fits)
    for k in range(4):
        own = found.verts[k, find_own(bodies, fits, k)]
        # Float32 of numbers of a metre.
        middle, expected = (part.double().mean(0).numpy() for part in (found.verts[k], own))
        np.testing.assert_allclose(middle, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("is_posed", [True, False], ids=["poses", "vertices"])
def test_rotations_turn_what_is_posed_and_not_the_pose(made, is_posed):
    turns = np.stack([np.eye(3), TURN])
    if is_posed:
        plain, turned, model = of_hands(2), of_hands(2, rotation=turns), made.left
    else:
        verts = np.stack([PYRAMID, PYRAMID])
        plain = of_meshes(verts, PYRAMID_FACES)
        turned, model = of_meshes(verts, PYRAMID_FACES, rotation=turns), made.pyramid
    before, after = pose(FitBodies([model]), plain), pose(FitBodies([model]), turned)
    for part in PARTS:
        expected = np.einsum("mij,mkj->mki", turns, getattr(before, part).double().numpy())
        # Float32 of numbers of a metre.
        np.testing.assert_allclose(getattr(after, part), expected, rtol=0, atol=1e-6)
    assert torch.equal(after.verts[0], before.verts[0])


def test_nobody_s_bits_depend_on_the_batch(made):
    """Nor on whether somebody beside it is turned."""
    turned = np.stack([TURN, np.eye(3), TURN.T])
    fits = merge_sources(
        [
            of_hands(3, 0, np.array([0, 2, 5]), turned),
            of_hands(3, 1, np.array([1, 3, 4])),
            of_meshes(
                np.stack([PYRAMID, PYRAMID]), PYRAMID_FACES, np.array([6, 7]), np.stack([TURN, np.eye(3)])
            ),
        ]
    )
    bodies = FitBodies([made.left, made.right, made.pyramid])
    together = pose(bodies, fits)
    for k in range(len(fits)):
        alone = pose(bodies, fits.take(np.array([k])))
        own = slice(778, 782) if fits.source[k] == 2 else slice(0, 778)
        assert torch.equal(together.verts[k, own], alone.verts[0])
        assert torch.equal(together.normals[k, own], alone.normals[0])
        assert torch.equal(together.joints[k, : alone.joints.shape[1]], alone.joints[0])
    some = fits.take(np.array([7, 2, 0]))
    whole = pose(bodies, some)
    for place, k in enumerate((7, 2, 0)):
        assert torch.equal(whole.verts[place], together.verts[k])


def test_sources_of_one_row_each_are_one_topology_and_one_batch(made):
    """As a folder of meshes has them."""
    fits = merge_sources([of_meshes((PYRAMID + k)[None], PYRAMID_FACES, np.array([k])) for k in range(5)])
    models = [MeshBody("mesh", torch.from_numpy(PYRAMID_FACES.copy()), 4) for _ in range(5)]
    bodies = FitBodies(models)
    assert bodies.find_key(fits.source) == (0,)
    assert bodies.measure((0,)) == (4, 4)
    found = pose(bodies, fits.take(np.array([4, 0, 2])))
    np.testing.assert_array_equal(found.verts, np.stack([PYRAMID + 4, PYRAMID, PYRAMID + 2]))


def test_a_mesh_has_more_vertices_than_another_of_the_same_faces(made):
    """The last one is in no face."""
    longer = MeshBody("longer", torch.from_numpy(PYRAMID_FACES), 5)
    loose = np.concatenate([PYRAMID, [[0.5, 0.5, 0.5]]]).astype(np.float32)
    bodies = FitBodies([made.pyramid, longer])
    fits = merge_sources(
        [of_meshes(PYRAMID[None], PYRAMID_FACES), of_meshes(loose[None], PYRAMID_FACES, np.array([1]))]
    )
    assert bodies.measure((0,)) == (5, 4)
    found = pose(bodies, fits)
    np.testing.assert_array_equal(found.verts[0, :4], PYRAMID)
    np.testing.assert_array_equal(found.verts[1], loose)
    assert len(found.faces) == 4


def test_keys_tell_topologies_apart_and_whose_insides_are_never_seen(made):
    fits, bodies = mix(made)
    assert bodies.find_key(fits.source[:1]) == (1,)
    assert bodies.find_key(fits.source[[0, 3]]) == (1,)
    assert bodies.find_key(fits.source[[1, 2]]) == (0, 2)
    assert bodies.measure((0, 2)) == (783, 1544)
    assert bodies.are_closed(fits).tolist() == [True, False, True, True]


def test_anatomies_count_from_where_a_body_s_vertices_begin(made):
    weights = torch.tensor([[1.0, 0], [0, 1], [0, 1], [1, 0]])
    names = ("pelvis", "head")
    headed = MeshBody("headed", torch.from_numpy(PYRAMID_FACES), 4, weights, names)
    fits, _ = mix(made)
    bodies = FitBodies([made.left, headed, made.wedge])
    found = bodies.find_anatomies(fits)
    assert [anatomy.head.tolist() for anatomy in found] == [[779, 780], [], [], [779, 780]]
    assert [anatomy.head.tolist() for anatomy in bodies.find_anatomies(fits.take(np.array([3])))] == [[1, 2]]


def test_meshes_of_another_topology_are_refused(made):
    fits = of_meshes(WEDGE[None], WEDGE_FACES)
    with pytest.raises(
        BodyModelError, match=r"pyramid: expected meshes of the 4 vertices .* found 5 vertices"
    ):
        made.pyramid.check(fits.sources[0].bodies)
    with pytest.raises(BodyModelError, match="found poses of mano"):
        made.pyramid.check(of_hands(1).sources[0].bodies)


def test_colours_are_the_bodies_own_or_those_of_their_source(made):
    """In a batch of several topologies, too; nobody has any where no mode shows them."""
    own = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    pyramids = of_meshes(np.stack([PYRAMID, PYRAMID]), PYRAMID_FACES, np.array([0, 3]))
    source = replace(pyramids.sources[0], bodies=replace(pyramids.sources[0].bodies, colors=own))
    fits = merge_sources(
        [
            replace(pyramids, sources=(source,)),
            of_hands(2, row=np.array([1, 4])),
            of_meshes(WEDGE[None], WEDGE_FACES, np.array([2])),
        ]
    )
    models = [made.pyramid, made.left, made.wedge]
    of_hand = torch.randint(0, 256, (778, 3), dtype=torch.uint8, generator=torch.manual_seed(0))
    of_wedge = torch.full((5, 3), 9, dtype=torch.uint8)
    bodies = FitBodies(models, colors=[None, of_hand, of_wedge])
    found = pose(bodies, fits).colors
    # Pyramids, hands and wedges one after the other.
    assert found.shape == (5, 4 + 778 + 5, 3)
    for k, place in ((0, 0), (3, 1)):
        np.testing.assert_array_equal(found[k, :4], own[place])
    for k in (1, 4):
        assert torch.equal(found[k, 4:782], of_hand)
    assert torch.equal(found[2, 782:], of_wedge)
    alone = pose(bodies, fits.take(np.array([4, 1])))
    assert torch.equal(alone.colors, of_hand.expand(2, -1, -1))
    assert pose(FitBodies(models), fits).colors is None
    with pytest.raises(BodyModelError, match="expected a colour of each vertex"):
        pose(FitBodies(models, colors=[None] * 3), fits)
